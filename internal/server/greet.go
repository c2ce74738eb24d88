package server

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"acip/packet"
)

// greet says how to join: to a person in lines, else in one log line.
func (s *Server) greet(at netip.AddrPort, cert *certificate) {
	a := at.String()
	addresses := joinAddresses(at, cert)
	s.config.Log.Info().Str("addr", a).Strs("join", addresses).Int("slots", s.config.MaxClients).
		Str("version", s.config.Version).Msg("serving")
	if s.config.Banner == nil {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "acip-server %s: listening on %s, up to %d people\n\n", s.config.Version, a, s.config.MaxClients)
	for i, at := range addresses {
		what := "Join with:"
		if i > 0 {
			what = "       or:"
		}
		fmt.Fprintf(&b, "  %s  acip-client --camera 0 %s\n", what, at)
	}
	if len(addresses) > 0 && !strings.Contains(addresses[0], "%") { // browsers take no zones: https://github.com/whatwg/url/issues/392
		fmt.Fprintf(&b, "\nOr watch in a browser: %s\n", pageAddress(addresses[0]))
	}
	if s.token.wanted {
		fmt.Fprintf(&b, "\nClients need the token: --token-file FILE, or ACIP_TOKEN.\n")
	}
	fmt.Fprintf(&b, "\nCtrl-C ends the call for everybody.\n")
	_, _ = fmt.Fprint(s.config.Banner, b.String()) // nobody there to tell
}

// joinAddresses is how clients can reach a listener, those of other machines
// first; by TLS, the names that the certificate is for.
func joinAddresses(ap netip.AddrPort, cert *certificate) []string {
	if !ap.IsValid() {
		return []string{}
	}
	var hosts []string
	switch names := cert.names(); {
	case len(names) > 0:
		hosts = names
	case !ap.Addr().IsUnspecified():
		hosts = []string{hostOf(ap.Addr())}
	default:
		for _, ip := range ownAddresses(ap.Addr().Is4()) {
			hosts = append(hosts, hostOf(ip))
		}
		hosts = append(hosts, "localhost")
	}
	for i, h := range hosts {
		hosts[i] = address(h, ap.Port(), cert != nil)
	}
	return hosts
}

// listening is where a listener is bound. Of an address with a zone the listener itself does not know the zone on
// Linux, without which nobody can connect: it comes from what was asked for.
func listening(a net.Addr, asked string) netip.AddrPort {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.AddrPort{}
	}
	host, _ := splitHost(plainZone(asked))
	if ip, err := netip.ParseAddr(host); err == nil && ip.Zone() != "" && ap.Addr().Zone() == "" && ip.WithZone("") == ap.Addr() {
		return netip.AddrPortFrom(ip, ap.Port())
	}
	return ap
}

// pageAddress is where a browser finds the page of a server that clients join at an address; its port is the one that
// browsers take for usual, or is written.
func pageAddress(join string) string {
	scheme, host, _ := strings.Cut(join, "://")
	if scheme == "wss" {
		return "https://" + host + "/watch"
	}
	if u, err := url.Parse(join); err == nil && u.Port() == "" {
		host += ":" + strconv.Itoa(packet.DefaultPort)
	}
	return "http://" + strings.TrimSuffix(host, ":80") + "/watch"
}

// address is where to connect; the port is left out where it is the usual one.
func address(host string, port uint16, secure bool) string {
	scheme, usual := "ws://", uint16(packet.DefaultPort)
	if secure {
		scheme, usual = "wss://", 443
	}
	if port == usual {
		return scheme + host
	}
	return scheme + host + ":" + strconv.Itoa(int(port))
}

// hostOf is an address as a link has it.
func hostOf(ip netip.Addr) string {
	if ip = ip.Unmap(); ip.Is6() {
		return "[" + strings.Replace(ip.String(), "%", "%25", 1) + "]"
	}
	return ip.String()
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
