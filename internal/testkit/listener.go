package testkit

import (
	"context"
	"net"
	"sync"
)

// Listener is a net.Listener whose connections are pipes in memory. It works in
// testing/synctest, where real sockets do not.
type Listener struct {
	conns chan net.Conn // never closed
	done  chan struct{} // closed by Close
	once  sync.Once
}

// Listen makes one.
func Listen() *Listener {
	return &Listener{conns: make(chan net.Conn), done: make(chan struct{})}
}

// Dial connects to it.
func (l *Listener) Dial(ctx context.Context) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.done:
	case <-ctx.Done():
	}
	_, _ = ours.Close(), theirs.Close()
	return nil, net.ErrClosed
}

// DialContext is Dial with the arguments that dialers have, which it ignores.
func (l *Listener) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return l.Dial(ctx)
}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr implements net.Listener.
func (l *Listener) Addr() net.Addr { return memory{} }

type memory struct{}

func (memory) Network() string { return "memory" }
func (memory) String() string  { return "memory" }
