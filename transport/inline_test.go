package transport_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"acip/packet"
	"acip/transport"
)

// shelf is a packet source that signals nobody by itself.
type shelf struct {
	wake chan struct{}
	mu   sync.Mutex
	all  []*packet.Buffer
}

func (s *shelf) Wake() chan struct{} { return s.wake }

func (s *shelf) Next() *packet.Buffer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) == 0 {
		return nil
	}
	b := s.all[0]
	s.all = s.all[1:]
	return b
}

// put adds a packet of n bytes that carries a number.
func (s *shelf) put(buffers *packet.Buffers, number uint32, n int) {
	b := buffers.Get(n)
	clear(b.Payload())
	binary.BigEndian.PutUint32(b.Payload(), number)
	b.Finish(packet.TextMessage, 0)
	s.mu.Lock()
	s.all = append(s.all, b)
	s.mu.Unlock()
}

func (s *shelf) call() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// inlineServer is a connection whose server end is written to inline.
type inlineServer struct {
	*server
	c     *transport.Conn // the server's end
	shelf *shelf
	got   chan uint32 // numbers that arrived, whole
	stall chan struct{}
	end   func()
}

// bareAndSecure runs f with a connection on a bare socket, and with one by TLS.
func bareAndSecure(t *testing.T, f func(t *testing.T, k *inlineServer)) {
	t.Run("bare", func(t *testing.T) { f(t, newInlineServer(t, loopback(t), nil)) })
	t.Run("TLS", func(t *testing.T) {
		certified, trusting := tlsConfigs(t)
		f(t, newInlineServer(t, tls.NewListener(transport.BufferTLS(loopback(t)), certified), trusting))
	})
}

// newInlineServer listens at l, which speaks TLS if trusting is not nil.
func newInlineServer(t *testing.T, l net.Listener, trusting *tls.Config) *inlineServer {
	k := &inlineServer{shelf: &shelf{wake: make(chan struct{}, 1)}, got: make(chan uint32, 1<<16), stall: make(chan struct{})}
	k.server = newServer(t, l, transport.Options{}, func(c *transport.Conn) error {
		return c.Run(context.Background(), func(*packet.Buffer) error { return nil }, k.shelf)
	})
	scheme := "ws://"
	if trusting != nil {
		scheme = "wss://"
	}
	c, err := transport.Dial(context.Background(), scheme+l.Addr().String(), transport.Options{TLS: trusting})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- c.Run(context.Background(), func(b *packet.Buffer) error {
			<-k.stall
			k.got <- binary.BigEndian.Uint32(b.Payload())
			return nil
		}, transport.NewSendQueue())
	}()
	k.c = <-k.conns
	k.end = func() {
		_ = k.c.Close(packet.CodeBye, "")
		<-ended
		<-k.ends
		if k.c.WriteInline() {
			t.Error("a connection that has ended wrote")
		}
		for b := k.shelf.Next(); b != nil; b = k.shelf.Next() {
			b.Release()
		}
		k.server.close()
		balanced(t, k.buffers)
	}
	return k
}

// expect waits for the numbers from..to, in order.
func (k *inlineServer) expect(from, to uint32) {
	k.t.Helper()
	for n := from; n <= to; n++ {
		select {
		case got := <-k.got:
			if got != n {
				k.t.Fatalf("number %d came where %d was due", got, n)
			}
		case <-time.After(time.Minute):
			k.t.Fatalf("number %d never came", n)
		}
	}
}

// TestInlineWritesAtOnce: what is small and comes after a while is written without the writer being woken; what is
// large is left to it.
func TestInlineWritesAtOnce(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("here the writer does it all")
	}
	bareAndSecure(t, inlineWritesAtOnce)
}

func inlineWritesAtOnce(t *testing.T, k *inlineServer) {
	defer k.end()
	close(k.stall)
	for n := uint32(1); n <= 5; n++ {
		k.shelf.put(k.buffers, n, 300)
		for !k.c.WriteInline() { // until the writer rests, and the moment in which small ones are gathered is over
			runtime.Gosched()
		}
		k.expect(n, n)
	}
	k.shelf.put(k.buffers, 6, 60_000)
	k.shelf.put(k.buffers, 7, 300)
	if k.c.WriteInline() {
		t.Error("a large packet was written inline")
	}
	k.shelf.call()
	k.expect(6, 7)
}

// TestInlineAtFullSocket: nothing is lost, doubled or turned round where the peer takes nothing for a while,
// whoever writes.
func TestInlineAtFullSocket(t *testing.T) {
	bareAndSecure(t, inlineAtFullSocket)
}

func inlineAtFullSocket(t *testing.T, k *inlineServer) {
	defer k.end()
	const all = 3000
	for n := uint32(1); n <= all; n++ {
		k.shelf.put(k.buffers, n, 8000)
		if !k.c.WriteInline() {
			k.shelf.call()
		}
		if n == all/2 {
			close(k.stall)
		}
	}
	k.expect(1, all)
}

// TestInlinesTogether: many goroutines write inline to the same connection while its writer works.
func TestInlinesTogether(t *testing.T) {
	bareAndSecure(t, inlineWritersTogether)
}

func inlineWritersTogether(t *testing.T, k *inlineServer) {
	defer k.end()
	close(k.stall)
	const each, writers = 300, 6
	var wg sync.WaitGroup
	for i := range uint32(writers) {
		wg.Go(func() {
			for n := range uint32(each) {
				k.shelf.put(k.buffers, i<<16|n, 100+int(n)*40)
				if !k.c.WriteInline() {
					k.shelf.call()
				}
			}
		})
	}
	var next [writers]uint32
	for range each * writers {
		select {
		case got := <-k.got:
			if i := got >> 16; next[i] != got&0xffff {
				t.Fatalf("of writer %d came %d, not %d", i, got&0xffff, next[i])
			}
			next[got>>16]++
		case <-time.After(time.Minute):
			t.Fatalf("not all came: %v", next)
		}
	}
	wg.Wait()
}

// TestInlineDuringEnd: a connection that ends while it is written to inline gives everything back.
func TestInlineDuringEnd(t *testing.T) {
	for range 20 {
		k := newInlineServer(t, loopback(t), nil)
		close(k.stall)
		var wg sync.WaitGroup
		wg.Go(func() {
			for n := range uint32(200) {
				k.shelf.put(k.buffers, n, 5000)
				if !k.c.WriteInline() {
					k.shelf.call()
				}
			}
		})
		<-k.got
		_ = k.c.Close(packet.CodeBye, "")
		wg.Wait()
		k.end()
	}
}
