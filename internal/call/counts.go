package call

import (
	"maps"
	"slices"
	"sync"
	"time"

	"acip/packet"
)

// counts says what became of every picture of a call. Upward captured is sent plus all that was dropped on the way up,
// downward received is drawn plus all that was dropped on the way down, exactly, once the call is over. It is safe for
// concurrent use.
type counts struct {
	mu       sync.Mutex
	captured uint64
	inflight uint64 // given to the connection and not sent yet
	sent     uint64
	layers   uint64 // pictures of further layers, beside those in sent
	up       map[Reason]uint64
	upSpan   span
	peers    map[uint32]*peerCounts // those that are here, and the last of those that left
	left     []uint32               // the latter, oldest first
	gone     map[string]*peerCounts // those that left before, by name
	reconn   uint64
	bytesIn  uint64
	bytesOut uint64
	pictures uint64 // bytes of those sent
}

// missing counts pictures of a peer that the server left out.
func (c *counts) missing(id uint32, n uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.peer(id).missing += n
}

// peerCounts is one peer's share.
type peerCounts struct {
	name     string
	received uint64
	drawn    uint64
	bytes    uint64
	missing  uint64 // numbers that were left out
	down     map[Reason]uint64
	ages     histogram
	newest   time.Duration // age of the newest drawn
	span     span
}

// span measures a rate between its first and its last event.
type span struct {
	first, last time.Time
	n           uint64
}

func (s *span) add(now time.Time) {
	if s.n == 0 {
		s.first = now
	}
	s.last = now
	s.n++
}

// rate is events a second; 0 for fewer than two.
func (s *span) rate() float64 {
	if d := s.last.Sub(s.first); s.n > 1 && d > 0 {
		return float64(s.n-1) / d.Seconds()
	}
	return 0
}

func (s *span) merge(o span) {
	if s.n == 0 {
		*s = o
	} else if o.n > 0 {
		s.n, s.last = s.n+o.n, o.last
	}
}

func newCounts() *counts {
	return &counts{up: map[Reason]uint64{}, peers: map[uint32]*peerCounts{}, gone: map[string]*peerCounts{}}
}

func (c *counts) capture() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.captured++
}

// any reports whether a picture was captured at all.
func (c *counts) any() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.captured > 0
}

// dropUp counts a captured picture that will not be sent.
func (c *counts) dropUp(r Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.up[r]++
}

// accept counts a picture that the connection is given, before it is.
func (c *counts) accept() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inflight++
}

// refuse takes back an accept; false means that settle has already dealt with the picture.
func (c *counts) refuse() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inflight == 0 {
		return false
	}
	c.inflight--
	return true
}

// send counts a picture of size bytes that went out.
func (c *counts) send(layer, size int, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pictures += uint64(size)
	if layer > 0 {
		c.layers++
		return
	}
	if c.inflight > 0 {
		c.inflight--
	}
	c.sent++
	c.upSpan.add(now)
}

// drained reports whether the connection has sent all that it was given.
func (c *counts) drained() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.inflight == 0
}

// settle counts what a connection that is gone had accepted and not sent.
func (c *counts) settle(r Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inflight > 0 {
		c.up[r] += c.inflight
		c.inflight = 0
	}
}

// Bounds on what a server that makes up members can have us remember.
const (
	keptLeft  = 256  // that left: their last pictures may still be on the way to the screen
	keptNames = 1024 // of peers that left
)

// Names of peers that have none of their own in the account.
const (
	strayName  = ""         // pictures of ids that no member has
	othersName = "(others)" // peers beyond keptNames
)

// strayID is nobody's: the server's own number.
const strayID = 0

// peer is the account of a peer. Those that were never named share one.
func (c *counts) peer(id uint32) *peerCounts {
	p := c.peers[id]
	if p == nil && id != strayID {
		return c.peer(strayID)
	}
	if p == nil {
		p = newPeerCounts(strayName)
		c.peers[id] = p
	}
	return p
}

func newPeerCounts(name string) *peerCounts {
	return &peerCounts{name: name, down: map[Reason]uint64{}}
}

// name gives a peer its name.
func (c *counts) name(id uint32, name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = slices.DeleteFunc(c.left, func(have uint32) bool { return have == id })
	if p := c.peers[id]; p != nil {
		p.name = name
		return
	}
	c.peers[id] = newPeerCounts(name)
}

