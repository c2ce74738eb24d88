package transport_test

import (
	"context"
	"testing"

	"acip/packet"
	"acip/transport"
)

// mirror is a client whose pictures come back from a server, over real sockets.
type mirror struct {
	s    *server
	c    *transport.Conn
	out  *transport.SendQueue
	b    *packet.Buffers
	back chan struct{}
	done chan error
}

func newMirror(t testing.TB) *mirror {
	l := loopback(t)
	m := &mirror{b: new(packet.Buffers), out: transport.NewSendQueue(), back: make(chan struct{}, 1), done: make(chan error, 1)}
	m.s = newServer(t, l, transport.Options{}, func(c *transport.Conn) error {
		out := transport.NewSendQueue()
		defer out.Close()
		return c.Run(context.Background(), func(p *packet.Buffer) error {
			p.Stamp(3)
			return out.Send(p)
		}, out)
	})
	c, err := transport.Dial(context.Background(), l.Addr().String(), transport.Options{Buffers: m.b})
	if err != nil {
		t.Fatal(err)
	}
	m.c = c
	go func() {
		m.done <- c.Run(context.Background(), func(p *packet.Buffer) error {
			m.back <- struct{}{}
			return nil
		}, m.out)
	}()
	return m
}

// once sends a picture and waits until it is back.
func (m *mirror) once(t testing.TB, payload []byte) {
	p := m.b.Get(len(payload))
	copy(p.Payload(), payload)
	p.Finish(packet.ImageFrame, 0)
	if err := m.out.Send(p); err != nil {
		t.Fatal(err)
	}
	p.Release()
	<-m.back
}

func (m *mirror) close(t testing.TB) {
	_ = m.c.Close(packet.CodeBye, "")
	<-m.done
	<-m.s.ends
	m.out.Close()
	m.s.close()
	balanced(t, m.b)
	balanced(t, m.s.buffers)
}

// BenchmarkMirror sends a picture to the server and back: masking, fragments, reassembly and checksums of both ends.
func BenchmarkMirror(b *testing.B) {
	for _, bb := range []struct {
		name string
		w, h int
	}{{"60B", 3, 4}, {"43KB", 160, 90}, {"230KB", 320, 240}} {
		b.Run(bb.name, func(b *testing.B) {
			payload := make([]byte, packet.ImageHeadSize+bb.w*bb.h*3)
			packet.ImageHead{Width: uint32(bb.w), Height: uint32(bb.h), Format: packet.FormatRGB24}.Put(payload)
			m := newMirror(b)
			m.once(b, payload)
			b.SetBytes(int64(2 * len(payload)))
			b.ReportAllocs()
			for b.Loop() {
				m.once(b, payload)
			}
			b.StopTimer()
			m.close(b)
		})
	}
}
