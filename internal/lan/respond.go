package lan

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/mdns"
	"github.com/miekg/dns"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/time/rate"
)

// Numbers of multicast DNS (RFC 6762, by section).
const (
	mdnsPort    = 5353
	hopLimit    = 255         // 11
	legacyTTL   = 10          // 6.7: the most that a plain resolver may keep an answer, in seconds
	flushCache  = 1 << 15     // 10.2: in a record's class: forget what was said before
	wantUnicast = 1 << 15     // 5.4: in a question's class
	helloAgain  = time.Second // 8.3: the second announcement follows the first
	mostMessage = 9000        // 17
)

// Answers a second from one socket: to everybody (6.2 allows each record once), and to single askers.
const (
	multicastRate  = 1
	multicastBurst = 2
	unicastRate    = 20
	unicastBurst   = 50
)

// responder tells one network about one service: it says hello, answers, and says goodbye, so that nobody keeps a server that
// is gone. The records are those of hashicorp/mdns; its own responder does neither, and answers plain resolvers without their
// question, which they then do not believe.
type responder struct {
	zone     *mdns.MDNSService
	networks []netip.Prefix // of the interface
	name     string         // of the interface
	sockets  []*socket
	quit     chan struct{}
	group    sync.WaitGroup
}

// socket is one end of the interface in the group of one kind of address.
type socket struct {
	*net.UDPConn
	group  *net.UDPAddr
	all    *rate.Limiter // answers to everybody
	askers *rate.Limiter // answers to one
}

// newResponder says hello on an interface and answers there until it is closed.
func newResponder(i net.Interface, zone *mdns.MDNSService) (*responder, error) {
	r := &responder{zone: zone, name: i.Name, quit: make(chan struct{})}
	list, err := i.Addrs()
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			r.networks = append(r.networks, p.Masked())
		}
	}
	four, err4 := open("udp4", &i)
	six, err6 := open("udp6", &i)
	for _, s := range []*socket{four, six} {
		if s != nil {
			r.sockets = append(r.sockets, s)
		}
	}
	if len(r.sockets) == 0 {
		return nil, errors.Join(err4, err6)
	}
	for _, s := range r.sockets {
		r.group.Go(func() { r.serve(s) })
	}
	r.group.Go(r.hello)
	return r, nil
}

// groupOf is where multicast DNS is spoken.
func groupOf(network string, i *net.Interface) *net.UDPAddr {
	if network == "udp4" {
		return &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: mdnsPort}
	}
	return &net.UDPAddr{IP: net.ParseIP("ff02::fb"), Port: mdnsPort, Zone: i.Name}
}

// open joins the group on an interface. Programs on this machine hear what is sent, too.
func open(network string, i *net.Interface) (*socket, error) {
	group := groupOf(network, i)
	c, err := net.ListenMulticastUDP(network, i, group)
	if err != nil {
		return nil, err
	}
	if network == "udp4" {
		p := ipv4.NewPacketConn(c)
		err = errors.Join(p.SetMulticastLoopback(true), p.SetMulticastTTL(hopLimit))
	} else {
		p := ipv6.NewPacketConn(c)
		err = errors.Join(p.SetMulticastLoopback(true), p.SetMulticastHopLimit(hopLimit))
	}
	if err != nil {
		_ = c.Close() // nothing was sent
		return nil, err
	}
	return &socket{UDPConn: c, group: group, all: rate.NewLimiter(multicastRate, multicastBurst), askers: rate.NewLimiter(unicastRate, unicastBurst)}, nil
}

// hello announces the service, twice.
func (r *responder) hello() {
	r.announce(false)
	again := time.NewTimer(helloAgain)
	defer again.Stop()
	select {
	case <-again.C:
		r.announce(false)
	case <-r.quit:
	}
}

// close says goodbye and waits until nothing is answered any more.
func (r *responder) close() error {
	close(r.quit)
	r.announce(true)
	var errs []error
	for _, s := range r.sockets {
		errs = append(errs, s.Close())
	}
	r.group.Wait()
	return errors.Join(errs...)
}

// announce tells everybody all that there is, or that it is gone. What is not delivered, nobody can help.
func (r *responder) announce(gone bool) {
	question := dns.Question{Name: service + "." + domain, Qtype: dns.TypePTR, Qclass: dns.ClassINET}
	m := reply(r.zone.Records(question))
	if gone {
		m.Answer = slices.DeleteFunc(m.Answer, isAddress) // the machine stays
		for _, rr := range m.Answer {
			rr.Header().Ttl = 0
		}
	}
	if b, err := m.Pack(); err == nil {
		for _, s := range r.sockets {
			_, _ = s.WriteToUDP(b, s.group)
		}
	}
}

