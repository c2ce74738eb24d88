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

// Proxy is the proxy that the environment names for a server's address, as SCHEME://HOST:PORT, and the variable that names
// it; both are empty for a straight way. Errors are *DialError, of kind DialProxy where the proxy is none that can be used.
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

// proxyFor is the proxy that the environment names for u, nil for a straight way, and the variable that names it. Errors are
// *proxySetting.
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
		return nil, variable, &proxySetting{variable, "is not believed where REQUEST_METHOD is set, since there a visitor of a web server may have set it"}
	}
	p, err := parseProxy(os.Getenv(variable))
	if err != nil {
		return nil, variable, &proxySetting{variable, err.Error()}
	}
	return p, variable, nil
}

// exempt reports whether u is reached straight, by NO_PROXY or because it is this machine.
func exempt(u *url.URL) bool {
	c := httpproxy.FromEnvironment()
	c.CGI, c.HTTPProxy, c.HTTPSProxy = false, "http://proxy.invalid", "http://proxy.invalid" // any will do
	web := *u
	web.Scheme = map[string]string{"ws": "http", "wss": "https"}[u.Scheme]
	p, err := c.ProxyFunc()(&web)
	return err == nil && p == nil
}

// parseProxy reads a proxy's address: a link, or HOST:PORT for one of kind http. SOCKS without a version is 5, as for curl.
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

// proxySetting is a proxy in the environment that can't be used.
type proxySetting struct{ variable, what string }

// Error names the variable, and not its value, in which a password may stand.
func (e *proxySetting) Error() string { return e.variable + " " + e.what }

// proxyError is a proxy that did not do what it was asked.
type proxyError struct {
	host, what string
	status     int // its answer to CONNECT; 0: none
	err        error
}

func (e *proxyError) Error() string { return fmt.Sprintf("proxy %s: %s", e.host, e.what) }
func (e *proxyError) Unwrap() error { return e.err }