func (c *counts) receive(id uint32, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.peer(id)
	p.received++
	p.bytes += uint64(bytes)
}

func (c *counts) draw(id uint32, age time.Duration, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.peer(id)
	p.drawn++
	p.newest = age
	p.ages.add(age)
	p.span.add(now)
}

func (c *counts) dropDown(id uint32, r Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.peer(id).down[r]++
}

func (c *counts) reconnect() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reconn++
}

// traffic adds what one connection has carried when it is over.
func (c *counts) traffic(in, out uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytesIn += in
	c.bytesOut += out
}

// totals is a moment of counts, for rates and reports.
type totals struct {
	captured, sent, received, drawn, missed, replaced uint64
	missing, bytes                                    uint64        // received
	pictures                                          uint64        // bytes sent
	age                                               time.Duration // of the newest picture drawn, the greatest over the peers in view
}

// inView is how recently a picture of a peer must have been drawn for it to count as seen: twice the pulse, and more than
// the slowest rate that is asked for.
const inView = 2 * time.Second

func (c *counts) totals() totals {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	t := totals{captured: c.captured, sent: c.sent, missed: missed(c.up), replaced: c.up[ReplacedSend], pictures: c.pictures}
	for _, p := range c.gone {
		t.received, t.drawn, t.missing, t.bytes = t.received+p.received, t.drawn+p.drawn, t.missing+p.missing, t.bytes+p.bytes
		t.missed += missed(p.down)
	}
	for _, p := range c.peers {
		t.received += p.received
		t.drawn += p.drawn
		t.missing += p.missing
		t.bytes += p.bytes
		t.missed += missed(p.down)
		if now.Sub(p.span.last) < inView {
			t.age = max(t.age, p.newest)
		}
	}
	return t
}

// forget lets go of a peer that left. The numbers of the last few stay by id, those of earlier ones by name.
func (c *counts) forget(id uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.peers[id]
	if p == nil {
		return
	}
	if p.received == 0 {
		delete(c.peers, id)
		return
	}
	p.newest = 0
	if c.left = append(c.left, id); len(c.left) <= keptLeft {
		return
	}
	oldest := c.left[0]
	c.left = slices.Delete(c.left, 0, 1)
	c.retire(c.peers[oldest])
	delete(c.peers, oldest)
}

// retire adds a peer's numbers to those of its name.
func (c *counts) retire(p *peerCounts) {
	name := p.name
	if c.gone[name] == nil && len(c.gone) >= keptNames {
		name = othersName
	}
	if c.gone[name] == nil {
		c.gone[name] = newPeerCounts(name)
	}
	c.gone[name].merge(p)
}

// byName joins what each name has had, under whatever ids.
func (c *counts) byName() map[string]*peerCounts {
	all := map[string]*peerCounts{}
	add := func(p *peerCounts) {
		if have := all[p.name]; have != nil {
			have.merge(p)
			return
		}
		one := *p
		one.down = maps.Clone(p.down)
		all[p.name] = &one
	}
	for _, p := range c.gone {
		add(p)
	}
	for _, p := range c.peers {
		add(p)
	}
	return all
}

func (p *peerCounts) merge(o *peerCounts) {
	p.received += o.received
	p.drawn += o.drawn
	p.missing += o.missing
	p.bytes += o.bytes
	for r, n := range o.down {
		p.down[r] += n
	}
	p.ages.merge(&o.ages)
	p.span.merge(o.span)
}

func sum(m map[Reason]uint64) (n uint64) {
	for _, v := range m {
		n += v
	}
	return n
}

// missed counts the pictures that somebody would have seen: not those that nobody asked for.
func missed(m map[Reason]uint64) uint64 {
	n := sum(m)
	for _, r := range []Reason{NoDemand, Paused, RateLimited, Resized, Unwanted, Ended} {
		n -= m[r]
	}
	return n
}

// reportOf is what REPORT says about one sender; false before its first picture.
func (c *counts) reportOf(id uint32) (packet.StreamReport, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.peers[id]
	if p == nil || p.received == 0 {
		return packet.StreamReport{}, false
	}
	return packet.StreamReport{
		ID: id, Received: p.received, Drawn: p.drawn, Dropped: sum(p.down), AgeMS: p.newest.Milliseconds(),
	}, true
}
