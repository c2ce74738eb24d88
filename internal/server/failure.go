package server

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"

	"acip/packet"
)

// Error is a failure to serve, in words for whoever started the server.
type Error struct {
	Msg   string
	Hint  string // a clause or a command that helps; may be empty
	Usage bool   // what was asked for makes no sense, as against: could not be had
	Err   error  // the cause; may be nil
}

// Error is the sentence.
func (e *Error) Error() string { return e.Msg }

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// CheckListen refuses what Listen could never bind: anything but HOST:PORT. Failures are *Error.
func CheckListen(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err == nil {
		return nil
	}
	hint := fmt.Sprintf("for example: acip-server --listen %s, or --listen 127.0.0.1:%d", DefaultListen, packet.DefaultPort)
	return &Error{Msg: fmt.Sprintf("%q is not HOST:PORT", address), Hint: hint, Usage: true, Err: err}
}

// Listen binds exactly the address asked for: a host of 0.0.0.0 is IPv4 only,
// none is every address of either kind. Failures are *Error.
func Listen(address string) (net.Listener, error) {
	if err := CheckListen(address); err != nil {
		return nil, err
	}
	address = plainZone(address)
	host, port, _ := net.SplitHostPort(address) // checked
	network := "tcp"
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is4() {
		network = "tcp4"
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, listenError(address, port, err)
	}
	return l, nil
}

// linkLocal reports whether HOST:PORT is an IPv6 address that means something on one interface only.
func linkLocal(address string) bool {
	ap, err := netip.ParseAddrPort(address)
	return err == nil && ap.Addr().Is6() && ap.Addr().IsLinkLocalUnicast()
}

// plainZone is an address whose IPv6 zone is written as the system takes it, %eth0, where links have %25eth0. A number
// behind %25 is taken for an interface of that number, as Windows writes it.
func plainZone(address string) string {
	ip, zone, ok := strings.Cut(address, "%25")
	name, _, _ := strings.Cut(zone, "]")
	if !ok || strings.Trim(name, "0123456789") == "" {
		return address
	}
	return ip + "%" + zone
}

// listenError says why an address cannot be had.
func listenError(address, port string, err error) error {
	e := &Error{Msg: fmt.Sprintf("listen %s: %s", address, cause(err)), Err: err}
	var dns *net.DNSError
	var zone *net.AddrError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		e.Msg = fmt.Sprintf("listen %s: port %s is in use", address, port)
		e.Hint = "another acip-server may be running; take another port: acip-server --listen :0"
	case errors.Is(err, syscall.EACCES):
		e.Msg = fmt.Sprintf("listen %s: no permission for port %s", address, port)
		e.Hint = "ports below 1024 need a privilege; take another: acip-server --listen " + DefaultListen
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		e.Msg = fmt.Sprintf("listen %s: this machine has no such address", address)
		e.Hint = "take all that it has: acip-server --listen :" + port
	case strings.Contains(address, "%") && (errors.Is(err, syscall.EINVAL) || errors.As(err, &zone)):
		e.Msg = fmt.Sprintf("listen %s: this machine has no such address on such an interface", address)
		e.Hint = "ip -6 address lists them; take all that it has: acip-server --listen :" + port
	case errors.Is(err, syscall.EINVAL) && linkLocal(address):
		e.Msg = fmt.Sprintf("listen %s: a link-local address needs its interface", address)
		e.Hint = "for example, where that is eth0: acip-server --listen '" + strings.Replace(address, "]", "%eth0]", 1) + "'"
	case errors.As(err, &dns):
		e.Usage = true
		e.Hint = "take all of this machine's addresses: acip-server --listen :" + port
	}
	return e
}

// cause is the innermost text of an error.
func cause(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return strings.TrimSpace(err.Error())
		}
		err = next
	}
}
