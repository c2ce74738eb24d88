package client

import (
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"acip/frame"
	"acip/internal/server"
)

// TestDelivery: what a sender captures is at each viewer drawn or counted, none twice, none torn, in order, and the
// accounts of both ends and the server's agree exactly.
func TestDelivery(t *testing.T) {
	for _, coding := range []string{"raw", "jpeg", "auto"} {
		t.Run(coding, func(t *testing.T) {
			h := serve(t, server.Config{})
			size := frame.Size{W: 320, H: 240}
			sender := join(t, h, "sender", func(c *Config) { c.Codec, c.SendOnly = coding, true })
			var viewers []*party
			var seen []*watched
			for _, name := range []string{"v1", "v2"} {
				p, w := watch(t, h, name, "sender", size, func(*Config) {})
				viewers, seen = append(viewers, p), append(seen, w)
			}
			for _, w := range seen {
				until(t, "30 pictures", func() bool { return w.count() >= 30 })
			}
			sent := sender.account(t)
			if sent.Sent == 0 {
				t.Fatal("nothing was sent")
			}
			for i, v := range viewers {
				got := v.account(t)
				if got.Drawn == 0 || got.Received > sent.Sent {
					t.Errorf("drawn %d, received %d of %d", got.Drawn, got.Received, sent.Sent)
				}
				seen[i].check(t)
			}
		})
	}
}

func (w *watched) check(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.torn > 0 {
		t.Errorf("%d torn pictures of %d", w.torn, len(w.numbers)+w.torn)
	}
	for i := 1; i < len(w.numbers); i++ {
		if w.numbers[i] <= w.numbers[i-1] {
			t.Errorf("picture %d after %d", w.numbers[i], w.numbers[i-1])
		}
	}
}

// TestEverybodySends: from one sender to as many as fit beside a viewer, what each captured is delivered or counted, and
// the relay's account is the clients'.
func TestEverybodySends(t *testing.T) {
	for _, n := range []int{1, 4, 8, 16, 31} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			if n > 8 && testing.Short() {
				t.Skip("many senders only in the long run")
			}
			h := serve(t, server.Config{})
			var senders []*party
			for i := range n {
				senders = append(senders, join(t, h, fmt.Sprintf("s%02d", i), func(c *Config) {
					c.CaptureSize, c.Codec, c.Output = frame.Size{W: 160, H: 90}, "jpeg", "none"
				}))
			}
			viewer := join(t, h, "viewer", func(c *Config) { c.Source, c.Output = "none", "none" })
			until(t, "everybody is in", func() bool { return h.stats(t).Slots.Used == n+1 })
			time.Sleep(1500 * time.Millisecond) // a while of streaming, to have something to count
			got := viewer.account(t)
			total := uint64(0)
			for _, s := range senders {
				sent := s.account(t)
				p := got.Peers[s.name]
				if p.Received == 0 || sent.Sent == 0 {
					t.Errorf("%s: sent %d, received %d", s.name, sent.Sent, p.Received)
				}
				if p.Received > sent.Sent {
					t.Errorf("%s: sent %d, received %d", s.name, sent.Sent, p.Received)
				}
				total += p.Received
			}
			if total != got.Received {
				t.Errorf("received %d, by peers %d", got.Received, total)
			}
			t.Logf("%d senders: %d received, %.1f fps, age %+v, dropped %v", n, got.Received, got.FPS, got.AgeMS, got.Dropped)
		})
	}
}

// TestAccounts: while nobody comes or goes, what the sender sent is what the relay took, and what the relay gave to each
// viewer is what that viewer received.
func TestAccounts(t *testing.T) {
	h := serve(t, server.Config{})
	size := frame.Size{W: 320, H: 240}
	viewers := map[string]*party{}
	for _, name := range []string{"v1", "v2", "v3", "v4"} {
		viewers[name], _ = watch(t, h, name, "sender", size, func(*Config) {})
	}
	until(t, "the viewers are in", func() bool { return h.stats(t).Slots.Used == 4 })
	sender := join(t, h, "sender", func(c *Config) { c.Codec, c.SendOnly = "raw", true })
	until(t, "45 pictures taken", func() bool { return h.member(t, "sender").FramesIn >= 45 })
	sender.pause()
	taken := settled(t, func() uint64 { return h.member(t, "sender").FramesIn })
	given := map[string]uint64{}
	for name, v := range viewers {
		given[name] = settled(t, func() uint64 { return h.member(t, name).FramesOut })
		until(t, name+" has all that it was given", func() bool {
			return given[name] > 0 && v.call.counts.totals().received == given[name]
		})
	}
	if sent := sender.account(t); sent.Sent != taken {
		t.Errorf("the relay took %d, sent %d", taken, sent.Sent)
	}
	for name, v := range viewers {
		if got := v.account(t); got.Received != given[name] || got.Drawn == 0 {
			t.Errorf("%s: the relay gave %d, received %d, drew %d", name, given[name], got.Received, got.Drawn)
		}
	}
}

// TestClosedPipe: a reader that goes away is a quiet end, whether pictures come or not.
func TestClosedPipe(t *testing.T) {
	for _, streaming := range []bool{true, false} {
		h := serve(t, server.Config{})
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		viewer := join(t, h, "viewer", func(c *Config) { c.Source, c.Output, c.Peer, c.Stdout = "none", "rgb", "sender", w })
		if streaming {
			join(t, h, "sender", func(c *Config) { c.SendOnly = true })
			if _, err := io.ReadFull(r, make([]byte, 1000)); err != nil {
				t.Fatal(err)
			}
		} else {
			until(t, "the viewer is in", func() bool { return h.stats(t).Slots.Used == 1 })
		}
		r.Close()
		if err := viewer.wait(t); err != nil && !Quiet(err) {
			t.Errorf("streaming %v: %v", streaming, err)
		}
		w.Close()
	}
}

// TestStuckPipe: a reader that stops reading costs pictures and never holds up the connection or the end.
func TestStuckPipe(t *testing.T) {
	h := serve(t, server.Config{})
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	viewer := join(t, h, "viewer", func(c *Config) { c.Source, c.Output, c.Peer, c.Stdout = "none", "rgb", "sender", w })
	sender := join(t, h, "sender", func(c *Config) { c.SendOnly = true })
	until(t, "pictures were given to the stuck viewer", func() bool {
		for _, room := range h.stats(t).Rooms {
			for _, m := range room.Members {
				if m.Name == "viewer" && m.FramesOut > 20 {
					return true
				}
			}
		}
		return false
	})
	start := time.Now()
	got := viewer.account(t)
	if d := time.Since(start); d > time.Second {
		t.Errorf("took %v to leave", d)
	}
	if got.Down[ReplacedView]+got.Down[Ended] == 0 {
		t.Errorf("a stuck pipe lost nothing: %+v", got)
	}
	sender.account(t)
}
