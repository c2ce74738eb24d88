package pool

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"acip/media"
	"acip/packet"
)

func TestSlotsAreTakenAndFreedOnce(t *testing.T) {
	w := newWorld(t, Options{Slots: 3})
	var all []*Member
	for i := range 3 {
		m, welcome := w.join(packet.Hello{Name: "alice"})
		all = append(all, m)
		if welcome.Slots != (packet.Slots{Total: 3, Used: i + 1}) {
			t.Errorf("slots %+v after %d", welcome.Slots, i+1)
		}
	}
	if _, err := w.try(packet.Hello{}); !errors.Is(err, ErrFull) {
		t.Fatalf("fourth of three: %v", err)
	}
	c, freed := all[1].Leave(packet.CodeBye, "bye")
	if want := (Cleanup{ID: 2, Index: 1, Before: 3}); !freed || c != want {
		t.Errorf("Leave = %+v, %v; want %+v", c, freed, want)
	}
	if _, freed := all[1].Leave(packet.CodeBye, "again"); freed {
		t.Error("a slot was freed twice")
	}
	m, welcome := w.join(packet.Hello{})
	if welcome.ID != 4 || m.slot != 1 {
		t.Errorf("id %d in slot %d, want a new id in the slot that was freed", welcome.ID, m.slot)
	}
	w.end()
}

func TestNamesAreUniqueInTheirRoom(t *testing.T) {
	w := newWorld(t, Options{})
	long := strings.Repeat("x", 40)
	for _, c := range []struct{ room, name, want string }{
		{"a", "alice", "alice"}, {"a", "alice", "alice-2"}, {"a", "alice", "alice-3"}, {"b", "alice", "alice"},
		{"a", "", "guest"}, {"a", "\x1b[2J", "[2J"}, {"a", long, long[:32]}, {"a", long, long[:30] + "-2"},
	} {
		if _, got := w.join(packet.Hello{Room: c.room, Name: c.name}); got.Name != c.want {
			t.Errorf("%q in %s became %q, want %q", c.name, c.room, got.Name, c.want)
		}
	}
	w.end()
}

func TestRosterReachesEverybody(t *testing.T) {
	w := newWorld(t, Options{})
	alice, _ := w.join(packet.Hello{Name: "alice", Codecs: []string{"raw", "\x1b[m"}})
	w.drain(alice)
	bob, welcome := w.join(packet.Hello{Name: "bob", Role: packet.RoleWatch})
	if len(welcome.Members) != 1 || welcome.Members[0].Name != "alice" || !slices.Equal(welcome.Members[0].Codecs, []string{"raw"}) {
		t.Errorf("bob was shown %+v", welcome.Members)
	}
	if joined, ok := last[packet.Member](w, alice, packet.ClientJoin); !ok || joined.Name != "bob" || joined.Role != "watch" {
		t.Errorf("alice was told %+v, %v", joined, ok)
	}
	alice.SetStreaming(media.Video, false)
	if _, welcome := w.join(packet.Hello{Name: "carol"}); !welcome.Members[0].Paused {
		t.Error("carol was not told that alice is paused")
	}
	alice.Leave(packet.CodeBye, "gone\x07")
	if left, ok := last[packet.Leave](w, bob, packet.ClientLeave); !ok || left.Name != "alice" || left.Reason != "gone" || left.Code != packet.CodeBye {
		t.Errorf("bob was told %+v, %v", left, ok)
	}
	w.end()
}

func TestPlacesKeepTheNewest(t *testing.T) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{Name: "a"})
	b, _ := w.join(packet.Hello{Name: "b"})
	v, _ := w.join(packet.Hello{Name: "v", Role: packet.RoleWatch})
	for n := range uint64(5) {
		w.publish(a, w.image(n))
		w.publish(b, w.coded(100+n, jpg, 0, 0))
	}
	pictures, _ := w.drain(v)
	if slices.Sort(pictures); !slices.Equal(pictures, []uint64{4, 104}) {
		t.Errorf("the viewer got %v, want the newest of each", pictures)
	}
	if pictures, _ := w.drain(a); !slices.Equal(pictures, []uint64{104}) {
		t.Errorf("a got %v, want b's only", pictures)
	}
	s := w.pool.Stats().Rooms[0].Members[2]
	if s.FramesOut != 2 || s.Dropped["replaced"] != 8 {
		t.Errorf("stats of the viewer: %+v", s)
	}
	w.end()
}

