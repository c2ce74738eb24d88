package pool

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"acip/media"
	"acip/packet"
)

// Errors of Join. Compare with errors.Is.
var (
	ErrFull     = errors.New("pool: full")
	ErrRoomFull = errors.New("pool: room full")
)

// Options are the pool's limits and dependencies. Zero fields mean the defaults.
type Options struct {
	Slots        int              // members at once; 32
	RoomMembers  int              // members in one room; as many as slots
	Control      int              // control packets that may wait for a member; 512
	ControlBytes int              // bytes of them; 1 MiB
	ResumeFor    time.Duration    // how long an ended session may be resumed; 10 min
	Limits       packet.Limits    // said in WELCOME
	Buffers      *packet.Buffers  // where control packets are made
	Now          func() time.Time // the clock; time.Now
	Secret       func() string    // a new resume secret; 128 random bits
}

// withDefaults returns o with the defaults filled in.
func (o Options) withDefaults() Options {
	set := func(n *int, value int) {
		if *n <= 0 {
			*n = value
		}
	}
	set(&o.Slots, 32)
	set(&o.RoomMembers, math.MaxInt)
	set(&o.Control, 512)
	set(&o.ControlBytes, 1<<20)
	if o.ResumeFor <= 0 {
		o.ResumeFor = 10 * time.Minute
	}
	if o.Buffers == nil {
		o.Buffers = new(packet.Buffers)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Secret == nil {
		o.Secret = rand.Text
	}
	return o
}

// Pool holds the slots and the rooms. Make one with New. All methods are safe for concurrent use.
type Pool struct {
	options Options
	buffers *packet.Buffers
	base    time.Time // the clock counts from here

	mu      sync.Mutex
	slots   slots
	newest  uint32 // the id last given
	rooms   map[string]*room
	resumes resumes
}

// New returns an empty pool.
func New(o Options) *Pool {
	o = o.withDefaults()
	return &Pool{
		options: o, buffers: o.Buffers, base: o.Now(),
		slots: newSlots(o.Slots), rooms: map[string]*room{}, resumes: newResumes(o.Slots),
	}
}

// now returns ns since the pool was made, at least 1, so that 0 can mean never.
func (p *Pool) now() int64 { return max(1, int64(p.options.Now().Sub(p.base))) }

// Join takes a slot for a client that sent a valid hello, puts it into its room and queues its WELCOME. The caller must
// call Leave, which frees the slot. If the pool must end the session, it calls end with a packet.CloseError, under
// locks: end must not block or call the pool. The errors are ErrFull and ErrRoomFull.
func (p *Pool) Join(h packet.Hello, end func(error)) (*Member, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.member(h, end)
	old := p.resumes.find(h.Resume, h.Room)
	r := p.room(h.Room)
	if !old.alive() && len(r.members) >= p.options.RoomMembers {
		p.sweep(r)
		return nil, ErrRoomFull
	}
	if err := p.place(m, old); err != nil {
		p.sweep(r)
		return nil, err
	}
	p.identify(m, r, old, h.Name)
	m.room = r
	p.resumes.put(m)
	if err := r.enter(m, p.welcome(m)); err != nil {
		p.quit(m, packet.CodeLost, "welcome")
		return nil, fmt.Errorf("pool: %w", err)
	}
	return m, nil
}

// Resumable reports whether a hello has the secret of a session that is in that room, or was lately.
func (p *Pool) Resumable(h packet.Hello) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.resumes.find(h.Resume, h.Room) != nil
}

// member returns the member that a hello describes, without a slot yet.
func (p *Pool) member(h packet.Hello, end func(error)) *Member {
	m := &Member{
		pool: p, role: h.Role, codecs: cleanCodecs(h), demands: h.Demand, wantsAll: !h.Demand,
		subscriptions: map[track]*subscription{},
	}
	for _, c := range m.codecs {
		if id, known := media.ParseCodec(c); known {
			m.decoders.add(id)
		}
	}
	m.out = sendQueue{
		wake: make(chan struct{}, 1), now: p.now, end: end,
		maxCount: p.options.Control, maxBytes: p.options.ControlBytes,
	}
	return m
}

// place gives the member a slot: that of the session that it resumes, if it has not ended, else a free one.
func (p *Pool) place(m *Member, old *session) error {
	if old.alive() {
		last := old.member
		last.room.leave(last, packet.CodeTakenOver, "resumed")
		m.slot = last.slot
		last.out.end(packet.CloseError{Code: packet.CodeTakenOver, Reason: "another session took this one over"})
		return nil
	}
	slot, ok := p.slots.take()
	if !ok {
		return ErrFull
	}
	m.slot = slot
	return nil
}

// identify gives the member its id, name and secret: those of the session that it resumes, or new ones.
func (p *Pool) identify(m *Member, r *room, old *session, name string) {
	if old != nil {
		m.id, m.secret, name = old.id, old.secret, old.name
	} else {
		p.newest++
		m.id, m.secret = p.newest, p.options.Secret()
	}
	m.name = packet.UniqueName(name, r.named)
}

