package account

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Account counts what became of every picture of a call. Once the call has ended, two equations hold exactly: upward,
// captured = sent + dropped on the way up; downward, received = drawn + dropped on the way down. Make one with New. It is
// safe for concurrent use.
type Account struct {
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

// Missing counts n pictures of a peer that the server left out.
func (a *Account) Missing(id uint32, n uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.peer(id).missing += n
}

// Arrived returns how many pictures of a peer were received, how many the server left out, and the bytes of those received.
func (a *Account) Arrived(id uint32) (received, missing, bytes uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.peer(id)
	return p.received, p.missing, p.bytes
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

// New returns an empty account.
func New() *Account {
	return &Account{up: map[Reason]uint64{}, peers: map[uint32]*peerCounts{}, gone: map[string]*peerCounts{}}
}

// Capture counts a picture that the source gave.
func (a *Account) Capture() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.captured++
}

// Any reports whether any picture was captured.
func (a *Account) Any() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.captured > 0
}

// DropUp counts a captured picture that will not be sent.
func (a *Account) DropUp(r Reason) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.up[r]++
}

// Accept counts a picture that is about to be handed to the connection.
func (a *Account) Accept() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.inflight++
}

// Refuse takes back an Accept. It returns false if Settle has counted the picture already.
func (a *Account) Refuse() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inflight == 0 {
		return false
	}
	a.inflight--
	return true
}

// Send counts a picture of size bytes that was written to the connection. Layers other than the main one are counted apart.
func (a *Account) Send(layer, size int, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pictures += uint64(size)
	if layer > 0 {
		a.layers++
		return
	}
	if a.inflight > 0 {
		a.inflight--
	}
	a.sent++
	a.upSpan.add(now)
}

// Drained reports whether the connection has sent every accepted picture.
func (a *Account) Drained() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.inflight == 0
}

// Settle counts as dropped what a lost connection had accepted and not sent.
func (a *Account) Settle(r Reason) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inflight > 0 {
		a.up[r] += a.inflight
		a.inflight = 0
	}
}

// Bounds on the memory that a server can use up by inventing members.
const (
	keptLeft  = 256  // accounts by id of peers that left: their last pictures may still be on the way to the screen
	keptNames = 1024 // names of peers that left
)

// Names in the account for pictures that belong to no named peer.
const (
	strayName  = ""         // pictures with ids that no member has
	othersName = "(others)" // peers beyond keptNames
)

// strayID is the server's own number, which no member has.
const strayID = 0

// peer returns the counts of a peer. Ids that were never named share one.
func (a *Account) peer(id uint32) *peerCounts {
	p := a.peers[id]
	if p == nil && id != strayID {
		return a.peer(strayID)
	}
	if p == nil {
		p = newPeerCounts(strayName)
		a.peers[id] = p
	}
	return p
}

func newPeerCounts(name string) *peerCounts {
	return &peerCounts{name: name, down: map[Reason]uint64{}}
}

// Name records the name of a peer.
func (a *Account) Name(id uint32, name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left = slices.DeleteFunc(a.left, func(have uint32) bool { return have == id })
	if p := a.peers[id]; p != nil {
		p.name = name
		return
	}
	a.peers[id] = newPeerCounts(name)
}

// Receive counts a picture of a peer that arrived; bytes is its length on the wire.
func (a *Account) Receive(id uint32, bytes int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.peer(id)
	p.received++
	p.bytes += uint64(bytes)
}

// Draw counts a picture of a peer that was drawn at now, age after its capture.
func (a *Account) Draw(id uint32, age time.Duration, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.peer(id)
	p.drawn++
	p.newest = age
	p.ages.add(age)
	p.span.add(now)
}

// DropDown counts a received picture that will not be drawn.
func (a *Account) DropDown(id uint32, r Reason) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.peer(id).down[r]++
}

// Reconnect counts a connection that was lost and is tried again.
func (a *Account) Reconnect() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reconn++
}

// Traffic adds the bytes that a connection had carried when it ended.
func (a *Account) Traffic(in, out uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.bytesIn += in
	a.bytesOut += out
}

// Totals is a snapshot of the counts, from which rates are computed.
type Totals struct {
	Captured, Sent, Received, Drawn uint64
	Missed                          uint64        // dropped pictures that somebody would have seen
	Replaced                        uint64        // dropped for a newer one before the connection could take them
	BytesSent                       uint64        // of pictures
	Age                             time.Duration // of the newest drawn picture, the greatest over the peers in view
}

// inView bounds the age of the last drawn picture of a peer that counts as in view: longer than the interval of the
// slowest rate that is requested.
const inView = 2 * time.Second

// Totals returns the counts as they stand.
func (a *Account) Totals() Totals {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	t := Totals{Captured: a.captured, Sent: a.sent, Missed: missed(a.up), Replaced: a.up[ReplacedSend], BytesSent: a.pictures}
	for _, p := range a.gone {
		t.add(p)
	}
	for _, p := range a.peers {
		t.add(p)
		if now.Sub(p.span.last) < inView {
			t.Age = max(t.Age, p.newest)
		}
	}
	return t
}

// add adds the counts of a peer.
func (t *Totals) add(p *peerCounts) {
	t.Received += p.received
	t.Drawn += p.drawn
	t.Missed += missed(p.down)
}

// Forget releases the counts of a peer that left. Those of the last few stay by id, those of earlier ones by name.
func (a *Account) Forget(id uint32) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.peers[id]
	if p == nil {
		return
	}
	if p.received == 0 {
		delete(a.peers, id)
		return
	}
	p.newest = 0
	if a.left = append(a.left, id); len(a.left) <= keptLeft {
		return
	}
	oldest := a.left[0]
	a.left = slices.Delete(a.left, 0, 1)
	a.retire(a.peers[oldest])
	delete(a.peers, oldest)
}

// retire adds the counts of a peer to those of its name.
func (a *Account) retire(p *peerCounts) {
	name := p.name
	if a.gone[name] == nil && len(a.gone) >= keptNames {
		name = othersName
	}
	if a.gone[name] == nil {
		a.gone[name] = newPeerCounts(name)
	}
	a.gone[name].merge(p)
}

// byName returns the counts of each name, over all its ids.
func (a *Account) byName() map[string]*peerCounts {
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
	for _, p := range a.gone {
		add(p)
	}
	for _, p := range a.peers {
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

// missed returns how many dropped pictures somebody would have seen: not those that nobody asked for.
func missed(m map[Reason]uint64) uint64 {
	n := sum(m)
	for _, r := range []Reason{NoDemand, Paused, RateLimited, Resized, Unwanted, Ended} {
		n -= m[r]
	}
	return n
}

// Stream is the account of one sender's pictures since it joined.
type Stream struct {
	Received, Drawn, Dropped uint64
	Age                      time.Duration // of the newest picture drawn
}

// Stream returns the account of one sender, and false before its first picture.
func (a *Account) Stream(id uint32) (Stream, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.peers[id]
	if p == nil || p.received == 0 {
		return Stream{}, false
	}
	return Stream{Received: p.received, Drawn: p.drawn, Dropped: sum(p.down), Age: p.newest}, true
}