// TestWhoGoesTakesNoCountsAlong: a viewer's sums keep what came from senders that went.
func TestWhoGoesTakesNoCountsAlong(t *testing.T) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{})
	v, _ := w.join(packet.Hello{Role: packet.RoleWatch})
	for n := range uint64(3) {
		w.publish(a, w.image(n))
		if n == 0 {
			w.drain(v)
		}
	}
	before := v.Stats()
	a.Leave(packet.CodeBye, "bye")
	after := v.Stats()
	if before.FramesOut != 1 || before.BytesOut == 0 || after.FramesOut != 1 || after.BytesOut != before.BytesOut {
		t.Errorf("sent %d pictures, %d bytes; after the sender went %d, %d", before.FramesOut, before.BytesOut, after.FramesOut, after.BytesOut)
	}
	if after.Dropped["replaced"] != 1 || after.Dropped["left"] != 1 || len(after.From) != 0 {
		t.Errorf("dropped %v, from %v", after.Dropped, after.From)
	}
	w.end()
}

func TestSendersTakeTurnsAndControlGoesFirst(t *testing.T) {
	w := newWorld(t, Options{})
	var senders []*Member
	for range 3 {
		m, _ := w.join(packet.Hello{})
		senders = append(senders, m)
	}
	v, _ := w.join(packet.Hello{})
	w.drain(v)
	for i, s := range senders {
		w.publish(s, w.image(uint64(i)))
	}
	first := v.Next()
	w.publish(senders[0], w.image(10)) // behind the others now
	w.publish(senders[1], w.image(11)) // keeps its turn
	senders[2].Say("hello")
	if got := number(first); got != 0 {
		t.Errorf("first was %d", got)
	}
	first.Release()
	b := v.Next()
	if b.Type() != packet.TextMessage || b.Client() != senders[2].ID() {
		t.Errorf("%s of %d came before the text", b.Type(), b.Client())
	}
	b.Release()
	if pictures, _ := w.drain(v); !slices.Equal(pictures, []uint64{11, 2, 10}) {
		t.Errorf("then %v", pictures)
	}
	w.end()
}

// TestFullControlQueueEndsTheMember, full by number or by bytes, and not one that takes what comes, however much.
func TestFullControlQueueEndsTheMember(t *testing.T) {
	for _, c := range []struct {
		limits Options
		text   string
		most   int // that may wait
	}{{Options{Control: 8}, "x", 8}, {Options{ControlBytes: 10_000}, strings.Repeat("x", 960), 10}} {
		w := newWorld(t, c.limits)
		a, _ := w.join(packet.Hello{})
		v, _ := w.join(packet.Hello{})
		w.drain(v)
		for range 10 * c.most {
			v.Tell(packet.CodeRate, c.text)
			w.drain(v)
		}
		for i := range c.most + 1 {
			if w.ended[v] != nil {
				t.Errorf("ended with %d of %d waiting: %v", i, c.most, w.ended[v])
			}
			v.Tell(packet.CodeRate, c.text)
		}
		var end packet.CloseError
		if !errors.As(w.ended[v], &end) || end.Code != packet.CodeStalled {
			t.Errorf("the member that takes nothing was ended with %v", w.ended[v])
		}
		if w.ended[a] != nil {
			t.Errorf("the other was ended with %v", w.ended[a])
		}
		w.end()
	}
}

// TestDepartedSendersStayInTheSums, with what was sent of theirs and what was not.
func TestDepartedSendersStayInTheSums(t *testing.T) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{})
	v, _ := w.join(packet.Hello{})
	w.publish(a, w.image(1))
	w.drain(v)
	w.publish(a, w.image(2))
	before := v.Stats()
	a.Leave(packet.CodeBye, "bye")
	after := v.Stats()
	if after.FramesOut != 1 || after.BytesOut == 0 || after.BytesOut != before.BytesOut || after.Dropped["left"] != 1 || len(after.From) != 0 {
		t.Errorf("with the sender %+v, without %+v", before, after)
	}
	w.end()
}

