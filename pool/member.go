package pool

import (
	"slices"
	"sync/atomic"
	"time"

	"acip/media"
	"acip/packet"
)

// maxRequests is how many streams a wish may name; more are not looked at.
const maxRequests = 4096

// Member is one client in its room, from Join to Leave. It satisfies the
// transport's PacketSource. All methods are safe for concurrent use.
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

	active atomic.Int64 // when a picture last went to or from it

	// Guarded by Pool.mu.
	introduced    bool   // the others know of it
	joined        int64  // when
	said          bucket // what it said
	unsaid        uint64 // lines of its that went to nobody
	stated        bool   // the others are to be told whether it is paused
	statedAt      int64
	left          bool // it is in its room no more: it left, or was taken over
	wantsAll      bool // it gets everything
	paused        bool
	requests      map[uint32]request
	subscriptions map[uint32]*subscription // as a viewer, by the sender's id
	ask           packet.Ask               // the last DEMAND to it
	asked         bool
	target        packet.Ask         // what is wanted of it by now
	due           bool               // that is still to be told
	told          [demandsMost]int64 // when the last DEMANDs were told, newest first; 0: never
	grew          int64              // when one last grew; 0: never

	stream stream
	out    sendQueue
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
func (m *Member) decodes(pic frame) bool {
	switch {
	case !m.demands:
		return true
	case pic.codec == media.JPEG:
		return m.jpeg
	case pic.codec == media.VP8:
		return m.vp8
	}
	return true
}

// sees makes the subscription in which the member subscriptions a sender. Under Pool.mu.
func (m *Member) subscribe(sender *Member) {
	if sender == m || sender.role != packet.RoleJoin {
		return
	}
	p := &subscription{viewer: m, sender: sender.id, stream: &sender.stream}
	m.out.mu.Lock()
	m.subscriptions[sender.id] = p
	m.out.mu.Unlock()
	sender.stream.mu.Lock()
	sender.stream.viewers = append(sender.stream.viewers, p)
	sender.stream.mu.Unlock()
	m.room.updateSubscription(p, sender, m.requestFor(sender.id))
}

// loses ends the subscription in which the member subscriptions a sender. Under Pool.mu.
func (m *Member) unsubscribe(sender *Member) {
	p := m.subscriptions[sender.id]
	if p == nil {
		return
	}
	sender.stream.mu.Lock()
	sender.stream.remove(p)
	sender.stream.mu.Unlock()
	m.out.mu.Lock()
	delete(m.subscriptions, sender.id)
	m.out.mu.Unlock()
	m.out.forget(p)
	if p.request.wanted {
		sender.demand()
	}
}

// RequestKeyframe asks a sender for a key picture, which this member needs; for all
// viewers together at most twice a second. Until it comes the member is sent
// nothing that depends on what it misses. An id that it cannot see is ignored.
func (m *Member) RequestKeyframe(id uint32) {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	p, sender := m.subscriptions[id], m.room.members[id]
	if m.left || p == nil || sender == nil {
		return
	}
	s := &sender.stream
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.interCoded() {
		p.requireKeyframe()
	}
	s.requestKeyframe()
	sender.sendKeyRequest(m.pool.now())
}

// Report notes what the member says that it got, for Stats.
func (m *Member) Report(r packet.Report) {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	m.out.mu.Lock()
	defer m.out.mu.Unlock()
	for _, s := range r.Streams {
		if p := m.subscriptions[s.ID]; p != nil {
			p.reported = s
		}
	}
}

// Say sends a chat message to the others in the room. The text is cleaned; an
// empty one is not sent, and one above the member's share of what its viewers
// read of chat is dropped and counted.
func (m *Member) Say(text string) {
	text = packet.CleanText(text)
	if text == "" {
		return
	}
	b, err := m.pool.buffers.JSON(packet.TextMessage, m.id, packet.Text{Text: text})
	if err != nil {
		return // a body of ours that JSON cannot hold: there is none
	}
	defer b.Release()
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	if m.left {
		return
	}
	share := max(chatRate/max(len(m.room.members), 1), chatShare)
	if !m.introduced || !m.said.pass(m.pool.now(), b.Len(), share, chatOwn) {
		m.unsaid++
		return
	}
	for _, o := range m.room.members {
		if o != m {
			o.out.say(b)
		}
	}
}

// stateEvery is how often the others are told that a member paused or went on;
// they are told the last state in any case.
const stateEvery = 500 * time.Millisecond

// Stream says that the member's picture begins or is paused, to the others and
// to who comes later. Whoever is paused has no kept picture.
func (m *Member) Stream(on bool) {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	if m.left || m.role != packet.RoleJoin {
		return
	}
	m.paused, m.stated = !on, true
	if !on {
		m.stream.mu.Lock()
		m.stream.forget()
		m.stream.mu.Unlock()
	}
	m.state(m.pool.now())
}

// state tells the others whether the member is paused, if that is due and it is
// time. Under Pool.mu.
func (m *Member) state(now int64) {
	if !m.introduced || !m.stated || m.statedAt != 0 && now-m.statedAt < int64(stateEvery) {
		return
	}
	m.stated, m.statedAt = false, now
	t := packet.StreamStart
	if m.paused {
		t = packet.StreamStop
	}
	b := m.pool.buffers.Get(packet.StreamSize)
	defer b.Release()
	packet.PutStream(b.Payload(), packet.StreamVideo)
	b.Finish(t, m.id)
	for _, o := range m.room.members {
		if o != m {
			o.out.putState(b.Retain())
		}
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
