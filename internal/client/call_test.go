package client

import (
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"acip/frame"
	"acip/internal/account"
	"acip/internal/fault"
	"acip/internal/server"
	"acip/internal/testkit/gallery"
	"acip/internal/testkit/host"
)

// TestDelivery: what a sender captures is at each viewer drawn or counted, none twice, none torn, in order, and the
// accounts of both ends and the server's agree exactly.
func TestDelivery(t *testing.T) {
	for _, coding := range []string{"raw", "jpeg", "auto"} {
		t.Run(coding, func(t *testing.T) {
			h := host.Serve(t, server.Config{})
			size := frame.Size{W: 320, H: 240}
			sender := join(t, h, "sender", func(c *Config) { c.Codec, c.SendOnly = coding, true })
			var viewers []*party
			var seen []*gallery.Gallery
			for _, name := range []string{"v1", "v2"} {
				p, w := watch(t, h, name, "sender", size, func(*Config) {})
				viewers, seen = append(viewers, p), append(seen, w)
			}
			for _, w := range seen {
				until(t, "30 pictures", func() bool { return w.Count() >= 30 })
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
				seen[i].Check(t)
			}
		})
	}
}

// TestEverybodySends: from one sender to as many as fit beside a viewer, what each captured is at each viewer delivered
// or counted with a reason, and the sums of /stats and of every stats file are the same, exactly.
func TestEverybodySends(t *testing.T) {
	for _, n := range []int{1, 4, 8, 16, 31} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			if n > 8 && testing.Short() {
				t.Skip("many senders only in the long run")
			}
			everybody, viewers, size, fps := true, 1, frame.Size{W: 160, H: 90}, 10.0
			if n > 4 { // for the machine's sake only some look, at less
				everybody, viewers, size, fps = false, 3, frame.Size{W: 80, H: 48}, 3
			}
			h := host.Serve(t, server.Config{MaxClients: viewers + n})
			var all crowd
			for i := range viewers {
				all = append(all, join(t, h, fmt.Sprintf("viewer%d", i), func(c *Config) { c.Source, c.Output = "none", "none" }))
			}
			until(t, "the viewers are in", func() bool { return h.Stats(t).Slots.Used == viewers })
			for i := range n {
				all = append(all, join(t, h, fmt.Sprintf("s%02d", i), func(c *Config) {
					c.CaptureSize, c.Codec, c.Output, c.SendOnly, c.FPS, c.FPSSet = size, "jpeg", "none", !everybody, fps, true
				}))
			}
			got := all.settle(t, h, 5)
			t.Logf("%d senders: %d received, %.1f fps, age %+v, dropped %v", n, got.Received, got.FPS, got.AgeMS, got.Dropped)
		})
	}
}

// TestAccounts is the same for pictures that stand alone, chained ones, and viewers who want different sizes of them.
func TestAccounts(t *testing.T) {
	for _, coding := range []string{"raw", "auto"} {
		t.Run(coding, func(t *testing.T) {
			h := host.Serve(t, server.Config{})
			var all crowd
			for i, size := range []frame.Size{{W: 320, H: 240}, {W: 320, H: 240}, {W: 80, H: 60}, {W: 40, H: 30}} {
				p, _ := watch(t, h, fmt.Sprint("v", i), "sender", size, func(c *Config) { c.Size = size })
				all = append(all, p)
			}
			until(t, "the viewers are in", func() bool { return h.Stats(t).Slots.Used == len(all) })
			all = append(all, join(t, h, "sender", func(c *Config) { c.Codec, c.SendOnly = coding, true }))
			all.settle(t, h, 20)
		})
	}
}

// crowd is all members of a room. Those without a source watch everybody.
type crowd []*party

// settle waits until each viewer has had least pictures of each sender, stops the senders, waits until every account
// agrees with the relay's, ends everybody, holds the stats files against the same, and returns the first's.
func (all crowd) settle(t *testing.T, h *host.Host, least uint64) account.Stats {
	t.Helper()
	until(t, "pictures of everybody", func() bool { return all.delivered(h.Stats(t), least) })
	for _, p := range all {
		p.pause()
	}
	var rest host.Stats
	var why error
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if rest = h.Stats(t); all.agree(rest) == nil {
			break
		}
	}
	if why = all.agree(rest); why != nil {
		t.Fatalf("the accounts never agree: %v", why)
	}
	files := map[string]account.Stats{}
	for _, p := range all {
		files[p.name] = p.account(t)
	}
	for _, m := range rest.Rooms[0].Members {
		s := files[m.Name]
		if s.Sent+s.SentLayers != m.FramesIn+m.LostIn || s.Received != m.FramesOut {
			t.Errorf("%s: its file says sent %d and %d, received %d; the relay took %d and gave %d", m.Name, s.Sent, s.SentLayers, s.Received, m.FramesIn, m.FramesOut)
		}
		for _, pair := range m.From {
			if name := rest.Member(pair.ID).Name; s.Peers[name].Received != pair.Frames {
				t.Errorf("%s received %d of %s, the relay gave %d", m.Name, s.Peers[name].Received, name, pair.Frames)
			}
		}
	}
	return files[all[0].name]
}

