package transport_test

import (
	"context"
	"testing"
	"time"

	"acip/packet"
	"acip/transport"
)

// endless is an outbox in which there is always one more.
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
	s.o.Notice = func(n transport.Notice) {
		if n.Kind == transport.RoundTrip {
			select {
			case answered <- struct{}{}:
			default:
			}
		}
	}
	frame := s.buffers.Get(8 << 10)
	frame.Seal(packet.TextMessage, 0)
	s.session = func(c *transport.Conn) error {
		return c.Run(ctx, func(*packet.Buffer) error { return nil }, &endless{frame, asked})
	}
	c, err := transport.Dial(ctx, l.Addr().String(), transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out := transport.NewOutlet()
	hello := new(packet.Buffers).Get(8)
	hello.Seal(packet.TextMessage, 0)
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
