package lan

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/mdns"
	"github.com/miekg/dns"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// Server is one that was found.
type Server struct {
	Name    string         // safe for a screen
	Address netip.AddrPort // where to connect, as far as the stranger can be believed
	Secure  bool           // it says that it speaks TLS
	id      string         // tells it from others of the same name; empty: it does not say
}

// String is the address as a client takes it.
func (s Server) String() string {
	if s.Secure {
		return "wss://" + s.Address.String()
	}
	return s.Address.String()
}

// Limits of what is taken from strangers, and how long one question waits for answers before it is put again.
const (
	mostServers = 32
	mostName    = 40
	round       = 250 * time.Millisecond
)

// Find asks who is there until ctx ends, and returns whom it found, by name. Every question has ended when it returns.
func Find(ctx context.Context) []Server {
	c := collection{mine: networks()}
	for ctx.Err() == nil {
		if !c.ask(ctx) {
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
func (c *collection) ask(ctx context.Context) bool {
	entries := make(chan *mdns.ServiceEntry, 4*mostServers)
	var group sync.WaitGroup
	var asked atomic.Bool
	for _, i := range interfaces() {
		if len(addresses(i, nil)) == 0 {
			continue
		}
		for _, network := range []string{"udp4", "udp6"} {
			group.Go(func() {
				if query(ctx, network, i, entries) == nil {
					asked.Store(true)
				}
			})
		}
	}
	group.Wait()
	for len(entries) > 0 {
		c.add(<-entries)
	}
	return asked.Load()
}

// query asks on one interface, and hears answers for a round. Each answer is taken by itself: hashicorp/mdns would make one
// server of all that have the same name. What there is no room for is dropped.
func query(ctx context.Context, network string, i net.Interface, entries chan<- *mdns.ServiceEntry) error {
	s, err := asker(network, &i)
	if err != nil {
		return err
	}
	defer s.Close()
	stop := context.AfterFunc(ctx, func() { _ = s.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	q := new(dns.Msg).SetQuestion(service+"."+domain, dns.TypePTR)
	q.RecursionDesired = false
	q.Question[0].Qclass |= wantUnicast
	b, err := q.Pack()
	if err != nil {
		return err
	}
	if err := s.SetDeadline(time.Now().Add(round)); err != nil {
		return err
	}
	if _, err := s.WriteToUDP(b, s.group); err != nil {
		return err
	}
	buffer := make([]byte, mostMessage)
	for {
		n, from, err := s.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return nil // the round is over
		}
		for _, e := range read(buffer[:n], from.Addr().Zone()) {
			select {
			case entries <- e:
			default:
			}
		}
	}
}

// asker is a socket for questions on an interface.
func asker(network string, i *net.Interface) (*socket, error) {
	c, err := net.ListenUDP(network, nil)
	if err != nil {
		return nil, err
	}
	s := &socket{UDPConn: c, group: groupOf(network, i)}
	if network == "udp4" {
		p := ipv4.NewPacketConn(c)
		err = errors.Join(p.SetMulticastInterface(i), p.SetMulticastLoopback(true), p.SetMulticastTTL(hopLimit))
	} else {
		p := ipv6.NewPacketConn(c)
		err = errors.Join(p.SetMulticastInterface(i), p.SetMulticastLoopback(true), p.SetMulticastHopLimit(hopLimit))
	}
	if err != nil {
		_ = c.Close() // nothing was asked
		return nil, err
	}
	return s, nil
}

// read is the servers that an answer tells about, one entry for each of their addresses; zone is that of link-local ones.
func read(message []byte, zone string) (list []*mdns.ServiceEntry) {
	var m dns.Msg
	if err := m.Unpack(message); err != nil || !m.Response {
		return nil
	}
	records := slices.Concat(m.Answer, m.Extra)
	for _, rr := range records {
		srv, ok := rr.(*dns.SRV)
		if !ok || !strings.HasSuffix(srv.Hdr.Name, "."+service+"."+domain) {
			continue
		}
		e := mdns.ServiceEntry{Name: srv.Hdr.Name, Host: srv.Target, Port: int(srv.Port)}
		for _, rr := range records {
			if t, ok := rr.(*dns.TXT); ok && t.Hdr.Name == e.Name {
				e.InfoFields = t.Txt
			}
		}
		for _, rr := range records {
			at := e
			switch a := rr.(type) {
			case *dns.A:
				at.AddrV4 = a.A
			case *dns.AAAA:
				at.AddrV6IPAddr = &net.IPAddr{IP: a.AAAA}
				if a.AAAA.IsLinkLocalUnicast() {
					at.AddrV6IPAddr.Zone = zone
				}
			default:
				continue
			}
			if rr.Header().Name == e.Host && len(list) < mostServers {
				list = append(list, &at)
			}
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
	name, id := clean(unescape(instance)), ""
	for _, fact := range e.InfoFields {
		if value, ok := strings.CutPrefix(fact, factID); ok && len(value) <= mostName {
			id = value
		}
	}
	for _, ip := range ips(e) {
		s := Server{name, netip.AddrPortFrom(ip, uint16(e.Port)), slices.Contains(e.InfoFields, factTLS), id}
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
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Address.Port(), b.Address.Port()), strings.Compare(a.id, b.id), cmp.Compare(c.distance(a), c.distance(b)), a.Address.Addr().Compare(b.Address.Addr()))
	})
	return slices.CompactFunc(sorted, func(a, b Server) bool {
		return a.Name == b.Name && a.Address.Port() == b.Address.Port() && a.id == b.id
	})
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
