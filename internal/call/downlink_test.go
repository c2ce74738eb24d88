package call

import (
	"fmt"
	"testing"
	"time"

	"acip/packet"
)

// crowd is an output that keeps a list of the members.
type crowd struct {
	nowhere
	here  map[uint32]bool
	notes int
}

func (o *crowd) Peer(p Peer)                 { o.here[p.ID] = true }
func (o *crowd) Gone(id uint32, _ Departure) { delete(o.here, id) }
func (o *crowd) Note(Note)                   { o.notes++ }

// A server that invents members, whether they stay or come and go, costs no more than a large room, and the person is told
// once.
func TestAFloodOfMembersIsBounded(t *testing.T) {
	out := &crowd{here: map[uint32]bool{}}
	r := newTestDownlink(downlinkConfig{out: out})
	for i := range 4 * maxPeers {
		r.join(packet.Member{ID: uint32(i + 1), Name: fmt.Sprint("m", i), Role: packet.RoleJoin})
	}
	if len(r.peers) != maxPeers || len(out.here) != maxPeers || len(r.account.Stats(0).Peers) > maxPeers || out.notes != 1 {
		t.Errorf("%d members, %d shown, %d counted, %d notes", len(r.peers), len(out.here), len(r.account.Stats(0).Peers), out.notes)
	}
	r.join(packet.Member{ID: 1, Name: "renamed"})
	if r.member(1).Name != "renamed" {
		t.Error("a member in a full list does not change")
	}
	for i := range 4 * maxPeers {
		r.leave(packet.Leave{ID: uint32(i + 1)})
	}
	if len(r.peers) != 0 || len(out.here) != 0 || len(r.account.Stats(0).Peers) != 0 {
		t.Errorf("all left: %d members, %d shown, %d counted", len(r.peers), len(out.here), len(r.account.Stats(0).Peers))
	}
	r.join(packet.Member{ID: 1, Name: "late"})
	if !out.here[1] {
		t.Error("there is room again, and nobody is let in")
	}
}

// Raw pictures of many invented members are not all kept.
func TestPicturesOfACrowdAreBounded(t *testing.T) {
	out := &crowd{here: map[uint32]bool{}}
	r := newTestDownlink(downlinkConfig{out: out})
	for _, p := range []struct{ w, h int }{{4096, 4096}, {1280, 720}} {
		held := 0
		for range 300 {
			one := &remote{}
			if r.mayDecode(one, p.w, p.h) {
				one.pic.Resize(p.w, p.h)
				r.decoded += cap(one.pic.Pix)
				held++
			}
		}
		if r.decoded > maxDecoded || held == 0 {
			t.Errorf("%dx%d: %d pictures, %d bytes", p.w, p.h, held, r.decoded)
		}
		r.decoded = 0
	}
}

// A blind downlink counts pictures and hands them on without pixels; nothing is decoded.
func TestBlindDownlinkDoesNotDecode(t *testing.T) {
	u := newUplinkTest(t, "jpeg", packet.Ask{Width: 160, Height: 90, FPS: 30, Codecs: []string{"jpeg"}})
	for _, blind := range []bool{false, true} {
		out := newNewest()
		d := newTestDownlink(downlinkConfig{out: out, blind: blind})
		d.join(packet.Member{ID: 7, Name: "sender", Role: packet.RoleJoin})
		sent, reason := u.take(time.Now().Add(time.Duration(u.frames) * time.Second))
		if len(sent) != 1 {
			t.Fatalf("%d packets, %q", len(sent), reason)
		}
		sent[0].Stamp(7)
		d.picture(sent[0])
		sent[0].Release()
		pic := out.newest[7]
		if pic == nil || (len(pic.Pix) == 0) != blind || d.account.Stats(0).Received != 1 {
			t.Errorf("blind %v: %+v", blind, pic)
		}
		d.close()
	}
}
