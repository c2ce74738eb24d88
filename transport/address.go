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

// ParseAddress parses what a person types: host, host:port, [v6]:port, a bare IPv6 address, or a ws, wss, http or https
// link, such as that of the server's own page (/watch). An IPv6 zone may be typed as it is (%eth0) or as in links
// (%25eth0). The result has scheme ws or wss, path /acip unless another was given, and no fragment: the fragment may be
// a secret and is never read. The port is packet.DefaultPort, except that wss and https links mean 443 and http links
// 80. Errors are *DialError of kind DialAddress.
func ParseAddress(s string) (*url.URL, error) {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "#")
	u, err := url.Parse(asLink(s))
	if err == nil {
		err = complete(u)
	}
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) { // it would repeat the address, secrets included
			err = wrapped.Err
		}
		return nil, &DialError{URL: packet.CleanText(Shown(s)), Kind: DialAddress, Detail: packet.CleanText(err.Error()), Err: err}
	}
	return u, nil
}

// Shown returns what was typed as an address, valid or not, without what may be secret: the query, the fragment, and a
// name and password.
func Shown(address string) string {
	if end := strings.IndexAny(address, "?#"); end >= 0 {
		address = address[:end]
	}
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		scheme, rest = "", address
	}
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		rest = rest[at+1:]
	}
	if ok {
		return scheme + "://" + rest
	}
	return rest
}

// asLink puts what was typed into the form that url.Parse takes: with a scheme, an IPv6 address in brackets, and its
// zone escaped.
func asLink(s string) string {
	scheme, rest, link := strings.Cut(s, "://")
	if !link {
		scheme, rest = "ws", s
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	host, path := rest[:end], rest[end:]
	user := ""
	if at := strings.LastIndex(host, "@"); at >= 0 {
		user, host = host[:at+1], host[at+1:]
	}
	if ip, zone, ok := strings.Cut(host, "%"); ok || !strings.HasPrefix(host, "[") {
		if v, err := netip.ParseAddr(ip); err == nil && v.Is6() && (!ok || zone != "") {
			host = "[" + host + "]"
		}
	}
	if closing := strings.LastIndex(host, "]"); strings.HasPrefix(host, "[") && closing > 0 {
		if ip, zone, ok := strings.Cut(host[1:closing], "%"); ok {
			host = "[" + ip + "%25" + escapeZone(zone, link) + host[closing:]
		}
	}
	return scheme + "://" + user + host + path
}

// escapeZone escapes an IPv6 zone as in links (RFC 6874), without the %25 in front. Zones are typed both ways: %eth0
// and %25eth0. Outside links, %25 and a number mean the interface with that number, as on Windows.
func escapeZone(zone string, link bool) string {
	rest, escaped := strings.CutPrefix(zone, "25")
	if escaped && rest != "" && (link || strings.Trim(rest, "0123456789") != "") {
		return rest
	}
	return url.PathEscape(zone)
}

// complete checks a link and fills in what it leaves out.
func complete(u *url.URL) error {
	port := "" // in which case the scheme's own is meant
	switch strings.ToLower(u.Scheme) {
	case "ws":
		port = strconv.Itoa(packet.DefaultPort)
	case "http":
		u.Scheme, port = "ws", "80"
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
	if path := endpoint(u.Path); path != u.Path {
		u.Path, u.RawPath = path, ""
	}
	return nil
}

// endpoint returns the WebSocket's path, given the path of a link. The server's page and its WebSocket are side by
// side, also behind a proxy that puts both under a path of its own.
func endpoint(path string) string {
	if strings.Trim(path, "/") == "" {
		return packet.DefaultPath
	}
	bare := strings.TrimRight(path, "/")
	if base, ok := strings.CutSuffix(bare, "/watch"); ok {
		return base + packet.DefaultPath
	}
	if strings.HasSuffix(bare, packet.DefaultPath) {
		return bare
	}
	return path
}

// public returns a link without what may be secret in it, for errors.
func public(u *url.URL) string {
	c := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return c.String()
}
