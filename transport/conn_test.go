package transport_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"acip/internal/testkit"
	"acip/packet"
	"acip/transport"
)

// TestBothWays: a client's picture of 230,400 bytes comes in 23 fragments, the server's in one, and pings measure the
// way.
func TestBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := connect(t, transport.Options{}, transport.Options{})
		p.run()
		send(t, p.client.out, finished(p.client.buffers, packet.HelloType, []byte(`{}`)))
		synctest.Wait()
		before := p.server.conn.Stats().FragmentsIn
		send(t, p.client.out, image(p.client.buffers, 320, 240))
		send(t, p.server.out, image(p.server.buffers, 640, 480))
		synctest.Wait()
		if p.server.count(packet.ImageFrame) != 1 || p.client.count(packet.ImageFrame) != 1 {
			t.Fatalf("arrived %v and %v", p.server.got, p.client.got)
		}
		if n := p.server.conn.Stats().FragmentsIn - before; n != 23+5 { // and the first ping, one behind the picture, one alone, and pongs
			t.Errorf("a picture of 230,400 bytes and a ping came in %d fragments", n)
		}
		if n := p.client.conn.Stats().FragmentsIn; n != 1+5 { // and the same
			t.Errorf("the server sent %d fragments", n)
		}
		time.Sleep(11 * time.Second)
		synctest.Wait()
		if p.client.conn.RTT() != 0 || p.client.conn.ClockOffset() > time.Millisecond {
			t.Errorf("round trip %s, offset %s in a world without time", p.client.conn.RTT(), p.client.conn.ClockOffset())
		}
		if p.server.count(packet.Ping)+p.client.count(packet.Pong) != 0 {
			t.Error("pings reached a handler")
		}
		time.Sleep(5 * time.Minute) // pings keep it alive
		p.client.conn.Close(packet.CodeBye, "bye")
		if err := <-p.client.done; closeCode(err) != packet.CodeBye {
			t.Error(err)
		}
		if err := <-p.server.done; closeCode(err) != packet.CodeBye {
			t.Error(err)
		}
		p.finish(t)
	})
}

// TestStamp: what the server stamps arrives so.
func TestStamp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := connect(t, transport.Options{}, transport.Options{})
		p.server.on = func(b *packet.Buffer) error {
			b.Stamp(77)
			return p.server.out.Send(b)
		}
		p.run()
		send(t, p.client.out, image(p.client.buffers, 16, 16))
		synctest.Wait()
		if len(p.client.got) != 1 || p.client.got[0].Client != 77 {
			t.Errorf("arrived %v", p.client.got)
		}
		p.client.cancel()
		<-p.client.done
		<-p.server.done
		p.finish(t)
	})
}

// TestReceive: one packet before Run, with a deadline; what is bad before hello ends at once.
func TestReceive(t *testing.T) {
	wrong := testkit.Packet(packet.HelloType, []byte("{}"))
	wrong[14] ^= 1
	cases := []struct {
		name  string
		write func(p *testkit.Peer)
		code  packet.Code // 0: received
		after time.Duration
	}{
		{"hello", func(p *testkit.Peer) { _ = p.Hello("alice", "lobby") }, 0, 0},
		{"hello in bytes", func(p *testkit.Peer) { _ = p.Send(packet.HelloType, []byte("{}"), 1) }, 0, 0},
		{"after a ping", func(p *testkit.Peer) {
			_ = p.WriteFrame(testkit.Frame{Final: true, Op: testkit.OpPing, Payload: []byte("x")})
			_ = p.Hello("alice", "lobby")
		}, 0, 0},
		{"nothing", func(*testkit.Peer) {}, packet.CodeNoHello, 5 * time.Second},
		{"half", func(p *testkit.Peer) { _, _ = p.Conn.Write(testkit.Fragments(wrong, 0)[0].Bytes()[:12]) }, packet.CodeNoHello, 5 * time.Second},
		{"wrong checksum", func(p *testkit.Peer) { _ = p.WriteMessage(wrong, 0, 0) }, packet.CodeViolation, 0},
		{"too short", func(p *testkit.Peer) { _ = p.WriteMessage(wrong[:23], 0, 0) }, packet.CodeViolation, 0},
		{"empty", func(p *testkit.Peer) { _ = p.WriteMessage(nil, 0, 0) }, packet.CodeViolation, 0},
		{"picture's header", func(p *testkit.Peer) {
			_ = p.WriteFrame(testkit.Frame{Op: testkit.OpBinary, Payload: testkit.Packet(packet.ImageFrame, testkit.Image(9, 9, 1))[:packet.HeaderSize]})
		}, packet.CodeViolation, 0},
		{"garbage", func(p *testkit.Peer) { _ = p.WriteMessage([]byte("GET / HTTP/1.1"), 0, 0) }, packet.CodeViolation, 0},
		{"bye", func(p *testkit.Peer) { _ = p.Close(packet.CodeBye, "") }, packet.CodeBye, 0},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := testkit.Listen()
				s := newServer(t, l, transport.Options{}, func(c *transport.Conn) error {
					ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
					defer cancel()
					b, err := c.Receive(ctx)
					if err != nil {
						_ = c.Close(packet.CodePolicy, "the first end counts")
						return err
					}
					defer b.Release()
					_ = c.Close(packet.CodeBye, "heard "+b.Type().String())
					return nil
				})
				p := join(t, l)
				start := time.Now()
				go tt.write(p)
				said, err := p.Closed()
				took := time.Since(start)
				_ = p.Conn.Close()
				if want := max(tt.code, packet.CodeBye); err != nil || said.Code != want || took != tt.after {
					t.Errorf("closed with %v, %v after %s", said, err, took)
				}
				if code := closeCode(<-s.ends); code != tt.code {
					t.Errorf("the server saw %d", code)
				}
				<-s.conns
				s.close()
				balanced(t, s.buffers)
			})
		})
	}
}

