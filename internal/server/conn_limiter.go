package server

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// connLimiter counts connections, in all and by address, in the three states that they pass through: open, upgraded but
// without a hello, and in a slot.
type connLimiter struct {
	limits  Limits
	proxies []netip.Prefix

	mu        sync.Mutex
	total     addrState
	addresses map[netip.Addr]*addrState
	many      int // how many addresses may be remembered before sweep runs
}

// addrState counts the connections of one address, or of all: those of net/http, and sessions without and with a slot,
// which net/http no longer knows.
type addrState struct {
	open, waiting, slots int
	connects             *rate.Limiter
	tokenAttempts        *rate.Limiter // at the token; nil before the first
	lastGoodToken        time.Time     // when the right token last came; zero: never
	mentions             *rate.Limiter // in the log; nil before the first
	held                 int           // sessions since the last that the log has
}

func (t *addrState) all() int { return t.open + t.waiting + t.slots }

func newConnLimiter(l Limits, proxies []netip.Prefix) *connLimiter {
	return &connLimiter{limits: l, proxies: proxies, addresses: map[netip.Addr]*addrState{}, many: manyAddresses}
}

// addressOf returns what a client is counted by: its IPv4 address or its IPv6 network.
func addressOf(ip netip.Addr) netip.Addr {
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip
	}
	p, err := ip.Prefix(64)
	if err != nil {
		return netip.Addr{}
	}
	return p.Addr()
}

// remote returns the address at the other end of a connection; invalid for a pipe.
func remote(a net.Addr) netip.Addr {
	if a == nil {
		return netip.Addr{}
	}
	return parse(a.String())
}

// parse reads ADDRESS or ADDRESS:PORT.
func parse(s string) netip.Addr {
	s = strings.TrimSpace(s)
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr()
	}
	ip, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return ip
}

// client returns what a request's sender is counted by.
func (g *connLimiter) client(r *http.Request) netip.Addr { return addressOf(g.sender(r)) }

// seen returns how a log names a request's sender: the address behind trusted proxies, or else the connection's.
func (g *connLimiter) seen(r *http.Request) string {
	if ip := g.sender(r); ip.IsValid() && ip != parse(r.RemoteAddr) {
		return ip.String()
	}
	return r.RemoteAddr
}

// sender returns the address that a request comes from. Behind trusted proxies that is the last address that they did
// not invent.
func (g *connLimiter) sender(r *http.Request) netip.Addr {
	ip := parse(r.RemoteAddr)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !g.trusts(ip) {
			break
		}
		next := parse(hop)
		if !next.IsValid() {
			break
		}
		ip = next
	}
	return ip
}

func (g *connLimiter) trusts(ip netip.Addr) bool {
	return slices.ContainsFunc(g.proxies, func(p netip.Prefix) bool { return p.Contains(ip.Unmap()) })
}

// exempt reports whether limits by address do not apply to ip.
func (g *connLimiter) exempt(ip netip.Addr) bool {
	return !ip.IsValid() || ip.IsLoopback() && !g.limits.Loopback
}

// of returns the state of an address. Under mu.
func (g *connLimiter) of(ip netip.Addr) *addrState {
	t := g.addresses[ip]
	if t == nil {
		per := rate.Limit(g.limits.AddressConnects)
		if g.limits.AddressConnects < 0 {
			per = rate.Inf
		}
		t = &addrState{connects: rate.NewLimiter(per, max(1, 4*g.limits.AddressConnects))}
		g.addresses[ip] = t
	}
	return t
}

// above reports whether n is more than the limit allows.
func above(n, limit int) bool { return limit >= 0 && n > limit }

// open counts a connection, and reports whether it may stay. It is counted either way, and the caller must call shut.
func (g *connLimiter) open(ip netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.of(ip)
	t.open++
	g.total.open++
	return !above(g.total.all(), g.limits.Connections) && (g.exempt(ip) || !above(t.all(), g.limits.AddressConnections))
}

// shut ends what open counted.
func (g *connLimiter) shut(ip netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.of(ip)
	t.open--
	g.total.open--
	g.sweep()
}

// manyAddresses is how many addresses may be remembered before those with nothing open and full buckets are forgotten.
const manyAddresses = 4096

