package pool

import (
	"testing"

	"acip/media"
	"acip/packet"
)

// TestCall: who takes small pictures at once is called, with no lock held, and
// else the writer is woken: for large pictures, for control, and where the call
// says so.
func TestCall(t *testing.T) {
	p := New(Options{Slots: 2, Buffers: new(packet.Buffers)})
	join := func() *Member {
		m, err := p.Join(packet.Hello{Room: "lobby", Role: packet.RoleJoin}, func(error) {})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	sender, viewer := join(), join()
	drainAll([]*Member{sender, viewer})
	woken := func() bool {
		select {
		case <-viewer.Wake():
			return true
		default:
			return false
		}
	}
	woken()
	calls, takes := 0, true
	viewer.SetInlineWriter(func() bool {
		calls++
		if takes {
			drainAll([]*Member{viewer})
		}
		return takes
	})
	publish := func(n int) {
		b := p.buffers.Get(packet.VideoHeadSize + n)
		packet.VideoHead{Codec: media.VP8, Flags: media.Key, Width: 160, Height: 90}.Put(b.Payload())
		b.Finish(packet.VideoFrame, 0)
		sender.Publish(b)
		b.Release()
	}
	publish(300)
	if calls != 1 || woken() {
		t.Errorf("a small picture: %d calls", calls)
	}
	takes = false
	publish(300)
	if calls != 2 || !woken() {
		t.Errorf("a small picture that is not taken: %d calls, and nobody is woken", calls)
	}
	publish(100_000)
	if calls != 2 || !woken() {
		t.Errorf("a large picture: %d calls", calls)
	}
	sender.Say("hello")
	if calls != 2 || !woken() {
		t.Errorf("control: %d calls", calls)
	}
	sender.Leave(packet.CodeBye, "bye")
	viewer.Leave(packet.CodeBye, "bye")
	if n := p.buffers.Outstanding(); n != 0 {
		t.Errorf("%d buffers not given back", n)
	}
}
