package transport

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"acip/packet"
)

// ParseAddress reads what a person types: host, host:port, [v6]:port, a bare IPv6
// address, or a ws, wss, http or https link. The result has scheme ws or wss and
// path /acip unless another was given. The port is packet.DefaultPort, except
// that wss and https links mean 443 and http links 80, as everywhere. Errors are
// *DialError of kind DialAddress.
func ParseAddress(s string) (*url.URL, error) {
	s = strings.TrimSpace(s)
	link := s
	if !strings.Contains(s, "://") {
		if ip, err := netip.ParseAddr(s); err == nil && ip.Is6() {
			link = "[" + strings.ReplaceAll(s, "%", "%25") + "]"
		}
		link = "ws://" + link
	}
	u, err := url.Parse(link)
	if err == nil {
		err = complete(u)
	}
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) { // it would repeat the address, secrets included
			err = wrapped.Err
		}
		return nil, &DialError{URL: packet.CleanText(strings.SplitN(s, "?", 2)[0]), Kind: DialAddress, Detail: packet.CleanText(err.Error()), Err: err}
	}
	return u, nil
}

// complete checks a link and fills in what it leaves out.
func complete(u *url.URL) error {
	port := ""
	switch strings.ToLower(u.Scheme) {
	case "ws":
		port = strconv.Itoa(packet.DefaultPort)
	case "http":
		u.Scheme = "ws"
	case "wss", "https":
		u.Scheme = "wss"
	default:
		return errors.New("the scheme is ws, wss, http or https")
	}
	if u.Hostname() == "" {
		return errors.New("no host")
	}
	if strings.HasPrefix(u.Hostname(), "-") {
		return errors.New("a host does not begin with a dash")
	}
	if n, err := strconv.Atoi(u.Port()); u.Port() != "" && (err != nil || n < 1 || n > 65535) {
		return errors.New("a port is 1 to 65535")
	}
	if u.Port() == "" && port != "" {
		u.Host = net.JoinHostPort(u.Hostname(), port)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = packet.DefaultPath
	}
	u.Fragment = ""
	return nil
}

// public is a link without what may be secret in it, for errors.
func public(u *url.URL) string {
	c := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return c.String()
}