// TestWaitsAreTold: how long a picture waited for its viewer's connection.
func TestWaitsAreTold(t *testing.T) {
	w := newWorld(t, Options{})
	a, _ := w.join(packet.Hello{})
	v, _ := w.join(packet.Hello{})
	for range 100 {
		w.publish(a, w.image(1))
		w.advance(40 * time.Millisecond)
		w.drain(v)
	}
	if got, want := v.Stats().From[0].WaitMS, (WaitStats{Newest: 40, P50: 64, P99: 64}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	w.end()
}

// TestRepairsAreRarer for a viewer that falls behind again and again, and not for one that has done well for a while.
func TestRepairsAreRarer(t *testing.T) {
	const ms = int64(time.Millisecond)
	p := subscription{viewer: &Member{}}
	now := int64(1)
	for i, want := range []int64{0, 500, 1000, 2000, 4000, 4000} {
		if p.onOverflow(now); p.nextKeyRequest-now != want*ms {
			t.Errorf("time %d: a key may be asked for in %d ms, want %d", i, (p.nextKeyRequest-now)/ms, want)
		}
		now += int64(time.Second)
	}
	now += int64(repairCalm)
	if p.onOverflow(now); p.nextKeyRequest != now {
		t.Errorf("after a calm a key may be asked for in %d ms", (p.nextKeyRequest-now)/ms)
	}
}

func TestResume(t *testing.T) {
	for _, alive := range []bool{true, false} {
		t.Run(fmt.Sprintf("alive=%v", alive), func(t *testing.T) {
			w := newWorld(t, Options{Slots: 2})
			v, _ := w.join(packet.Hello{Name: "v"})
			v.SetSubscriptions([]packet.Want{{ID: 2, Width: 80, Height: 45, FPS: 15}})
			old, first := w.join(packet.Hello{Name: "alice"})
			w.drain(v)
			if !alive {
				old.Leave(packet.CodeBye, "lost")
			}
			again, second := w.join(packet.Hello{Name: "alice", Resume: first.Resume})
			if second.ID != first.ID || second.Name != "alice" || second.Resume != first.Resume {
				t.Errorf("resumed as %+v, was %+v", second, first)
			}
			var end packet.CloseError
			if errors.As(w.ended[old], &end); alive != (end.Code == packet.CodeTakenOver) {
				t.Errorf("the old session was ended with %v", w.ended[old])
			}
			if _, freed := old.Leave(packet.CodeBye, "closed"); freed {
				t.Error("the old session gave back the slot of the new one")
			}
			if used := w.pool.Slots().Used; used != 2 {
				t.Errorf("%d slots used, want 2", used)
			}
			if _, control := w.drain(v); !slices.Equal(control, []packet.Type{packet.ClientLeave, packet.ClientJoin, packet.Demand}) &&
				!slices.Equal(control, []packet.Type{packet.ClientLeave, packet.ClientJoin}) {
				t.Errorf("the viewer was told %v", control)
			}
			w.publish(again, w.image(7))
			if pictures, _ := w.drain(v); !slices.Equal(pictures, []uint64{7}) {
				t.Errorf("the viewer, whose wish stands, got %v", pictures)
			}
			w.publish(old, w.image(8))
			if pictures, _ := w.drain(v); pictures != nil {
				t.Errorf("the old session still sends: %v", pictures)
			}
			w.end()
		})
	}
}

func TestResumeIsForgotten(t *testing.T) {
	w := newWorld(t, Options{ResumeFor: time.Minute})
	m, first := w.join(packet.Hello{Name: "alice"})
	m.Leave(packet.CodeBye, "lost")
	if _, other := w.join(packet.Hello{Name: "alice", Resume: first.Resume, Room: "elsewhere"}); other.ID == first.ID {
		t.Error("a secret was good in another room")
	}
	w.advance(time.Minute + time.Millisecond)
	w.pool.Tick()
	if _, late := w.join(packet.Hello{Name: "alice", Resume: first.Resume}); late.ID == first.ID {
		t.Error("a secret was good for ever")
	}
	for range 2000 {
		m, _ := w.join(packet.Hello{})
		m.Leave(packet.CodeBye, "lost")
	}
	if n := len(w.pool.resumes.all); n > 300 {
		t.Errorf("%d sessions are kept", n)
	}
	w.end()
}