// isAddress reports whether a record is the machine's and not the server's.
func isAddress(rr dns.RR) bool {
	return rr.Header().Rrtype == dns.TypeA || rr.Header().Rrtype == dns.TypeAAAA
}

// reply is a message to those who speak multicast DNS: it has no question, and what is this server's alone replaces what was
// known before. The machine's addresses may be told by others, too.
func reply(records []dns.RR) *dns.Msg {
	m := &dns.Msg{MsgHdr: dns.MsgHdr{Response: true, Authoritative: true}, Compress: true, Answer: records}
	for _, rr := range m.Answer {
		if rr.Header().Rrtype != dns.TypePTR && !isAddress(rr) {
			rr.Header().Class |= flushCache
		}
	}
	return m
}

// serve answers what comes in at a socket until that is closed.
func (r *responder) serve(s *socket) {
	buffer := make([]byte, mostMessage)
	for {
		n, from, err := s.ReadFromUDPAddrPort(buffer)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			select { // the interface may be down for a while
			case <-time.After(helloAgain):
			case <-r.quit:
				return
			}
		case r.near(from.Addr()):
			r.answer(s, buffer[:n], from)
		}
	}
}

// near reports whether an address is on this interface's own link: others are not to be answered (11).
func (r *responder) near(ip netip.Addr) bool {
	if ip.Zone() != "" {
		return ip.Zone() == r.name
	}
	return slices.ContainsFunc(r.networks, func(p netip.Prefix) bool { return p.Contains(ip.Unmap()) })
}

// answer answers one message, if it is a question about this service.
func (r *responder) answer(s *socket, message []byte, from netip.AddrPort) {
	var query dns.Msg
	if err := query.Unpack(message); err != nil || query.Response || query.Opcode != dns.OpcodeQuery || query.Rcode != 0 {
		return
	}
	legacy, unicast := from.Port() != mdnsPort, true
	var questions []dns.Question
	var records []dns.RR
	for _, q := range query.Question {
		found := r.records(q)
		if len(found) == 0 || !legacy && r.isKnown(query.Answer, found) {
			continue
		}
		unicast = unicast && q.Qclass&wantUnicast != 0
		questions, records = append(questions, q), append(records, found...)
	}
	if len(records) == 0 {
		return
	}
	m := reply(records)
	if legacy {
		plain(m, query.Id, questions)
	}
	to := net.UDPAddrFromAddrPort(from)
	if legacy || unicast {
		if !s.askers.Allow() {
			return
		}
	} else if to = s.group; !s.all.Allow() {
		return
	}
	if b, err := m.Pack(); err == nil {
		_, _ = s.WriteToUDP(b, to) // what is not delivered is asked for again
	}
}

// records are those that answer a question, whatever case its name is in.
func (r *responder) records(q dns.Question) []dns.RR {
	q.Qclass &^= wantUnicast
	if q.Qclass != dns.ClassINET && q.Qclass != dns.ClassANY {
		return nil
	}
	for _, name := range []string{service + "." + domain, r.zone.Instance + "." + service + "." + domain, r.zone.HostName, "_services._dns-sd._udp." + domain} {
		if strings.EqualFold(q.Name, name) {
			q.Name = name
		}
	}
	return r.zone.Records(q)
}

// isKnown reports whether the asker knows of this server already, for half of its life at least (7.1).
func (r *responder) isKnown(known, found []dns.RR) bool {
	return slices.ContainsFunc(known, func(k dns.RR) bool {
		return slices.ContainsFunc(found, func(f dns.RR) bool {
			return f.Header().Rrtype == dns.TypePTR && dns.IsDuplicate(k, f) && k.Header().Ttl >= f.Header().Ttl/2
		})
	})
}

// plain makes a message one that a plain resolver understands: with its number and question, and without what it would not (6.7).
func plain(m *dns.Msg, id uint16, questions []dns.Question) {
	m.Id, m.Question = id, questions
	for _, rr := range m.Answer {
		rr.Header().Class &^= flushCache
		rr.Header().Ttl = min(rr.Header().Ttl, legacyTTL)
	}
}