// TestPongBeforeRun: pings are answered while the server waits for hello.
func TestPongBeforeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := testkit.Listen()
		s := newServer(t, l, transport.Options{}, func(c *transport.Conn) error {
			_, err := c.Receive(context.Background())
			_ = c.Close(packet.CodeBye, "")
			return err
		})
		p := join(t, l)
		go func() { _ = p.WriteFrame(testkit.Frame{Final: true, Op: testkit.OpPing, Payload: []byte("hi")}) }()
		f, err := p.ReadFrame()
		if err != nil || f.Op != testkit.OpPong || string(f.Payload) != "hi" {
			t.Errorf("answered %+v, %v", f, err)
		}
		_ = p.Conn.Close()
		if code := closeCode(<-s.ends); code != packet.CodeLost {
			t.Errorf("ended with %d", code)
		}
		s.close()
	})
}

// TestRunTwice: a connection that is at work refuses a second Run.
func TestRunTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := connect(t, transport.Options{}, transport.Options{})
		p.run()
		synctest.Wait()
		if err := p.client.conn.Run(context.Background(), p.client.handle, p.client.out); !errors.Is(err, transport.ErrInUse) {
			t.Error(err)
		}
		p.client.cancel()
		if err := <-p.client.done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		<-p.server.done
		if err := p.client.conn.Run(context.Background(), p.client.handle, p.client.out); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		p.finish(t)
	})
}

// TestTruncatedByDeath is lesson 9: the library hands over a message that the end of the connection cut off between two
// fragments as if it were whole.
func TestTruncatedByDeath(t *testing.T) {
	message := testkit.Packet(packet.ImageFrame, testkit.Image(64, 64, 1))
	frames := testkit.Fragments(message, 1000)
	unfinished := testkit.Frame{Op: testkit.OpBinary, Payload: message} // whole, but not final
	for name, write := range map[string]func(p *testkit.Peer){
		"between fragments": func(p *testkit.Peer) { _ = p.WriteFrame(frames[0]); _ = p.WriteFrame(frames[1]) },
		"inside a fragment": func(p *testkit.Peer) { _, _ = p.Conn.Write(frames[0].Bytes()[:500]) },
		"inside a header":   func(p *testkit.Peer) { _, _ = p.Conn.Write(frames[0].Bytes()[:3]) },
		"before the last":   func(p *testkit.Peer) { _ = p.WriteFrame(unfinished) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := testkit.Listen()
				handled := 0
				s := newServer(t, l, transport.Options{}, func(c *transport.Conn) error {
					return c.Run(context.Background(), func(*packet.Buffer) error { handled++; return nil }, transport.NewSendQueue())
				})
				p := join(t, l)
				write(p)
				_ = p.Conn.Close()
				if code := closeCode(<-s.ends); code != packet.CodeLost {
					t.Errorf("ended with %d", code)
				}
				if handled != 0 {
					t.Error("a truncated message was handed over")
				}
				d := (<-s.conns).Stats().Dropped
				if d.Short+d.Checksum != 0 {
					t.Errorf("the peer was blamed: %+v", d)
				}
				s.close()
				balanced(t, s.buffers)
			})
		})
	}
}
