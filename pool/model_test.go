package pool

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"acip/media"
	"acip/packet"

	"pgregory.net/rapid"
)

// modelMember is what a client of its own would know, from its packets alone.
type modelMember struct {
	m       *Member
	id      uint32
	room    string
	joins   bool
	codecs  []string
	secret  string
	plain   bool
	wishes  map[uint32]bool
	roster  map[uint32]bool
	seen    map[uint32]uint64 // newest picture of each sender
	have    map[uint32]uint64 // the newest picture of each that others can depend on
	spoke   bool              // had its WELCOME
	asked   *packet.Ask
	drained map[uint32]uint64 // pictures it took, by sender
}

// model is many members and the laws that hold for each of them.
type model struct {
	*world
	slots   int
	members []*modelMember
	counter uint64
	needed  map[uint32]uint64 // by sender: the picture that its next one depends on
}

// dependent is a VP8 picture that says which one it depends on (0: none).
func (x *model) dependent(n, on uint64, flags media.Flags) *packet.Buffer {
	b := x.buffers.Get(packet.VideoHeadSize + 16)
	packet.VideoHead{Codec: vp8Codec, Flags: flags, Width: 8, Height: 8, Seq: uint32(n)}.Put(b.Payload())
	binary.BigEndian.PutUint64(b.Payload()[packet.VideoHeadSize:], n)
	binary.BigEndian.PutUint64(b.Payload()[packet.VideoHeadSize+8:], on)
	b.Finish(packet.VideoFrame, 0)
	return b
}

func (x *model) pick(t *rapid.T) *modelMember {
	if len(x.members) == 0 {
		t.Skip("nobody")
	}
	return rapid.SampledFrom(x.members).Draw(t, "member")
}

func (x *model) pickSender(t *rapid.T) *modelMember {
	m := x.pick(t)
	if !m.joins {
		t.Skip("a watcher")
	}
	return m
}

func (x *model) join(t *rapid.T) {
	h := packet.Hello{
		Name:   rapid.SampledFrom([]string{"alice", "bob"}).Draw(t, "name"),
		Room:   rapid.SampledFrom([]string{"a", "a", "a", "b"}).Draw(t, "room"),
		Role:   rapid.SampledFrom([]string{"join", "join", "watch"}).Draw(t, "role"),
		Demand: rapid.Bool().Draw(t, "demand"),
		Codecs: rapid.SampledFrom([][]string{nil, {"vp8", "jpeg", "raw"}, {"jpeg"}, {"raw"}}).Draw(t, "codecs"),
	}
	var old *modelMember
	if len(x.members) > 0 && rapid.IntRange(0, 4).Draw(t, "resume") == 0 {
		old = rapid.SampledFrom(x.members).Draw(t, "old")
		h.Resume, h.Room = old.secret, old.room
	}
	m, err := x.try(h)
	if old == nil && len(x.members) == x.slots {
		if err != ErrFull {
			t.Fatalf("join of a full pool: %v", err)
		}
		return
	}
	if err != nil {
		t.Fatalf("join: %v", err)
	}
	if old != nil {
		if m.ID() != old.id {
			t.Fatalf("resumed %d as %d", old.id, m.ID())
		}
		x.drop(t, old, false)
	}
	x.members = append(x.members, &modelMember{
		m: m, id: m.ID(), room: h.Room, joins: h.Role == "join", codecs: cleanCodecs(h), secret: m.secret, plain: !h.Demand,
		wishes: map[uint32]bool{}, roster: map[uint32]bool{}, seen: map[uint32]uint64{}, have: map[uint32]uint64{}, drained: map[uint32]uint64{},
	})
	delete(x.needed, m.ID())
}

// drop lets a member leave, and says whether that must free a slot.
func (x *model) drop(t *rapid.T, m *modelMember, frees bool) {
	if _, freed := m.m.Leave(packet.CodeBye, "bye"); freed != frees {
		t.Fatalf("leaving freed %v, want %v", freed, frees)
	}
	if _, freed := m.m.Leave(packet.CodeBye, "again"); freed {
		t.Fatal("freed twice")
	}
	if b := m.m.Next(); b != nil {
		t.Fatal("something waits for who left")
	}
	x.members = slices.DeleteFunc(x.members, func(o *modelMember) bool { return o == m })
}

