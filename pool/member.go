package pool

import (
	"slices"
	"sync/atomic"
	"time"

	"acip/media"
	"acip/packet"
)

// maxRequests is how many tracks a member may request; more are ignored.
const maxRequests = 4096

// Member is one client in its room, from Join to Leave. It implements the transport's PacketSource. All methods are
// safe for concurrent use.
type Member struct {
	pool     *Pool
	room     *room
	id       uint32
	slot     int
	name     string
	role     string
	secret   string
	codecs   []string // nil: it did not say
	decoders codecSet
	demands  bool // it announced that it sends DEMANDs

	active atomic.Int64 // when a frame last went to or from it

	// Guarded by Pool.mu.
	introduced    bool   // the others know of it
	joined        int64  // when
	said          bucket // bytes of chat from it
	unsaid        uint64 // lines of chat from it that were dropped
	stated        bool   // the others have to be told whether it is paused
	statedAt      int64
	left          bool // no longer in its room: it left, or was taken over
	wantsAll      bool // it gets every track at any size
	paused        bool
	audio         bool                    // it announced an audio track
	requests      map[uint32]request      // by the sender's id
	subscriptions map[track]*subscription // as a viewer
	asked         bool                    // ask was sent
	ask           packet.Ask              // the last DEMAND to it
	target        packet.Ask              // what is wanted of it by now
	due           bool                    // target has to be sent
	demandTimes   [demandsBurst]int64     // when the last DEMANDs were sent, newest first; 0: never
	grew          int64                   // when one last grew; 0: never

	stream stream
	out    sendQueue
}

// ID returns the member's id, which no other member ever has.
func (m *Member) ID() uint32 { return m.id }

// Name returns the name given to it, unique in its room.
func (m *Member) Name() string { return m.name }

// Room returns the name of its room.
func (m *Member) Room() string { return m.room.name }

// Watcher reports whether it may only watch.
func (m *Member) Watcher() bool { return m.role == packet.RoleWatch }

// codecSet has a bit for each codec number below 64, which is all that there are.
type codecSet uint64

func (s *codecSet) add(c media.Codec) { *s |= 1 << (c & 63) }

func (s codecSet) has(c media.Codec) bool { return s>>(c&63)&1 == 1 }

// decodes reports whether the member can use a picture. A client that sends no DEMAND gets everything.
func (m *Member) decodes(f frame) bool {
	switch {
	case !m.demands:
		return true
	case f.codec == media.Raw:
		return true
	}
	return m.decoders.has(f.codec)
}

// subscribe subscribes the member to all tracks of a sender. Under Pool.mu.
func (m *Member) subscribe(sender *Member) {
	if sender == m || sender.role != packet.RoleJoin {
		return
	}
	m.subscribeTo(sender, media.Video)
	if sender.audio {
		m.subscribeTo(sender, media.Audio)
	}
}

// subscribeTo subscribes the member to one track of a sender. Under Pool.mu.
func (m *Member) subscribeTo(sender *Member, kind media.Kind) {
	s := &sender.stream
	p := &subscription{
		viewer: m, track: track{sender.id, kind}, stream: s, queue: queue{policy: policyOf(kind)},
	}
	m.out.mu.Lock()
	m.subscriptions[p.track] = p
	m.out.mu.Unlock()
	s.mu.Lock()
	list := s.subscribers(kind)
	*list = append(*list, p)
	s.mu.Unlock()
	m.room.updateSubscription(p, sender, m.requestFor(sender.id))
}

// unsubscribe ends all subscriptions of the member to a sender. Under Pool.mu.
func (m *Member) unsubscribe(sender *Member) {
	m.unsubscribeFrom(sender, media.Video)
	m.unsubscribeFrom(sender, media.Audio)
}

// unsubscribeFrom ends the subscription to one track of a sender, if there is one. Under Pool.mu.
func (m *Member) unsubscribeFrom(sender *Member, kind media.Kind) {
	p := m.subscriptions[track{sender.id, kind}]
	if p == nil {
		return
	}
	sender.stream.mu.Lock()
	sender.stream.remove(p)
	sender.stream.mu.Unlock()
	m.out.mu.Lock()
	delete(m.subscriptions, p.track)
	m.out.mu.Unlock()
	m.out.forget(p)
	if p.request.wanted && kind == media.Video {
		sender.demand()
	}
}

// RequestKeyframe requests a keyframe from a sender, which this member needs: at most twice a second for all viewers
// together. Until it arrives, the member is sent no inter-coded frame. An id that it cannot see is ignored.
func (m *Member) RequestKeyframe(id uint32) {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	p, sender := m.subscriptions[track{id, media.Video}], m.room.members[id]
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

// Report notes what the member says that it received, for Stats.
func (m *Member) Report(r packet.Report) {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	m.out.mu.Lock()
	defer m.out.mu.Unlock()
	for _, s := range r.Streams {
		if p := m.subscriptions[track{s.ID, media.Video}]; p != nil {
			p.reported = s
		}
	}
}

// Say sends a chat message to the others in the room. The text is cleaned. An empty message is not sent; one above the
// member's share of the room's chat is dropped and counted.
func (m *Member) Say(text string) {
	text = packet.CleanText(text)
	if text == "" {
		return
	}
	b, err := m.pool.buffers.JSON(packet.TextMessage, m.id, packet.Text{Text: text})
	if err != nil {
		return // not reachable: JSON can hold every such body
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
			o.out.putChat(b)
		}
	}
}

// stateEvery is how often the others are told that a member paused or went on. They always learn the last state.
const stateEvery = 500 * time.Millisecond

// SetStreaming says that a track of the member begins or is paused. Of video, the others are told, and later members
// too; a paused member has no cached keyframe. Of audio, the others are subscribed or unsubscribed; nothing is sent,
// because no version of the protocol announces audio yet.
func (m *Member) SetStreaming(kind media.Kind, on bool) {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	if m.left || m.role != packet.RoleJoin {
		return
	}
	if kind == media.Audio {
		m.setAudio(on)
		return
	}
	m.paused, m.stated = !on, true
	if !on {
		m.stream.mu.Lock()
		m.stream.forget()
		m.stream.mu.Unlock()
	}
	m.sendState(m.pool.now())
}

// setAudio begins or ends the member's audio track. Under Pool.mu.
func (m *Member) setAudio(on bool) {
	if on == m.audio {
		return
	}
	m.audio = on
	for _, o := range m.room.members {
		switch {
		case o == m || !m.introduced:
		case on:
			o.subscribeTo(m, media.Audio)
		default:
			o.unsubscribeFrom(m, media.Audio)
		}
	}
}

// sendState tells the others whether the member is paused, if that is due and the last time is long enough ago. Under
// Pool.mu.
func (m *Member) sendState(now int64) {
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

// Tell queues an ERROR_MESSAGE to the member; the connection goes on.
func (m *Member) Tell(code packet.Code, sentence string) {
	m.out.put(m.pool.buffers.Error(code, sentence))
}

// listed returns the member as WELCOME and CLIENT_JOIN show it. Under Pool.mu.
func (m *Member) listed() packet.Member {
	return packet.Member{ID: m.id, Name: m.name, Role: m.role, Codecs: slices.Clone(m.codecs), Paused: m.paused}
}
