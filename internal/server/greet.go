package server

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"acip/packet"
)

// greet says how to join: to a person in lines, else in one log line.
func (s *Server) greet(a net.Addr) {
	addresses := joinAddresses(a)
	s.config.Log.Info().Str("addr", a.String()).Strs("join", addresses).Int("slots", s.config.MaxClients).
		Str("version", s.config.Version).Msg("serving")
	if s.config.Banner == nil {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "acip-server %s serves %d places on %s\n\n", s.config.Version, s.config.MaxClients, a)
	for i, at := range addresses {
		what := "Join with:"
		if i > 0 {
			what = "       or:"
		}
		fmt.Fprintf(&b, "  %s  acip-client --camera 0 %s\n", what, at)
	}
	fmt.Fprintf(&b, "\nCtrl-C ends the call for everybody.\n")
	_, _ = fmt.Fprint(s.config.Banner, b.String()) // nobody there to tell
}

// joinAddresses is how clients can reach a listener, those of other machines
// first.
func joinAddresses(a net.Addr) []string {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return []string{}
	}
	if !ap.Addr().IsUnspecified() {
		return []string{address(ap.Addr(), ap.Port())}
	}
	var all []string
	for _, ip := range ownAddresses(ap.Addr().Is4()) {
		all = append(all, address(ip, ap.Port()))
	}
	return append(all, "ws://localhost"+portSuffix(ap.Port()))
}

// address is where to connect; the port is left out where it is the usual one.
func address(ip netip.Addr, port uint16) string {
	host := ip.Unmap().String()
	if ip.Unmap().Is6() {
		host = "[" + host + "]"
	}
	return "ws://" + host + portSuffix(port)
}

func portSuffix(port uint16) string {
	if port == packet.DefaultPort {
		return ""
	}
	return ":" + strconv.Itoa(int(port))
}

// ownAddresses is this machine's addresses that others can reach, IPv4 first.
func ownAddresses(only4 bool) []netip.Addr {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var four, six []netip.Addr
	for _, a := range addrs {
		p, err := netip.ParsePrefix(a.String())
		if err != nil || p.Addr().IsLoopback() || p.Addr().IsLinkLocalUnicast() {
			continue
		}
		if ip := p.Addr().Unmap(); ip.Is4() {
			four = append(four, ip)
		} else if !only4 {
			six = append(six, ip)
		}
	}
	return append(four, six...)
}
