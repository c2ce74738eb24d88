package call

import (
	"fmt"
	"testing"

	"acip/packet"
)

// crowd is an output that counts who is there.
type crowd struct {
	nowhere
	here  map[uint32]bool
	notes int
}

func (o *crowd) Peer(p Peer)                 { o.here[p.ID] = true }
func (o *crowd) Gone(id uint32, _ Departure) { delete(o.here, id) }
func (o *crowd) Note(Note)                   { o.notes++ }

// TestAFloodOfMembersIsBounded: a server that makes up members, keeps them or has them come and go, costs what a large
// room does, and says so once.
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

// TestPicturesOfACrowdAreBounded: raw pictures of many made-up members are not all kept.
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
