package call

import (
	"fmt"
	"testing"
	"time"

	"acip/packet"
)

// crowd is an output that counts who is there.
type crowd struct {
	nowhere
	here  map[uint32]bool
	notes int
}

func (o *crowd) Peer(p Peer)              { o.here[p.ID] = true }
func (o *crowd) Gone(id uint32, _ string) { delete(o.here, id) }
func (o *crowd) Note(Note)                { o.notes++ }

// TestAFloodOfMembersIsBounded: a server that makes up members, keeps them or has them come and go, costs what a large
// room does, and says so once.
func TestAFloodOfMembersIsBounded(t *testing.T) {
	out := &crowd{here: map[uint32]bool{}}
	r := newReceiver(out, newCounts())
	for i := range 4 * maxPeers {
		r.join(packet.Member{ID: uint32(i + 1), Name: fmt.Sprint("m", i), Role: packet.RoleJoin})
	}
	if len(r.peers) != maxPeers || len(out.here) != maxPeers || len(r.counts.peers) > maxPeers || out.notes != 1 {
		t.Errorf("%d members, %d shown, %d counted, %d notes", len(r.peers), len(out.here), len(r.counts.peers), out.notes)
	}
	r.join(packet.Member{ID: 1, Name: "renamed"})
	if r.who(1).Name != "renamed" {
		t.Error("a member in a full list does not change")
	}
	for i := range 4 * maxPeers {
		r.leave(packet.Leave{ID: uint32(i + 1)})
	}
	if len(r.peers) != 0 || len(out.here) != 0 || len(r.counts.peers) != 0 {
		t.Errorf("all left: %d members, %d shown, %d counted", len(r.peers), len(out.here), len(r.counts.peers))
	}
	r.join(packet.Member{ID: 1, Name: "late"})
	if !out.here[1] {
		t.Error("there is room again, and nobody is let in")
	}
}

// TestAccountsOfThoseWhoLeftAreBounded, and no picture is lost from the sums.
func TestAccountsOfThoseWhoLeftAreBounded(t *testing.T) {
	c := newCounts()
	const n = 4 * keptNames
	for i := range n {
		id := uint32(i + 1)
		c.name(id, fmt.Sprint("m", i))
		c.receive(id, 10)
		c.draw(id, time.Millisecond, time.Now())
		c.forget(id)
		c.receive(id+1<<20, 1) // of nobody
		c.dropDown(id+1<<20, Unwanted)
	}
	if len(c.peers) > keptLeft+1 || len(c.gone) > keptNames+1 {
		t.Errorf("%d accounts by id, %d by name", len(c.peers), len(c.gone))
	}
	s := c.stats(time.Second)
	if s.Received != 2*n || s.Drawn != n || s.Down[Unwanted] != n || c.totals().received != 2*n {
		t.Errorf("%d received, %d drawn, dropped %v", s.Received, s.Drawn, s.Down)
	}
}

// TestDelayIsOfThoseInView: one who left or is not drawn any more does not count, however late the last picture was.
func TestDelayIsOfThoseInView(t *testing.T) {
	c := newCounts()
	now := time.Now()
	for id, age := range map[uint32]time.Duration{1: time.Hour, 2: time.Minute, 3: time.Second} {
		c.name(id, fmt.Sprint(id))
		c.receive(id, 1)
		at := now
		if id == 2 {
			at = now.Add(-inView)
		}
		c.draw(id, age, at)
	}
	if got := c.totals().age; got != time.Hour {
		t.Errorf("%v", got)
	}
	c.forget(1)
	if got := c.totals().age; got != time.Second {
		t.Errorf("after the first left: %v", got)
	}
	c.forget(3)
	if got := c.totals().age; got != 0 {
		t.Errorf("with nobody in view: %v", got)
	}
}

// TestPicturesOfACrowdAreBounded: raw pictures of many made-up members are not all kept.
func TestPicturesOfACrowdAreBounded(t *testing.T) {
	out := &crowd{here: map[uint32]bool{}}
	r := newReceiver(out, newCounts())
	for _, p := range []struct{ w, h int }{{4096, 4096}, {1280, 720}} {
		held := 0
		for range 300 {
			one := &remote{}
			if r.room(one, p.w, p.h) {
				one.pic.Resize(p.w, p.h)
				r.held += cap(one.pic.Pix)
				held++
			}
		}
		if r.held > maxHeld || held == 0 {
			t.Errorf("%dx%d: %d pictures, %d bytes", p.w, p.h, held, r.held)
		}
		r.held = 0
	}
}

// TestTheReasonsOfGone: what the server says of members when it ends is what outputs know it by.
func TestTheReasonsOfGone(t *testing.T) {
	if GoneAway != packet.CodeGoingAway.String() {
		t.Errorf("%q is not %q", GoneAway, packet.CodeGoingAway)
	}
}
