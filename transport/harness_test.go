package transport_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"acip/internal/testkit"
	"acip/packet"
	"acip/transport"
)

// server accepts connections and hands each to a session; it keeps what they ended with.
type server struct {
	t       testing.TB
	l       net.Listener
	http    http.Server
	o       transport.Options
	buffers *packet.Buffers
	session func(*transport.Conn) error
	done    chan struct{}

	mu    sync.Mutex
	late  []transport.Message // dropped at their deadline
	ends  chan error
	conns chan *transport.Conn
}

func newServer(t testing.TB, l net.Listener, o transport.Options, session func(*transport.Conn) error) *server {
	s := &server{t: t, l: l, o: o, buffers: new(packet.Buffers), session: session,
		done: make(chan struct{}), ends: make(chan error, 4096), conns: make(chan *transport.Conn, 4096)}
	s.o.Buffers = s.buffers
	s.o.Observer.Timeout = func(m transport.Message) {
		s.mu.Lock()
		s.late = append(s.late, m)
		s.mu.Unlock()
	}
	s.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := transport.Accept(w, r, s.o)
		if err != nil {
			s.ends <- err
			return
		}
		s.conns <- c
		s.ends <- s.session(c)
	})
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l)
	}()
	return s
}

// close ends the server; sessions must have ended.
func (s *server) close() {
	_ = s.http.Close()
	<-s.done
}

// timeouts returns the messages that were dropped at their deadline.
func (s *server) timeouts() []transport.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.late)
}

// balanced fails the test unless every buffer was given back.
func balanced(t testing.TB, p *packet.Buffers) {
	t.Helper()
	if n := p.Outstanding(); n != 0 {
		t.Errorf("%d buffers not given back", n)
	}
}

// collect runs a session that keeps the first byte of each picture behind its head.
func collect(got *[]byte, mu *sync.Mutex) func(*transport.Conn) error {
	return func(c *transport.Conn) error {
		return c.Run(context.Background(), func(p *packet.Buffer) error {
			mu.Lock()
			defer mu.Unlock()
			if p.Type() == packet.ImageFrame {
				*got = append(*got, p.Payload()[packet.ImageHeadSize])
			}
			return nil
		}, transport.NewSendQueue())
	}
}

// join connects a peer that writes by hand.
func join(t testing.TB, l *testkit.Listener) *testkit.Peer {
	t.Helper()
	_, p := joinThrough(t, l, func(c net.Conn) net.Conn { return c })
	return p
}

// joinThrough is join through what over puts on the connection.
func joinThrough(t testing.TB, l *testkit.Listener, over func(net.Conn) net.Conn) (net.Conn, *testkit.Peer) {
	t.Helper()
	conn, err := l.Dial(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := testkit.Upgrade(over(conn), packet.DefaultPath, packet.Subprotocol)
	if err != nil {
		t.Fatal(err)
	}
	p.Pong = true
	return conn, p
}

// tlsConfigs are a server's, and that of a client which trusts it.
func tlsConfigs(t testing.TB) (server, client *tls.Config) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	trusting := s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	trusting.ServerName = "example.com" // the certificate's
	return &tls.Config{Certificates: s.TLS.Certificates}, trusting
}

// loopback is a server on a real socket.
func loopback(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// joinTCP is join over a real socket.
func joinTCP(t testing.TB, addr string) *testkit.Peer {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	p, _, err := testkit.Upgrade(conn, packet.DefaultPath, packet.Subprotocol)
	if err != nil {
		t.Fatal(err)
	}
	p.Pong = true
	return p
}

// within fails the test if f does not return in time. Time is generous: the machine may be busy.
func within(t testing.TB, limit time.Duration, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(limit):
		t.Fatalf("%s took longer than %s", what, limit)
	}
}
