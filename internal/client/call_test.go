package client

import (
	"testing"

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
			t.Logf("%+v", sent)
			if sent.Sent == 0 {
				t.Fatal("nothing was sent")
			}
			for i, v := range viewers {
				got := v.account(t)
				t.Logf("%+v", got)
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
