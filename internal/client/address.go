package client

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// defaultPort is where acip-server listens unless told otherwise.
const defaultPort = "27226"

// Address turns what a person types into the WebSocket address of a server: a host, host:port, an IPv6 address with or
// without brackets, or a ws://, wss://, http:// or https:// link. An address without a port means 27226, one with TLS
// 443. A link may carry the room as ?room=NAME. Empty is localhost.
func Address(typed string) (address, room string, err error) {
	s := strings.TrimSpace(typed)
	if s == "" {
		s = "localhost"
	}
	if !strings.Contains(s, "://") {
		s = "ws://" + bracket(s)
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return "", "", &addressError{typed}
	}
	switch strings.ToLower(u.Scheme) {
	case "ws", "http":
		u.Scheme = "ws"
	case "wss", "https":
		u.Scheme = "wss"
	default:
		return "", "", &addressError{typed}
	}
	if u.Port() == "" && u.Scheme == "ws" {
		u.Host = net.JoinHostPort(u.Hostname(), defaultPort)
	}
	room = u.Query().Get("room")
	u.RawQuery, u.Fragment = "", ""
	if u.Path == "" || u.Path == "/" {
		u.Path = "/acip"
	}
	return u.String(), room, nil
}

// bracket puts a bare IPv6 address in the brackets that URLs want, its zone escaped.
func bracket(s string) string {
	host, zone, _ := strings.Cut(s, "%")
	if net.ParseIP(host) == nil || !strings.Contains(host, ":") {
		return s
	}
	if zone != "" {
		host += "%25" + zone
	}
	return "[" + host + "]"
}

// addressError is an address that is none.
type addressError struct{ typed string }

func (e *addressError) Error() string { return fmt.Sprintf("%q is not an address", e.typed) }

// Hint implements hinter.
func (e *addressError) Hint() string {
	return "an address is host, host:port, ws://host:port or wss://host"
}

// Usage implements the marker of errors of usage.
func (e *addressError) Usage() {}
