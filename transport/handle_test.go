package transport_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"acip/internal/testkit"
	"acip/media"
	"acip/packet"
	"acip/transport"
)

// TestHandleNotConnected is lesson 6: nil, never connected, cleared and closed behave alike, and nothing is kept.
func TestHandleNotConnected(t *testing.T) {
	var b packet.Buffers
	var missing *transport.Handle
	cleared, closed := new(transport.Handle), new(transport.Handle)
	cleared.Set(transport.NewSendQueue())
	cleared.Clear()
	o := transport.NewSendQueue()
	closed.Set(o)
	o.Close()
	for name, h := range map[string]*transport.Handle{"nil": missing, "zero": {}, "cleared": cleared, "closed": closed} {
		p := image(&b, 4, 4)
		if err := h.Send(p); !errors.Is(err, transport.ErrNotConnected) {
			t.Errorf("%s: %v", name, err)
		}
		p.Release()
		if h.Connected() != (name == "closed") || h.Queue().NoMediaQueued() || h.Queue().KeyWanted() {
			t.Errorf("%s: connected %t", name, h.Connected())
		}
		if err := h.Queue().Flush(context.Background()); !errors.Is(err, transport.ErrNotConnected) {
			t.Errorf("%s: flush %v", name, err)
		}
		h.Clear()
		h.Queue().Close()
	}
	if missing.Queue().MediaTaken() != nil {
		t.Error("a missing queue yields")
	}
	balanced(t, &b)
}

// TestHandleRace: connections come and go while a camera sends. Each send either is taken or says "not connected"; none
// blocks or gets lost.
func TestHandleRace(t *testing.T) {
	var b packet.Buffers
	var h transport.Handle
	var taken, accepted, refused atomic.Int64
	sent := 20000
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			o := transport.NewSendQueue()
			h.Set(o)
			for p := o.Next(); p != nil; p = o.Next() {
				taken.Add(1)
				p.Release()
			}
			h.Clear()
		}
	})
	for range sent {
		p := image(&b, 1, 1)
		switch err := h.Send(p); {
		case err == nil:
			accepted.Add(1)
		case errors.Is(err, transport.ErrNotConnected):
			refused.Add(1)
		default:
			t.Error(err)
		}
		p.Release()
	}
	close(done)
	wg.Wait()
	h.Clear()
	if a, r, n := accepted.Load(), refused.Load(), taken.Load(); a+r != int64(sent) || n > a {
		t.Errorf("of %d %d were accepted and %d refused, and %d came out", sent, a, r, n)
	}
	balanced(t, &b)
}

// TestVanishing is lesson 6 over a connection: it vanishes between the check and the send, and comes back.
func TestVanishing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h transport.Handle
		for range 3 {
			p := connect(t, transport.Options{}, transport.Options{})
			p.run()
			h.Set(p.client.out)
			if !h.Connected() {
				t.Error("not connected")
			}
			f := image(p.client.buffers, 8, 8)
			if err := h.Send(f); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			if p.server.count(packet.ImageFrame) != 1 {
				t.Error("did not arrive")
			}
			check := h.Connected()
			_ = p.server.conn.Close(packet.CodeGoingAway, "retry after 1 s")
			if code := closeCode(<-p.client.done); code != packet.CodeGoingAway {
				t.Error(code)
			}
			h.Clear()
			if err := h.Send(f); !check || !errors.Is(err, transport.ErrNotConnected) {
				t.Error(err)
			}
			f.Release()
			<-p.server.done
			p.finish(t)
		}
	})
}

func video(b *packet.Buffers, seq uint32, layer uint16, flags media.Flags) *packet.Buffer {
	payload := make([]byte, packet.VideoHeadSize+4)
	packet.VideoHead{Codec: media.VP8, Flags: flags, Width: 16, Height: 16, Layer: layer, Seq: seq}.Put(payload)
	return finished(b, packet.VideoFrame, payload)
}

