package client

import (
	"testing"
	"time"

	"acip/frame"
	"acip/internal/server"
	"acip/internal/testkit/host"
)

// TestNetworkFaults: whatever the network does, pictures are never torn or out of order, capture goes on, and the client
// comes back by itself when the network does.
func TestNetworkFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while of real time")
	}
	for name, c := range map[string]struct {
		up, down illness
		cut      bool
	}{
		"latency":     {up: illness{delay: 20 * time.Millisecond, jitter: 30 * time.Millisecond}, down: illness{delay: 20 * time.Millisecond, jitter: 30 * time.Millisecond}},
		"single byte": {up: illness{piece: 1}, down: illness{piece: 1}},
		"pieces":      {up: illness{piece: 700, pause: time.Millisecond}, down: illness{piece: 700, pause: time.Millisecond}},
		"narrow up":   {up: illness{rate: 40_000}},
		"narrow down": {down: illness{rate: 40_000}},
		"reset up":    {up: illness{reset: true}},
		"reset down":  {down: illness{reset: true}},
		"black hole":  {up: illness{hole: true}, down: illness{hole: true}},
		"half closed": {up: illness{half: true}},
		"cut":         {cut: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := host.Serve(t, server.Config{})
			far, net := between(t, h)
			size := frame.Size{W: 160, H: 120}
			sender := join(t, far, "sender", func(c *Config) { c.SendOnly, c.CaptureSize, c.Codec = true, size, "jpeg" })
			viewer, seen := watch(t, far, "viewer", "sender", size, func(*Config) {})
			until(t, "10 pictures", func() bool { return seen.count() >= 10 })
			net.make(up, c.up)
			net.make(down, c.down)
			if c.cut {
				net.cut()
			}
			before := sender.call.Stats().Captured
			time.Sleep(2 * time.Second) // a while of illness
			until(t, "capture going on", func() bool { return sender.call.Stats().Captured >= before+20 })
			net.make(up, illness{})
			net.make(down, illness{})
			had := seen.count()
			until(t, "pictures after the illness", func() bool { return seen.count() >= had+10 })
			sent, got := sender.account(t), viewer.account(t)
			seen.check(t)
			t.Logf("sent %d of %d %v, drawn %d, reconnects %d and %d, age %v", sent.Sent, sent.Captured, sent.Up, got.Drawn, sent.Reconnects, got.Reconnects, got.AgeMS)
		})
	}
}
