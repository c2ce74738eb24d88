package transport

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// Proxy returns the proxy that the environment names for a server's address, as SCHEME://HOST:PORT, and the variable
// that names it; both are empty if there is none. Errors are *DialError, of kind DialProxy if the proxy cannot be used.
func Proxy(address string) (proxy, variable string, err error) {
	u, err := ParseAddress(address)
	if err != nil {
		return "", "", err
	}
	p, variable, err := proxyFor(u)
	if err != nil {
		return "", variable, dialError(context.Background(), u, nil, err, "")
	}
	if p == nil {
		return "", "", nil
	}
	return p.Scheme + "://" + p.Host, variable, nil
}

// proxyFor returns the proxy that the environment names for u, nil if there is none, and the variable that names it.
// Errors are *ProxySettingError.
func proxyFor(u *url.URL) (*url.URL, string, error) {
	names := []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"}
	if u.Scheme == "wss" {
		names = []string{"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"}
	}
	variable := ""
	for _, name := range names {
		if os.Getenv(name) != "" {
			variable = name
			break
		}
	}
	if variable == "" || exempt(u) {
		return nil, "", nil
	}
	if variable == "HTTP_PROXY" && os.Getenv("REQUEST_METHOD") != "" {
		return nil, variable, &ProxySettingError{variable,
			"is not believed where REQUEST_METHOD is set, since there a visitor of a web server may have set it"}
	}
	p, err := parseProxy(os.Getenv(variable))
	if err != nil {
		return nil, variable, &ProxySettingError{variable, err.Error()}
	}
	return p, variable, nil
}

// exempt reports whether u is reached without a proxy, by NO_PROXY or because it is this machine.
func exempt(u *url.URL) bool {
	c := httpproxy.FromEnvironment()
	c.CGI, c.HTTPProxy, c.HTTPSProxy = false, "http://proxy.invalid", "http://proxy.invalid" // any will do
	web := *u
	web.Scheme = map[string]string{"ws": "http", "wss": "https"}[u.Scheme]
	p, err := c.ProxyFunc()(&web)
	return err == nil && p == nil
}

// parseProxy parses a proxy's address: a link, or HOST:PORT for one of kind http. SOCKS without a version is 5, as for curl.
func parseProxy(s string) (*url.URL, error) {
	if !strings.Contains(s, "://") {
		s = "http://" + s
	}
	p, err := url.Parse(s)
	if err != nil || p.Hostname() == "" {
		return nil, errors.New("is not the address of a proxy") // the parser's error would repeat a password
	}
	if n, err := strconv.Atoi(p.Port()); p.Port() != "" && (err != nil || n < 1 || n > 65535) {
		return nil, errors.New("is not the address of a proxy: a port is 1 to 65535")
	}
	switch p.Scheme {
	case "http", "https", "socks5", "socks5h":
	case "socks":
		p.Scheme = "socks5"
	default:
		return nil, fmt.Errorf("names a proxy of kind %s, which is not supported", p.Scheme)
	}
	return p, nil
}

// tunnels reports whether a proxy is asked for a tunnel by CONNECT.
func tunnels(p *url.URL) bool { return p != nil && !strings.HasPrefix(p.Scheme, "socks") }

// ProxySettingError is a proxy in the environment that cannot be used.
type ProxySettingError struct{ Variable, What string }

// Error names the variable and not its value, which may hold a password.
func (e *ProxySettingError) Error() string { return e.Variable + " " + e.What }

// ProxyError is a proxy that did not do what it was asked.
type ProxyError struct {
	Host, What string
	Status     int   // of its answer to CONNECT; 0: none
	Err        error // the cause; may be nil
}

// Error names the proxy and what it did.
func (e *ProxyError) Error() string { return fmt.Sprintf("proxy %s: %s", e.Host, e.What) }

// Unwrap returns the cause.
func (e *ProxyError) Unwrap() error { return e.Err }