// sweep keeps the map from growing with every address that ever connected. If few can be forgotten, it next runs when
// there are twice as many, so that a flood from many addresses costs each connection the same. Under mu.
func (g *connLimiter) sweep() {
	if len(g.addresses) < g.many {
		return
	}
	for ip, t := range g.addresses {
		if t.all() == 0 && full(t.connects) && full(t.tokenAttempts) && full(t.mentions) {
			delete(g.addresses, ip)
		}
	}
	g.many = max(manyAddresses, 2*len(g.addresses))
}

// full reports whether a bucket is full; a nil one is.
func full(l *rate.Limiter) bool { return l == nil || l.Tokens() >= float64(l.Burst()) }

// judgement is the result of a token attempt.
type judgement int

const (
	wrong judgement = iota
	right
	throttled // right or wrong: there were too many wrong ones lately
)

// goodTokenFor is how long an address counts as one that knows the token, after the last time it gave it.
const goodTokenFor = time.Hour

// attempt rate-limits one token attempt from ip; knows says whether the token was correct. Checking and counting are
// one step, so that parallel attempts gain nothing. From an address that knows the token, a correct one always passes:
// otherwise one person guessing in an office, or behind a proxy, would keep out everybody else there.
func (g *connLimiter) attempt(ip netip.Addr, knows bool) judgement {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.of(ip)
	if t.tokenAttempts == nil {
		t.tokenAttempts = rate.NewLimiter(attemptRate, attemptBurst)
	}
	home := t.slots > 0 || !t.lastGoodToken.IsZero() && time.Since(t.lastGoodToken) < goodTokenFor
	switch {
	case !g.exempt(ip) && t.tokenAttempts.Tokens() < 1 && !(knows && home):
		return throttled
	case knows:
		t.lastGoodToken = time.Now()
		return right
	}
	t.tokenAttempts.Allow()
	return wrong
}

// refusal says why a connection may not go on.
type refusal struct {
	status   int // HTTP
	sentence string
	kind     string // for the counter
}

// beginHandshake counts an upgrade that waits for its hello, or returns why it may not go on. After nil, the caller
// must call endHandshake once.
func (g *connLimiter) beginHandshake(ip netip.Addr) *refusal {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.of(ip)
	switch {
	case !g.exempt(ip) && !t.connects.Allow():
		return &refusal{http.StatusTooManyRequests, "too many connections a second from this address", "address_connects"}
	case !g.exempt(ip) && above(t.waiting+1, g.limits.AddressWaiting):
		return &refusal{http.StatusTooManyRequests, "too many connections from this address have not said hello yet", "address_waiting"}
	case above(g.total.waiting+1, g.limits.Waiting):
		return &refusal{http.StatusServiceUnavailable, "too many connections have not said hello yet", "waiting"}
	}
	t.waiting++
	g.total.waiting++
	return nil
}

// endHandshake ends what beginHandshake counted: the hello arrived, or the connection ended.
func (g *connLimiter) endHandshake(ip netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.of(ip).waiting--
	g.total.waiting--
}

// acquireSlot counts a slot by address, and reports whether the address may have one more. After true, the caller must
// call releaseSlot once.
func (g *connLimiter) acquireSlot(ip netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.of(ip)
	if !g.exempt(ip) && above(t.slots+1, g.limits.AddressSlots) {
		return false
	}
	t.slots++
	g.total.slots++
	return true
}

// releaseSlot ends what acquireSlot counted.
func (g *connLimiter) releaseSlot(ip netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.of(ip).slots--
	g.total.slots--
}

// counts returns how many connections are open, and how many of them wait for a hello.
func (g *connLimiter) counts() (open, waiting int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.total.all(), g.total.waiting
}

// How many sessions of one address the log shows: a meeting's worth at once, then so many a second. The others are
// counted.
const (
	mentionBurst = 32
	mentionRate  = 0.2
)

// mention reports whether the log shows one more session of an address, and how many it has left out since the last.
func (g *connLimiter) mention(ip netip.Addr, now time.Time) (held int, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.of(ip)
	if t.mentions == nil {
		t.mentions = rate.NewLimiter(mentionRate, mentionBurst)
	}
	if !t.mentions.AllowN(now, 1) {
		t.held++
		return 0, false
	}
	held, t.held = t.held, 0
	return held, true
}

// mostSlots returns the address among those of the sessions that holds most slots, and how many, not counting the one
// that newcomer is about to take.
func (g *connLimiter) mostSlots(of []*session, newcomer netip.Addr) (ip netip.Addr, most int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, x := range of {
		n := g.of(x.ip).slots
		if x.ip == newcomer {
			n--
		}
		if n > most {
			ip, most = x.ip, n
		}
	}
	return ip, most
}