// TestSendQueueChains: of each layer the newest waits, and a chain that replacing breaks is refused up to the next key.
func TestSendQueueChains(t *testing.T) {
	var b packet.Buffers
	o := transport.NewSendQueue()
	put := func(seq uint32, layer uint16, flags media.Flags) error {
		p := video(&b, seq, layer, flags)
		defer p.Release()
		return o.Send(p)
	}
	takes := func(want ...uint32) {
		t.Helper()
		for _, seq := range want {
			p := o.Next()
			if p == nil {
				t.Fatalf("nothing waits, want %d", seq)
			}
			if h, _, _ := packet.ParseVideo(p.Payload(), 0); h.Seq != seq {
				t.Errorf("took %d, want %d", h.Seq, seq)
			}
			p.Release()
		}
		if p := o.Next(); p != nil {
			t.Error("more waits")
		}
	}
	if !o.NoMediaQueued() {
		t.Error("not idle at first")
	}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	ok(put(1, 0, media.Key))
	ok(put(1, 1, media.Key))
	if o.NoMediaQueued() {
		t.Error("idle with pictures waiting")
	}
	takes(1, 1)
	ok(put(2, 0, media.Discardable))
	ok(put(3, 0, media.PrevDiscardable)) // nothing depended on 2
	takes(3)
	ok(put(4, 0, 0))
	if err := put(5, 0, 0); !errors.Is(err, transport.ErrNeedsKey) {
		t.Error(err) // 5 depends on 4, which it would replace
	}
	if !o.KeyWanted() || o.KeyWanted() {
		t.Error("a key is wanted once")
	}
	ok(put(2, 1, 0)) // the other layer is whole
	takes(4, 2)
	if err := put(6, 0, media.Discardable); !errors.Is(err, transport.ErrNeedsKey) {
		t.Error(err) // 5 is missing
	}
	ok(put(7, 0, media.Key))
	ok(put(8, 0, media.Key))
	takes(8)
	ok(put(9, 0, 0))
	o.Close()
	o.Close()
	balanced(t, &b)
}

// TestSendQueueControl: control goes first, in order, is bounded and never dropped.
func TestSendQueueControl(t *testing.T) {
	var b packet.Buffers
	o := transport.NewSendQueue()
	send(t, o, image(&b, 2, 2))
	n := 0
	for ; ; n++ {
		p := finished(&b, packet.TextMessage, []byte{byte(n)})
		err := o.Send(p)
		p.Release()
		if err != nil {
			if !errors.Is(err, transport.ErrQueueFull) {
				t.Error(err)
			}
			break
		}
	}
	for i := range n {
		p := o.Next()
		if p.Payload()[0] != byte(i) {
			t.Errorf("took %d, want %d", p.Payload()[0], i)
		}
		p.Release()
	}
	p := o.Next()
	if p.Type() != packet.ImageFrame {
		t.Error("the picture is lost")
	}
	p.Release()
	balanced(t, &b)
}

// TestFlush waits until what was sent is on the socket, however slow that is.
func TestFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := transport.NewSendQueue()
		l := testkit.Listen()
		s := newServer(t, l, transport.Options{}, func(c *transport.Conn) error {
			return c.Run(context.Background(), func(*packet.Buffer) error { return nil }, out)
		})
		p := join(t, l)
		synctest.Wait()
		send(t, out, image(s.buffers, 320, 240))
		start := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() {
			buf := make([]byte, 50000)
			for {
				time.Sleep(time.Second)
				if _, err := p.Conn.Read(buf); err != nil {
					return
				}
			}
		})
		if err := out.Flush(context.Background()); err != nil || time.Since(start) != 6*time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		send(t, out, image(s.buffers, 320, 240))
		if err := out.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		cancel()
		_ = p.Conn.Close()
		wg.Wait()
		<-s.ends
		out.Close()
		s.close()
		balanced(t, s.buffers)
	})
}