func (x *model) publish(t *rapid.T) {
	m := x.pickSender(t)
	for range rapid.IntRange(1, 6).Draw(t, "pictures") {
		x.counter++
		x.advance(time.Duration(rapid.IntRange(0, 60).Draw(t, "ms")) * time.Millisecond)
		switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); kind {
		case 0:
			x.publishOne(m, x.image(x.counter))
		case 1:
			x.publishOne(m, x.coded(x.counter, jpg, 0, 0))
		case 2, 3:
			x.publishOne(m, x.dependent(x.counter, 0, key))
			x.needed[m.id] = x.counter
		default:
			if on := x.needed[m.id]; on != 0 && kind < 6 {
				x.publishOne(m, x.dependent(x.counter, on, drop))
			} else if on != 0 {
				x.publishOne(m, x.dependent(x.counter, on, 0))
				x.needed[m.id] = x.counter
			}
		}
	}
}

func (x *model) publishOne(m *modelMember, b *packet.Buffer) {
	x.world.publish(m.m, b)
}

// take reads some of what waits and checks it.
func (x *model) take(t *rapid.T) {
	m := x.pick(t)
	x.read(t, m, rapid.IntRange(1, 10).Draw(t, "packets"))
}

func (x *model) read(t *rapid.T, m *modelMember, most int) {
	for range most {
		b := m.m.Next()
		if b == nil {
			return
		}
		x.check(t, m, b)
		b.Release()
	}
}

func (x *model) check(t *rapid.T, m *modelMember, b *packet.Buffer) {
	if !m.spoke && b.Type() != packet.WelcomeType {
		t.Fatalf("%s before WELCOME", b.Type())
	}
	switch b.Type() {
	case packet.WelcomeType:
		w, _ := packet.Unmarshal[packet.Welcome](b)
		m.spoke = true
		for _, o := range w.Members {
			m.roster[o.ID] = true
		}
	case packet.ClientJoin:
		j, _ := packet.Unmarshal[packet.Member](b)
		if m.roster[j.ID] {
			t.Fatalf("%d came twice", j.ID)
		}
		m.roster[j.ID] = true
	case packet.ClientLeave:
		l, _ := packet.Unmarshal[packet.Leave](b)
		if !m.roster[l.ID] {
			t.Fatalf("%d went without having come", l.ID)
		}
		delete(m.roster, l.ID)
		delete(m.have, l.ID)
		delete(m.drained, l.ID)
	case packet.Demand:
		ask, _ := packet.Unmarshal[packet.Ask](b)
		m.asked = &ask
	case packet.ImageFrame, packet.VideoFrame:
		x.checkPicture(t, m, b)
	}
}

func (x *model) checkPicture(t *rapid.T, m *modelMember, b *packet.Buffer) {
	id, n := b.Client(), number(b)
	switch {
	case id == m.id:
		t.Fatal("a picture came back to its sender")
	case !m.roster[id]:
		t.Fatalf("a picture of %d, who is not in the room", id)
	case !m.plain && !m.wishes[id]:
		t.Fatalf("a picture of %d, whom it does not look at", id)
	case n <= m.seen[id]:
		t.Fatalf("picture %d of %d after %d", n, id, m.seen[id])
	}
	m.seen[id] = n
	m.drained[id]++
	if b.Type() == packet.ImageFrame {
		return
	}
	h, _, _ := packet.ParseVideo(b.Payload(), 0)
	if name := [...]string{"", "jpeg", "vp8"}[h.Codec]; m.m.demands && !slices.Contains(m.codecs, name) {
		t.Fatalf("%s for one that decodes %v", name, m.codecs)
	}
	if h.Codec != vp8Codec {
		return
	}
	if on := binary.BigEndian.Uint64(b.Payload()[packet.VideoHeadSize+8:]); on != 0 && on != m.have[id] {
		t.Fatalf("picture %d needs %d, the viewer has %d", n, on, m.have[id])
	}
	if !h.Flags.Has(media.Discardable) {
		m.have[id] = n
	}
}

