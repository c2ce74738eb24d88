package client

import (
	"testing"
	"time"

	"acip/frame"
	"acip/internal/server"
	"acip/internal/testkit"
	"acip/internal/testkit/host"
)

// TestNetworkFaults: whatever the network does, pictures are never torn or out of order, capture goes on, and the client
// comes back by itself when the network does.
func TestNetworkFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while of real time")
	}
	for _, f := range testkit.Faults() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			h := host.Serve(t, server.Config{})
			net := testkit.Between(t, h.Addr)
			far := &host.Host{Addr: net.Addr()}
			size := frame.Size{W: 160, H: 120}
			sender := join(t, far, "sender", func(c *Config) { c.SendOnly, c.CaptureSize, c.Codec = true, size, "jpeg" })
			viewer, seen := watch(t, far, "viewer", "sender", size, func(*Config) {})
			until(t, "10 pictures", func() bool { return seen.Count() >= 10 })
			net.Suffer(f)
			before := sender.call.Stats().Captured
			time.Sleep(2 * time.Second) // a while of illness
			until(t, "capture going on", func() bool { return sender.call.Stats().Captured >= before+20 })
			net.Suffer(testkit.Fault{})
			had := seen.Count()
			until(t, "pictures after the illness", func() bool { return seen.Count() >= had+10 })
			sent, got := sender.account(t), viewer.account(t)
			seen.Check(t)
			t.Logf("sent %d of %d %v, drawn %d, reconnects %d and %d, age %v", sent.Sent, sent.Captured, sent.Up, got.Drawn, sent.Reconnects, got.Reconnects, got.AgeMS)
		})
	}
}
