package transport_test

import (
	"context"
	"encoding/binary"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"acip/internal/testkit"
	"acip/packet"
	"acip/transport"
)

// endless is a packet source that always has one more packet.
type endless struct {
	frame *packet.Buffer
	done  <-chan struct{}
}

func (e *endless) Next() *packet.Buffer {
	select {
	case <-e.done:
		return nil
	default:
		return e.frame.Retain()
	}
}
func (e *endless) Wake() chan struct{} { return nil }

// TestPingsWhileSending: whoever never rests asks for signs of life all the same.
func TestPingsWhileSending(t *testing.T) {
	l := loopback(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	asked := make(chan struct{})
	s := newServer(t, l, transport.Options{PingEvery: 5 * time.Millisecond}, nil)
	answered := make(chan struct{}, 1)
	s.o.Observer.RoundTrip = func(time.Duration) {
		select {
		case answered <- struct{}{}:
		default:
		}
	}
	frame := s.buffers.Get(8 << 10)
	frame.Finish(packet.TextMessage, 0)
	s.session = func(c *transport.Conn) error {
		return c.Run(ctx, func(*packet.Buffer) error { return nil }, &endless{frame, asked})
	}
	c, err := transport.Dial(ctx, l.Addr().String(), transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out := transport.NewSendQueue()
	hello := new(packet.Buffers).Get(8)
	hello.Finish(packet.TextMessage, 0)
	_ = out.Send(hello)
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, func(*packet.Buffer) error { return nil }, out) }()
	select {
	case <-answered:
	case <-ctx.Done():
		t.Error("no ping was answered while packets were sent without a pause")
	}
	close(asked)
	_ = c.Close(packet.CodeBye, "")
	<-ended
	<-s.ends
	out.Close()
	frame.Release()
	s.close()
	balanced(t, s.buffers)
}

// TestEveryPingIsAnswered: however many pings come in one piece, each is answered, in order, whichever kind it is; and
// where a peer asks without listening for so long that answers are given up, the newest ping still has its answer.
func TestEveryPingIsAnswered(t *testing.T) {
	for _, tt := range []struct {
		name  string
		pings int
		all   bool
	}{{"a burst", 190, true}, {"far too many", 700, false}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := testkit.Listen()
				s := newServer(t, l, transport.Options{ControlRate: -1}, func(c *transport.Conn) error {
					return c.Run(context.Background(), func(*packet.Buffer) error { return nil }, transport.NewSendQueue())
				})
				p := join(t, l)
				for i := range tt.pings { // nobody reads meanwhile
					number := binary.BigEndian.AppendUint64(nil, uint64(i))
					_ = p.WriteFrame(testkit.Frame{Final: true, Op: testkit.OpPing, Payload: number})
					_ = p.WriteMessage(testkit.Packet(packet.Ping, number), 0, 0)
				}
				synctest.Wait()
				frames, packets := answers(t, p)
				for kind, got := range map[string][]uint64{"pongs": frames, "PONGs": packets} {
					if tt.all && !slices.Equal(got, upTo(tt.pings)) {
						t.Errorf("%d pings have the %s %v", tt.pings, kind, got)
					}
				}
				if n := len(frames); n == 0 || frames[n-1] != uint64(tt.pings-1) || !slices.IsSorted(frames) {
					t.Errorf("the last ping, %d, has no pong: %v", tt.pings-1, frames)
				}
				_ = p.Conn.Close()
				<-s.ends
				s.close()
				balanced(t, s.buffers)
			})
		})
	}
}

// answers reads the numbers of the pongs that come within a second, of both kinds.
func answers(t *testing.T, p *testkit.Peer) (frames, packets []uint64) {
	t.Helper()
	_ = p.Conn.SetReadDeadline(time.Now().Add(time.Second))
	for {
		f, err := p.ReadFrame()
		if err != nil {
			return frames, packets
		}
		if f.Op == testkit.OpPong {
			frames = append(frames, binary.BigEndian.Uint64(f.Payload))
		} else if h, _ := packet.ParseHeader(f.Payload); h.Type == packet.Pong {
			packets = append(packets, binary.BigEndian.Uint64(f.Payload[packet.HeaderSize:]))
		}
	}
}

// upTo is the numbers from 0 to before n.
func upTo(n int) (numbers []uint64) {
	for i := range n {
		numbers = append(numbers, uint64(i))
	}
	return numbers
}

// TestPingBehindHello: what waits when a connection begins to run, as a WELCOME does, goes before the answer to a ping
// that came in the same piece as the HELLO.
func TestPingBehindHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := testkit.Listen()
		var s *server
		s = newServer(t, l, transport.Options{}, func(c *transport.Conn) error {
			hello, err := c.Receive(context.Background())
			if err != nil {
				return err
			}
			hello.Release()
			out := transport.NewSendQueue()
			defer out.Close()
			send(t, out, finished(s.buffers, packet.WelcomeType, []byte("{}")))
			return c.Run(context.Background(), func(*packet.Buffer) error { return nil }, out)
		})
		p := join(t, l)
		go write(p, append(encode(testkit.Frame{Op: 2, Final: true, Payload: testkit.Packet(packet.HelloType, []byte("{}"))}),
			encode(testkit.Frame{Op: 2, Final: true, Payload: testkit.Packet(packet.Ping, make([]byte, 8))})...), 0)
		for _, want := range []packet.Type{packet.WelcomeType, packet.Pong} {
			if h, _, err := p.Next(); err != nil || h.Type != want {
				t.Errorf("%v, %v where %v was due", h.Type, err, want)
			}
		}
		_ = p.Conn.Close()
		<-s.ends
		s.close()
		balanced(t, s.buffers)
	})
}
