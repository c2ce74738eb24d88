package lan

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/mdns"
)

// Server is one that was found.
type Server struct {
	Name    string         // safe for a screen
	Address netip.AddrPort // where to connect, as far as the stranger can be believed
	Secure  bool           // it says that it speaks TLS
}

// String is the address as a client takes it.
func (s Server) String() string {
	if s.Secure {
		return "wss://" + s.Address.String()
	}
	return s.Address.String()
}

// Limits of what is taken from strangers, and how long one question waits: the library does not end a question early, so
// that a short one bounds how long an end takes.
const (
	mostServers = 32
	mostName    = 40
	round       = 250 * time.Millisecond
)

// Find asks who is there until ctx ends, and returns whom it found, by name. Every question has ended when it returns,
// which is at most a quarter of a second later.
func Find(ctx context.Context) []Server {
	c := collection{mine: networks()}
	for ctx.Err() == nil {
		if !c.ask() {
			break
		}
	}
	return c.list()
}

// collection is what has been found so far.
type collection struct {
	mine  []netip.Prefix
	found []Server
}

// ask puts one question on every interface; false: none could carry it.
func (c *collection) ask() bool {
	entries := make(chan *mdns.ServiceEntry, 4*mostServers) // never closed: the library's senders do not block
	var group sync.WaitGroup
	var mu sync.Mutex
	asked := 0
	for _, p := range questions(entries) {
		group.Go(func() {
			if mdns.Query(p) == nil {
				mu.Lock()
				asked++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	for len(entries) > 0 {
		c.add(<-entries)
	}
	return asked > 0
}

// questions are one for each interface and kind of address: the library gives a question up when either kind fails.
func questions(entries chan<- *mdns.ServiceEntry) (list []*mdns.QueryParam) {
	for _, i := range interfaces() {
		if len(addresses(i, nil)) == 0 {
			continue
		}
		for _, six := range []bool{false, true} {
			list = append(list, &mdns.QueryParam{
				Service: service, Domain: "local", Timeout: round, Interface: &i, Entries: entries, WantUnicastResponse: true,
				DisableIPv4: six, DisableIPv6: !six, Logger: silent(),
			})
		}
	}
	return list
}

// add takes an answer in, if it is one of ours and makes sense.
func (c *collection) add(e *mdns.ServiceEntry) {
	instance, ok := strings.CutSuffix(e.Name, "."+service+"."+domain)
	if !ok || e.Port <= 0 || e.Port > 65535 {
		return
	}
	name := clean(unescape(instance))
	for _, ip := range ips(e) {
		s := Server{name, netip.AddrPortFrom(ip, uint16(e.Port)), slices.Contains(e.InfoFields, factTLS)}
		if len(c.found) < mostServers && reachable(ip) && !slices.Contains(c.found, s) {
			c.found = append(c.found, s)
		}
	}
}

func ips(e *mdns.ServiceEntry) (list []netip.Addr) {
	if ip, ok := netip.AddrFromSlice(e.AddrV4); ok {
		list = append(list, ip.Unmap())
	}
	if e.AddrV6IPAddr != nil {
		if ip, ok := netip.AddrFromSlice(e.AddrV6IPAddr.IP); ok {
			list = append(list, ip.WithZone(e.AddrV6IPAddr.Zone))
		}
	}
	return list
}

// reachable refuses addresses that cannot be another machine's.
func reachable(ip netip.Addr) bool {
	return ip.IsGlobalUnicast() || ip.IsLinkLocalUnicast() && (ip.Is4() || ip.Zone() != "")
}

// list is one address for each server: the one nearest to this machine, IPv4 first, since people read it.
func (c *collection) list() []Server {
	sorted := slices.Clone(c.found)
	slices.SortFunc(sorted, func(a, b Server) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Address.Port(), b.Address.Port()), cmp.Compare(c.distance(a), c.distance(b)), a.Address.Addr().Compare(b.Address.Addr()))
	})
	return slices.CompactFunc(sorted, func(a, b Server) bool { return a.Name == b.Name && a.Address.Port() == b.Address.Port() })
}

func (c *collection) distance(s Server) int {
	ip := s.Address.Addr()
	d := 0
	if !ip.Is4() {
		d++
	}
	if !slices.ContainsFunc(c.mine, func(p netip.Prefix) bool { return p.Contains(ip.WithZone("")) }) {
		d += 2
	}
	return d
}

// networks are those that this machine is in.
func networks() (list []netip.Prefix) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			list = append(list, p.Masked())
		}
	}
	return list
}

// unescape undoes the escapes of DNS: \. and \065.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		if n, err := strconv.ParseUint(s[i+1:min(i+4, len(s))], 10, 8); err == nil && i+3 < len(s) {
			b.WriteByte(byte(n))
			i += 3
			continue
		}
		i++
		b.WriteByte(s[i])
	}
	return b.String()
}

// clean makes a stranger's name fit for a screen: no control, format or bidirectional characters, no marks that pile up.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) || unicode.In(r, unicode.Cf, unicode.M, unicode.Co) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > mostName {
		s = string(r[:mostName])
	}
	if s == "" {
		return "unnamed"
	}
	return s
}