// delivered reports whether each viewer has had so many pictures of each sender.
func (all crowd) delivered(s host.Stats, least uint64) bool {
	looks := map[string]bool{}
	for _, p := range all {
		looks[p.name] = p.source == "none"
	}
	pairs, senders, viewers := 0, 0, 0
	for _, m := range s.Members() {
		if !looks[m.Name] {
			senders++
			continue
		}
		viewers++
		for _, pair := range m.From {
			if pair.Frames >= least {
				pairs++
			}
		}
	}
	return viewers > 0 && pairs == senders*viewers && senders+viewers == len(all)
}

// agree says where the accounts of the relay and of the clients differ.
func (all crowd) agree(s host.Stats) error {
	by := map[string]*party{}
	for _, p := range all {
		by[p.name] = p
	}
	for _, m := range s.Members() {
		own := by[m.Name].call.Stats()
		given, waiting := own.Sent+own.SentLayers, own.Captured-own.Sent-total(own.Up)
		if _, open := by[m.Name].call.Source(); open {
			return fmt.Errorf("%s still captures", m.Name)
		}
		if given != m.FramesIn+m.LostIn || waiting > 0 {
			return fmt.Errorf("%s sent %d, %d wait; the relay took %d and lost %d", m.Name, given, waiting, m.FramesIn, m.LostIn)
		}
		var frames, dropped uint64
		for _, pair := range m.From {
			sender := s.Member(pair.ID)
			gone := total(pair.Dropped)
			frames, dropped = frames+pair.Frames, dropped+gone
			if pair.Offered != pair.Frames+gone || pair.Frames != own.Peers[sender.Name].Received {
				return fmt.Errorf("%s was offered %d of %s: sent on %d, dropped %v; it received %d", m.Name, pair.Offered, sender.Name, pair.Frames, pair.Dropped, own.Peers[sender.Name].Received)
			}
			if m.ID < sender.ID && pair.Offered != sender.FramesIn {
				return fmt.Errorf("%s was offered %d of %d of %s", m.Name, pair.Offered, sender.FramesIn, sender.Name)
			}
		}
		if frames != m.FramesOut || dropped != total(m.Dropped) {
			return fmt.Errorf("%s: out %d, by senders %d; dropped %v, by senders %d", m.Name, m.FramesOut, frames, m.Dropped, dropped)
		}
	}
	return nil
}

func total[K comparable](m map[K]uint64) (n uint64) {
	for _, v := range m {
		n += v
	}
	return n
}

// TestClosedPipe: a reader that goes away is a quiet end, whether pictures come or not.
func TestClosedPipe(t *testing.T) {
	for _, streaming := range []bool{true, false} {
		h := host.Serve(t, server.Config{})
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
			until(t, "the viewer is in", func() bool { return h.Stats(t).Slots.Used == 1 })
		}
		r.Close()
		if err := viewer.wait(t); err != nil && !fault.Quiet(err) {
			t.Errorf("streaming %v: %v", streaming, err)
		}
		w.Close()
	}
}

// TestStuckPipe: a reader that stops reading costs pictures and never holds up the connection or the end.
func TestStuckPipe(t *testing.T) {
	h := host.Serve(t, server.Config{})
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	viewer := join(t, h, "viewer", func(c *Config) { c.Source, c.Output, c.Peer, c.Stdout = "none", "rgb", "sender", w })
	sender := join(t, h, "sender", func(c *Config) { c.SendOnly = true })
	until(t, "pictures were given to the stuck viewer", func() bool {
		for _, room := range h.Stats(t).Rooms {
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
	if d := time.Since(start); d > busy {
		t.Errorf("took %v to leave", d)
	}
	if got.Down[account.ReplacedView]+got.Down[account.Ended] == 0 {
		t.Errorf("a stuck pipe lost nothing: %+v", got)
	}
	sender.account(t)
}
