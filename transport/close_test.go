package transport_test

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"acip/internal/testkit"
	"acip/packet"
	"acip/transport"
)

// TestCloseCodes: each code arrives with its reason, a server's fault also as an ERROR_MESSAGE, and what waited as
// control before both.
func TestCloseCodes(t *testing.T) {
	for _, info := range packet.Codes() {
		if info.Code == packet.CodeLost {
			continue // never in a close frame
		}
		t.Run(info.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := connect(t, transport.Options{}, transport.Options{})
				p.run()
				synctest.Wait()
				send(t, p.server.out, finished(p.server.buffers, packet.TextMessage, []byte(`{"text":"last words"}`)))
				reason := "because " + strings.Repeat("ä", 100) + "\x1b[31m"
				start := time.Now()
				_ = p.server.conn.Close(info.Code, reason)
				_ = p.server.conn.Close(packet.CodeBye, "a second close changes nothing")
				var e packet.CloseError
				if err := <-p.client.done; !errors.As(err, &e) || e.Code != info.Code || !e.Remote ||
					!strings.HasPrefix(e.Reason, "because ää") || len(e.Reason) > 123 || strings.Contains(e.Reason, "\x1b") {
					t.Errorf("the client saw %+v", err)
				}
				if err := <-p.server.done; closeCode(err) != info.Code {
					t.Errorf("the server saw %v", err)
				}
				if took := time.Since(start); took != 0 {
					t.Errorf("took %s between two that listen", took)
				}
				told := info.Code != packet.CodeBye && info.Code != packet.CodeGoingAway
				if p.client.count(packet.TextMessage) != 1 || (p.client.count(packet.ErrorMessage) == 1) != told {
					t.Errorf("arrived %v", p.client.got)
				}
				p.finish(t)
			})
		})
	}
}

// TestClientCloses: a client's last picture goes out before its close frame.
func TestClientCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := connect(t, transport.Options{}, transport.Options{})
		p.run()
		synctest.Wait()
		for range 3 {
			send(t, p.client.out, finished(p.client.buffers, packet.TextMessage, []byte(`{"text":"x"}`)))
		}
		send(t, p.client.out, image(p.client.buffers, 320, 240))
		_ = p.client.conn.Close(packet.CodeBye, "")
		if err := <-p.server.done; closeCode(err) != packet.CodeBye {
			t.Error(err)
		}
		<-p.client.done
		if p.server.count(packet.TextMessage) != 3 || p.server.count(packet.ImageFrame) != 1 {
			t.Errorf("arrived %v", p.server.got)
		}
		if p.server.count(packet.ErrorMessage) != 0 {
			t.Error("a client sent an ERROR_MESSAGE")
		}
		p.finish(t)
	})
}

// TestCloseBounded: whatever the peer does, the end takes less than a second.
func TestCloseBounded(t *testing.T) {
	silent := func(*testkit.Peer, context.Context) {}
	flood := func(p *testkit.Peer, ctx context.Context) {
		frame := testkit.Fragments(testkit.Packet(packet.ImageFrame, testkit.Image(64, 64, 1)), 0)[0].Bytes()
		for ctx.Err() == nil {
			time.Sleep(time.Millisecond) // or no virtual time would pass
			if _, err := p.Conn.Write(frame); err != nil {
				return
			}
		}
	}
	reads := func(p *testkit.Peer, _ context.Context) { <-drained(p) }
	for name, peer := range map[string]func(*testkit.Peer, context.Context){"never reads": silent, "floods": flood, "reads and never closes": reads} {
		for _, running := range []bool{true, false} {
			for _, streaming := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					out := transport.NewSendQueue()
					l := testkit.Listen()
					s := newServer(t, l, transport.Options{ControlRate: -1}, func(c *transport.Conn) error {
						if running {
							return c.Run(context.Background(), func(*packet.Buffer) error { return nil }, out)
						}
						<-time.After(time.Second)
						start := time.Now()
						_ = c.Close(packet.CodeFull, "full")
						if took := time.Since(start); took >= time.Second {
							t.Errorf("%s: Close took %s", name, took)
						}
						return nil
					})
					p := join(t, l)
					ctx, cancel := context.WithCancel(context.Background())
					var wg sync.WaitGroup
					wg.Go(func() { peer(p, ctx) })
					if streaming {
						send(t, out, image(s.buffers, 320, 240))
					}
					c := <-s.conns
					if running {
						time.Sleep(time.Second)
						start := time.Now()
						_ = c.Close(packet.CodeRemoved, "out")
						<-s.ends
						if took := time.Since(start); took >= time.Second {
							t.Errorf("%s, streaming %t: ended after %s", name, streaming, took)
						}
					} else {
						<-s.ends
					}
					cancel()
					_ = p.Conn.Close()
					wg.Wait()
					out.Close()
					s.close()
					balanced(t, s.buffers)
				})
			}
		}
	}
}

