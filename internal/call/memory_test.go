package call

import (
	"context"
	"sync"
	"testing"
	"time"

	"acip/capture"
	"acip/frame"
	"acip/internal/account"
	"acip/internal/server"
	"acip/internal/testkit"
	"acip/internal/testkit/host"
)

// watching is an Output that wants everybody's pictures and ends after some of them.
type watching struct {
	nowhere
	wanted int // pictures; below 0: it does not end by itself

	mu   sync.Mutex
	to   Controls
	ids  []Want
	seen int
}

func newWatching(pictures int) *watching { return &watching{wanted: pictures} }

func (o *watching) Run(ctx context.Context, c Controls) error {
	o.mu.Lock()
	o.to = c
	c.Want(frame.Size{}, o.ids)
	o.mu.Unlock()
	<-ctx.Done()
	return nil
}

func (o *watching) Peer(p Peer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ids = append(o.ids, Want{ID: p.ID, Size: frame.Size{W: 160, H: 90}})
	if o.to != nil {
		o.to.Want(frame.Size{}, o.ids)
	}
}

func (o *watching) Picture(id uint32, f *frame.Frame) {
	o.mu.Lock()
	to := o.to
	o.seen++
	last := o.seen == o.wanted
	o.mu.Unlock()
	if to == nil {
		return
	}
	to.Drawn(id, StampOf(f))
	if last {
		to.Leave()
	}
}

// A call runs over a connection in memory against a real server, sealed or not, without a socket.
func TestCallOverAConnectionInMemory(t *testing.T) {
	for _, c := range []struct {
		name      string
		transform Transform
	}{{"clear", nil}, {"sealed", &toyTransform{}}} {
		t.Run(c.name, func(t *testing.T) {
			l := testkit.Listen()
			host.ServeOn(t, server.Config{}, l)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			config := func(name string) Config {
				return Config{
					Address: "ws://memory/acip", Dial: l.DialContext, Transform: c.transform, Room: "lobby", Name: name, Codec: "auto", FPS: 30,
				}
			}
			sender := config("sender")
			sender.Open = func(ctx context.Context) (capture.Source, error) {
				return capture.Open(ctx, "pattern", capture.Options{Size: frame.Size{W: 160, H: 90}})
			}
			sending, end := context.WithCancel(ctx)
			up := New(sender, newWatching(-1))
			done := make(chan error, 1)
			go func() { done <- up.Run(sending) }()
			down := New(config("viewer"), newWatching(20))
			err := down.Run(ctx)
			end()
			if err != nil || ctx.Err() != nil {
				t.Fatalf("the viewer: %v, %v", err, ctx.Err())
			}
			if err := <-done; err != nil {
				t.Fatalf("the sender: %v", err)
			}
			s, v := up.Stats(), down.Stats()
			if v.Drawn < 20 || s.Sent == 0 || v.Down[account.DecodeFailed] != 0 {
				t.Errorf("sent %d, received %d, drawn %d, dropped %v", s.Sent, v.Received, v.Drawn, v.Down)
			}
			if x, ok := c.transform.(*toyTransform); ok && (x.sealed.Load() < int64(s.Sent) || x.opened.Load() < int64(v.Drawn)) {
				t.Errorf("%d sealed of %d sent, %d opened of %d drawn", x.sealed.Load(), s.Sent, x.opened.Load(), v.Drawn)
			}
		})
	}
}