// welcome returns the member's WELCOME without the roster.
func (p *Pool) welcome(m *Member) packet.Welcome {
	return packet.Welcome{
		Protocol: packet.Protocol, ID: m.id, Name: m.name, Resume: m.secret, Room: m.room.name,
		Slots:  packet.Slots{Total: p.slots.total, Used: p.slots.used()},
		Limits: p.options.Limits,
	}
}

// room returns the room of a name, and opens it if necessary.
func (p *Pool) room(name string) *room {
	r := p.rooms[name]
	if r == nil {
		r = &room{name: name, members: map[uint32]*Member{}}
		p.rooms[name] = r
	}
	return r
}

// sweep removes an empty room.
func (p *Pool) sweep(r *room) {
	if len(r.members) == 0 && p.rooms[r.name] == r {
		delete(p.rooms, r.name)
	}
}

// Cleanup describes a slot that was freed.
type Cleanup struct {
	ID     uint32 // of the member
	Index  int    // of the slot
	Before int    // slots taken before it was freed
}

// Leave removes the member from its room, tells the others the close code and the reason, and frees the slot. freed is
// false if a session that resumed this one has the slot now, or if Leave was called before.
func (m *Member) Leave(code packet.Code, reason string) (c Cleanup, freed bool) {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	return m.pool.quit(m, code, reason)
}

// Active reports whether the member is in its room. It is false after Leave, and after another session took it over.
func (m *Member) Active() bool {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	return !m.left
}

// quit is Leave under Pool.mu.
func (p *Pool) quit(m *Member, code packet.Code, reason string) (c Cleanup, freed bool) {
	if m.left {
		return c, false
	}
	c = Cleanup{ID: m.id, Index: m.slot, Before: p.slots.used()}
	m.room.leave(m, code, reason)
	p.slots.give(m.slot)
	p.resumes.ended(m, p.now(), p.options.ResumeFor)
	p.sweep(m.room)
	return c, true
}

// Slots returns how many slots there are and how many are taken.
func (p *Pool) Slots() packet.Slots {
	p.mu.Lock()
	defer p.mu.Unlock()
	return packet.Slots{Total: p.slots.total, Used: p.slots.used()}
}

// Tick does what is due without a packet: it sends keyframe requests, demands and announcements that were delayed
// because of their rate, and forgets old sessions. Call it about ten times a second.
func (p *Pool) Tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.resumes.expire(now)
	for _, r := range p.rooms {
		r.tick(now)
		for _, m := range r.members {
			m.tick(now)
		}
	}
}

// tick is one member's part of Tick. Under Pool.mu.
func (m *Member) tick(now int64) {
	s := &m.stream
	if s.keyframeWanted.Load() {
		s.mu.Lock()
		m.sendKeyRequest(now)
		s.mu.Unlock()
	}
	s.mu.Lock()
	altered := s.altered
	s.mu.Unlock()
	if altered || m.due {
		m.demand()
	}
	m.sendState(now)
	if len(m.ask.Alternatives) > 0 {
		m.notifyUndecodable(now)
	}
}

const (
	undecodableAfter = 3 * time.Second // how long a sender has to begin an alternative
	codecNotice      = packet.CodeBye  // the code of a notice that ends nothing and advises nothing
)

// notifyUndecodable tells viewers that they do not decode this sender's pictures and get no alternative. Under Pool.mu.
func (m *Member) notifyUndecodable(now int64) {
	s := &m.stream
	s.mu.Lock()
	var silent [layers]bool
	for i := range s.layer {
		silent[i] = !s.live(uint16(i), now)
	}
	coding := s.layer[packet.LayerMain].codec.String()
	viewers := slices.Clone(s.viewers)
	s.mu.Unlock()
	if silent[packet.LayerMain] {
		return // it sends nothing at all
	}
	for _, p := range viewers {
		switch {
		case p.target < packet.LayerJPEG || p.notified:
		case !silent[p.target]:
			p.silentSince = 0
		case p.silentSince == 0:
			p.silentSince = now
		case now-p.silentSince >= int64(undecodableAfter):
			p.notified = true
			p.viewer.Tell(codecNotice, m.name+" sends "+coding+", which this client does not decode")
		}
	}
}

// Idle returns the ids of the members that have neither sent nor been sent a frame for so long, those that have been
// idle for longest first.
func (p *Pool) Idle(least time.Duration) []uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	var idle []*Member
	for _, r := range p.rooms {
		for _, m := range r.members {
			if now-m.active.Load() >= int64(least) {
				idle = append(idle, m)
			}
		}
	}
	slices.SortFunc(idle, func(a, b *Member) int {
		return cmp.Or(cmp.Compare(a.active.Load(), b.active.Load()), cmp.Compare(a.id, b.id))
	})
	ids := make([]uint32, len(idle))
	for i, m := range idle {
		ids[i] = m.id
	}
	return ids
}

// Evict frees a member's slot at once and ends its session with a close error. It reports whether there was such a
// member.
func (p *Pool) Evict(id uint32, why packet.CloseError) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.rooms {
		if m := r.members[id]; m != nil {
			p.quit(m, why.Code, why.Code.Info().Name)
			m.out.end(why)
			return true
		}
	}
	return false
}