// TestStalledViewer is lesson 11: a viewer that never reads is cut after 5 s without progress; one that reads slowly is
// not.
func TestStalledViewer(t *testing.T) {
	certified, trusting := tlsConfigs(t)
	for i := range 4 {
		rate, secure := i&1, i&2 != 0 // bytes every 4 s
		synctest.Test(t, func(t *testing.T) {
			out := transport.NewSendQueue()
			l := testkit.Listen()
			var from net.Listener = l
			if secure {
				from = tls.NewListener(transport.BufferTLS(l), certified)
			}
			s := newServer(t, from, transport.Options{Silence: time.Hour}, func(c *transport.Conn) error {
				return c.Run(context.Background(), func(*packet.Buffer) error { return nil }, out)
			})
			conn, p := joinThrough(t, l, func(c net.Conn) net.Conn {
				if secure {
					return tls.Client(c, trusting)
				}
				return c
			})
			send(t, out, image(s.buffers, 320, 240))
			start := time.Now()
			stop := make(chan struct{})
			var wg sync.WaitGroup
			wg.Go(func() {
				var one [1]byte
				for rate > 0 {
					select {
					case <-stop:
						return
					case <-time.After(4 * time.Second):
						_, _ = conn.Read(one[:])
					}
				}
			})
			if rate == 0 {
				if code := closeCode(<-s.ends); code != packet.CodeStalled {
					t.Errorf("ended with %d", code)
				}
				if took := time.Since(start); took < 5*time.Second || took > 5500*time.Millisecond {
					t.Errorf("cut after %s", took)
				}
			} else {
				time.Sleep(time.Minute)
				select {
				case err := <-s.ends:
					t.Errorf("a slow viewer was cut: %v", err)
				default:
				}
			}
			close(stop)
			wg.Wait()
			_ = conn.Close()
			_ = p.Conn.Close()
			if rate > 0 {
				<-s.ends
			}
			out.Close()
			s.close()
			balanced(t, s.buffers)
		})
	}
}

// TestHandlerEnds: an error of the handler ends the connection, with its code if it has one.
func TestHandlerEnds(t *testing.T) {
	plain := errors.New("output closed")
	for _, tt := range []struct {
		err  error
		code packet.Code // that the peer sees
	}{
		{packet.Violation("a second hello"), packet.CodeViolation},
		{packet.CloseError{Code: packet.CodeFull, Reason: "full"}, packet.CodeFull},
		{plain, packet.CodeGoingAway},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := connect(t, transport.Options{}, transport.Options{})
			p.server.on = func(*packet.Buffer) error { return tt.err }
			p.run()
			for range 3 { // what comes behind the end is not handed over
				send(t, p.client.out, finished(p.client.buffers, packet.HelloType, []byte("{}")))
			}
			if err := <-p.server.done; !errors.Is(err, tt.err) {
				t.Error(err)
			}
			if err := <-p.client.done; closeCode(err) != tt.code {
				t.Error(err)
			}
			if n := p.server.count(packet.HelloType); n != 1 {
				t.Errorf("handed over %d", n)
			}
			p.finish(t)
		})
	}
}

// TestHandlerPanics: a panic in the handler leaves nothing behind.
func TestHandlerPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := connect(t, transport.Options{}, transport.Options{})
		p.client.run()
		go func() {
			defer func() {
				recover()
				p.server.done <- nil
			}()
			_ = p.server.conn.Run(context.Background(), func(*packet.Buffer) error { panic("in the handler") }, p.server.out)
		}()
		p.server.done = make(chan error, 1)
		send(t, p.client.out, finished(p.client.buffers, packet.HelloType, []byte("{}")))
		<-p.server.done
		<-p.client.done
		p.client.out.Close()
		p.server.out.Close()
		p.s.close()
	})
}

// TestCloseFromEverywhere is lesson 3 under the race detector, on real sockets: both ends close, send, cancel and cut
// at once, at any moment.
func TestCloseFromEverywhere(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 15
	}
	l := loopback(t)
	s := newServer(t, l, transport.Options{}, func(c *transport.Conn) error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rand.IntN(5))*time.Millisecond)
		defer cancel()
		b, err := c.Receive(ctx)
		if err != nil {
			_ = c.Close(packet.CodeNoHello, "")
			return err
		}
		b.Release()
		out := transport.NewSendQueue()
		defer out.Close()
		return c.Run(context.Background(), func(p *packet.Buffer) error { _ = out.Send(p); return nil }, out)
	})
	var wg sync.WaitGroup
	for range rounds {
		wg.Go(func() { abuse(t, l.Addr().String(), s) })
	}
	within(t, 3*time.Minute, "a round of abuse", wg.Wait)
	for range rounds { // each has ended, in whatever way
		select {
		case <-s.ends:
		case <-time.After(time.Minute):
			t.Fatal("a session did not end")
		}
	}
	s.close()
	balanced(t, s.buffers)
}

// abuse is one connection that is used by many at once and ends somehow.
func abuse(t *testing.T, addr string, s *server) {
	b := new(packet.Buffers)
	c, err := transport.Dial(context.Background(), addr, transport.Options{Buffers: b, DialTimeout: time.Minute})
	if err != nil {
		t.Error(err)
		s.ends <- err
		return
	}
	var h transport.Handle
	out := transport.NewSendQueue()
	h.Set(out)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	pause := func() { time.Sleep(time.Duration(rand.IntN(4000)) * time.Microsecond) }
	wg.Go(func() {
		for range 50 {
			p := image(b, 64, 48)
			if err := h.Send(p); err != nil && !errors.Is(err, transport.ErrNotConnected) {
				t.Error(err)
			}
			p.Release()
			_ = c.Stats()
			pause()
		}
	})
	ways := []func(){
		func() { _ = c.Close(packet.CodeBye, "x") },
		cancel,
		func() { h.Clear() },
		func() {
			select {
			case x := <-s.conns:
				_ = x.Close(packet.CodeRemoved, "y")
			default:
			}
		},
	}
	for range 3 {
		way := ways[rand.IntN(len(ways))]
		wg.Go(func() { pause(); pause(); pause(); way() })
	}
	wg.Go(func() {
		pause()
		pause()
		pause()
		pause()
		pause()
		_ = c.Close(packet.CodeBye, "at last")
	})
	_ = c.Run(ctx, func(*packet.Buffer) error { return nil }, out)
	wg.Wait()
	h.Clear()
	cancel()
	_ = c.Close(packet.CodeBye, "again")
	balanced(t, b)
}