func (x *model) wish(t *rapid.T) {
	m := x.pick(t)
	wants := []packet.Want{}
	m.plain, m.wishes = false, map[uint32]bool{}
	for _, o := range x.members {
		if rapid.Bool().Draw(t, "look") {
			size := rapid.IntRange(0, 4).Draw(t, "size") * 160
			wants = append(wants, packet.Want{ID: o.id, Width: size, Height: size, FPS: rapid.SampledFrom([]media.Rate{media.Native, 10, 30}).Draw(t, "fps")})
			m.wishes[o.id] = true
		}
	}
	m.m.SetSubscriptions(wants)
}

// settle reads everything and compares the sums.
func (x *model) settle(t *rapid.T) {
	for range 40 { // who came last is known, and what changed last is told
		x.advance(time.Second)
		x.pool.Tick()
	}
	for _, m := range x.members {
		x.read(t, m, 1<<20)
	}
	if used := x.pool.Slots().Used; used != len(x.members) {
		t.Fatalf("%d slots used by %d members", used, len(x.members))
	}
	for _, m := range x.members {
		others := map[uint32]bool{}
		looked := false
		for _, o := range x.members {
			if o != m && o.room == m.room {
				others[o.id] = true
				looked = looked || o.plain || o.wishes[m.id]
			}
		}
		if !maps.Equal(others, m.roster) {
			t.Fatalf("%d believes in %v, there are %v", m.id, m.roster, others)
		}
		if m.joins && (m.asked == nil || looked != (m.asked.FPS > 0)) {
			t.Fatalf("%d was told %+v, looked at: %v", m.id, m.asked, looked)
		}
	}
	for _, r := range x.pool.Stats().Rooms {
		for _, s := range r.Members {
			x.balance(t, s)
		}
	}
}

func (x *model) balance(t *rapid.T, s MemberStats) {
	i := slices.IndexFunc(x.members, func(m *modelMember) bool { return m.id == s.ID })
	for _, p := range s.From {
		var dropped uint64
		for _, n := range p.Dropped {
			dropped += n
		}
		if p.Offered != p.Frames+dropped {
			t.Fatalf("%d of %d: offered %d, sent %d, dropped %v", p.ID, s.ID, p.Offered, p.Frames, p.Dropped)
		}
		if got := x.members[i].drained[p.ID]; got != p.Frames {
			t.Fatalf("%d of %d: %d taken, %d counted", p.ID, s.ID, got, p.Frames)
		}
	}
}

func TestAnyOrderOfOperations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slots := rapid.IntRange(1, 8).Draw(t, "slots")
		x := &model{world: newWorld(t, Options{Slots: slots, Control: 4096}), slots: slots, needed: map[uint32]uint64{}}
		t.Repeat(map[string]func(*rapid.T){
			"join":    x.join,
			"leave":   func(t *rapid.T) { x.drop(t, x.pick(t), true) },
			"publish": x.publish,
			"take":    x.take,
			"wish":    x.wish,
			"settle":  x.settle,
			"key":     func(t *rapid.T) { x.pick(t).m.RequestKeyframe(x.pick(t).id) },
			"lost":    func(t *rapid.T) { x.pickSender(t).m.Lost() },
			"stream":  func(t *rapid.T) { x.pick(t).m.SetStreaming(media.Video, rapid.Bool().Draw(t, "on")) },
			"say":     func(t *rapid.T) { x.pick(t).m.Say(fmt.Sprint(x.counter)) },
			"wait": func(t *rapid.T) {
				x.advance(time.Duration(rapid.IntRange(1, 5000).Draw(t, "ms")) * time.Millisecond)
				x.pool.Tick()
			},
		})
		x.settle(t)
		x.end()
	})
}
