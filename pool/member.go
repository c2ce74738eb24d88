package pool

import (
	"slices"

	"acip/packet"
)

// maxWishes is how many streams a wish may name; more are not looked at.
const maxWishes = 4096

// Member is one client in its room, from Join to Leave. It satisfies the
// transport's Outbox. All methods are safe for concurrent use.
type Member struct {
	pool    *Pool
	room    *room
	id      uint32
	slot    int
	name    string
	role    string
	secret  string
	codecs  []string // nil: it did not say
	jpeg    bool
	vp8     bool
	demands bool // it said that it will say what it wants

	// Guarded by Pool.mu.
	left   bool // it is in its room no more: it left, or was taken over
	plain  bool // it gets everything
	paused bool
	wishes map[uint32]want
	views  map[uint32]*pair // as a viewer, by the sender's id
	ask    packet.Ask       // the last DEMAND to it
	asked  bool

	stream stream
	out    outbox
}

// ID is the member's id, which no other member ever has.
func (m *Member) ID() uint32 { return m.id }

// Name is the name given to it, unique in its room.
func (m *Member) Name() string { return m.name }

// Room is the name of its room.
func (m *Member) Room() string { return m.room.name }

// Watcher reports whether it may only watch.
func (m *Member) Watcher() bool { return m.role == packet.RoleWatch }

// decodes reports whether the member can do something with a picture. A client
// that does not say what it wants gets everything.
func (m *Member) decodes(pic picture) bool {
	switch {
	case !m.demands:
		return true
	case pic.codec == packet.CodecJPEG:
		return m.jpeg
	case pic.codec == packet.CodecVP8:
		return m.vp8
	}
	return true
}

// sees makes the pair in which the member views a sender. Under Pool.mu.
func (m *Member) sees(sender *Member) {
	if sender == m || sender.role != packet.RoleJoin {
		return
	}
	p := &pair{viewer: m, sender: sender.id, stream: &sender.stream}
	m.out.mu.Lock()
	m.views[sender.id] = p
	m.out.mu.Unlock()
	sender.stream.mu.Lock()
	sender.stream.viewers = append(sender.stream.viewers, p)
	sender.stream.mu.Unlock()
	m.room.look(p, sender, m.wanted(sender.id))
}

// loses ends the pair in which the member views a sender. Under Pool.mu.
func (m *Member) loses(sender *Member) {
	p := m.views[sender.id]
	if p == nil {
		return
	}
	sender.stream.mu.Lock()
	sender.stream.remove(p)
	sender.stream.mu.Unlock()
	m.out.mu.Lock()
	delete(m.views, sender.id)
	m.out.mu.Unlock()
	m.out.forget(p)
	if p.want.wanted {
		sender.demand()
	}
}

// AskKey asks a sender for a key picture, which this member needs; for all
// viewers together at most twice a second. Until it comes the member is sent
// nothing that depends on what it misses. An id that it cannot see is ignored.
func (m *Member) AskKey(id uint32) {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	p, sender := m.views[id], m.room.members[id]
	if m.left || p == nil || sender == nil {
		return
	}
	s := &sender.stream
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.chained() {
		p.unsync()
	}
	s.wantKey()
	sender.flushKey(m.pool.now())
}

// Report notes what the member says that it got, for Stats.
func (m *Member) Report(r packet.Report) {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	m.out.mu.Lock()
	defer m.out.mu.Unlock()
	for _, s := range r.Streams {
		if p := m.views[s.ID]; p != nil {
			p.reported = s
		}
	}
}

// Say sends a chat message to the others in the room. The text is cleaned; an
// empty one is not sent.
func (m *Member) Say(text string) {
	text = packet.CleanText(text)
	if text == "" {
		return
	}
	m.tell(packet.TextMessage, packet.Text{Text: text})
}

// tell sends a control packet of the member's to the others.
func (m *Member) tell(t packet.Type, body any) {
	b, err := m.pool.buffers.JSON(t, m.id, body)
	if err != nil {
		return // a body of ours that JSON cannot hold: there is none
	}
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	if !m.left {
		m.room.broadcast(b, m)
	}
	b.Release()
}

// Stream says that the member's picture begins or is paused, to the others and
// to who comes later. Whoever is paused has no kept picture.
func (m *Member) Stream(on bool) {
	t := packet.StreamStop
	if on {
		t = packet.StreamStart
	}
	b := m.pool.buffers.Get(packet.StreamSize)
	defer b.Release()
	packet.PutStream(b.Payload(), packet.StreamVideo)
	b.Seal(t, m.id)
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	if m.left || m.role != packet.RoleJoin {
		return
	}
	m.paused = !on
	m.room.broadcast(b, m)
	if !on {
		m.stream.mu.Lock()
		m.stream.forget()
		m.stream.mu.Unlock()
	}
}

// Tell queues an ERROR_MESSAGE to the member, with the connection going on.
func (m *Member) Tell(code packet.Code, sentence string) {
	m.out.put(m.pool.buffers.Error(code, sentence))
}

// listed is the member as WELCOME and CLIENT_JOIN show it. Under Pool.mu.
func (m *Member) listed() packet.Member {
	return packet.Member{ID: m.id, Name: m.name, Role: m.role, Codecs: slices.Clone(m.codecs), Paused: m.paused}
}
