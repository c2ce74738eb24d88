package transport_test

import (
	"context"
	"sync"
	"testing"

	"acip/internal/testkit"
	"acip/packet"
	"acip/transport"
)

// end is one end of a connection that runs: what arrived, and how it ended.
type end struct {
	conn    *transport.Conn
	out     *transport.SendQueue
	buffers *packet.Buffers
	cancel  context.CancelFunc

	mu   sync.Mutex
	got  []packet.Header
	done chan error
	on   transport.Handler // called after the packet was noted; may be nil
}

func (e *end) handle(p *packet.Buffer) error {
	e.mu.Lock()
	e.got = append(e.got, p.Header())
	e.mu.Unlock()
	if e.on != nil {
		return e.on(p)
	}
	return nil
}

func (e *end) count(t packet.Type) (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, h := range e.got {
		if h.Type == t {
			n++
		}
	}
	return n
}

func (e *end) run() {
	ctx, cancel := context.WithCancel(context.Background())
	e.cancel = cancel
	e.done = make(chan error, 1)
	go func() { e.done <- e.conn.Run(ctx, e.handle, e.out) }()
}

// pair is a client and a server of ours, connected through memory.
type pair struct {
	client, server *end
	s              *server
}

func newEnd(b *packet.Buffers) *end { return &end{out: transport.NewSendQueue(), buffers: b} }

// connect makes a pair; neither end runs yet.
func connect(t testing.TB, co, so transport.Options) *pair {
	t.Helper()
	l := testkit.Listen()
	release := make(chan struct{})
	s := newServer(t, l, so, func(*transport.Conn) error { <-release; return nil })
	co.DialContext = l.DialContext
	co.Buffers = new(packet.Buffers)
	conn, err := transport.Dial(context.Background(), "ws://acip.test:1", co)
	if err != nil {
		t.Fatal(err)
	}
	p := &pair{client: newEnd(co.Buffers), server: newEnd(s.buffers), s: s}
	p.client.conn, p.server.conn = conn, <-s.conns
	close(release) // the handler may return: the connection is hijacked
	<-s.ends
	return p
}

func (p *pair) run() {
	p.client.run()
	p.server.run()
}

// finish checks that nothing is left over once both ends have ended.
func (p *pair) finish(t testing.TB) {
	t.Helper()
	for _, e := range []*end{p.client, p.server} {
		e.out.Close()
		if e.cancel != nil {
			e.cancel()
		}
		balanced(t, e.buffers)
	}
	p.s.close()
}

// image returns a finished raw picture.
func image(b *packet.Buffers, w, h int) *packet.Buffer {
	return finished(b, packet.ImageFrame, testkit.Image(w, h, 5))
}

func finished(b *packet.Buffers, t packet.Type, payload []byte) *packet.Buffer {
	p := b.Get(len(payload))
	copy(p.Payload(), payload)
	p.Finish(t, 0)
	return p
}

// send gives a send queue a packet and keeps no reference.
func send(t testing.TB, o *transport.SendQueue, b *packet.Buffer) {
	t.Helper()
	defer b.Release()
	if err := o.Send(b); err != nil {
		t.Fatal(err)
	}
}
