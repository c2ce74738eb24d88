package server

import (
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// local reports whether a request was made by a program of this machine's own for this very server, so that it may see
// names and rooms where no token guards them. A connection from here alone proves nothing: a proxy on this machine
// makes one for each stranger, and a browser here shows pages of strangers. A proxy is known by what it adds to a
// request, by the port that was asked for, and, where the system tells, by the user that it runs as.
func local(r *http.Request) bool {
	peer, here := parseEnd(r.RemoteAddr), served(r)
	switch {
	case !peer.Addr().IsLoopback() && (!here.IsValid() || peer.Addr() != here.Addr()):
		return false
	case forwarded(r) || !askedFor(r.Host, here):
		return false
	}
	uid, ok := peerUser(peer, here)
	return !ok || uid == 0 || uid == os.Geteuid()
}

// forwarded reports whether a request shows that a proxy made it.
func forwarded(r *http.Request) bool {
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Forwarded-") {
			return true
		}
	}
	upgrades := r.Header.Get("Upgrade") == "" && strings.EqualFold(r.Header.Get("Connection"), "upgrade")
	return upgrades || !r.ProtoAtLeast(1, 1) || slices.ContainsFunc([]string{"Forwarded", "Via", "X-Real-Ip"}, func(name string) bool { return r.Header.Get(name) != "" })
}

// askedFor reports whether a Host header is this machine's number or localhost, which no stranger's DNS can point
// elsewhere, and the port that is served; an invalid end is any port.
func askedFor(host string, here netip.AddrPort) bool {
	name, port := splitHost(host)
	if here.IsValid() && port != strconv.Itoa(int(here.Port())) && (port != "" || here.Port() != 80 && here.Port() != 443) {
		return false
	}
	ip := parse(name)
	return strings.EqualFold(name, "localhost") || ip.IsLoopback() || ip.IsValid() && here.IsValid() && ip.Unmap() == here.Addr()
}

// splitHost takes HOST or HOST:PORT apart; brackets are gone.
func splitHost(s string) (host, port string) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return strings.Trim(s, "[]"), ""
	}
	return host, port
}

// served is this end of a request's connection; invalid where there is none, as in tests.
func served(r *http.Request) netip.AddrPort {
	a, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return netip.AddrPort{}
	}
	return parseEnd(a.String())
}

// parseEnd reads ADDRESS:PORT, IPv4 as such.
func parseEnd(s string) netip.AddrPort {
	ap, err := netip.ParseAddrPort(s)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
