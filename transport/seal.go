package transport

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

const (
	// sealPiece is how much is encrypted before it goes to the socket: four records' worth.
	sealPiece = 64 << 10
	// sealMost bounds what is kept, which is a piece and what TLS says of its own accord, as answers to key updates.
	sealMost = 2 * sealPiece
)

// BufferTLS makes the connections of l such that TLS over them (tls.NewListener, http.Server.ServeTLS) costs what encrypting
// costs and little more. Without it all works too.
func BufferTLS(l net.Listener) net.Listener { return sealable{l} }

type sealable struct{ net.Listener }

// Accept implements net.Listener.
func (l sealable) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newSeal(conn), nil
}

// seal is a socket beneath TLS. Once a wire is on it, what TLS writes is kept for the wire to put on the socket: many records
// at once, and such that a write says how far it got, which TLS alone can't, and a small one never waits.
type seal struct {
	net.Conn               // the socket
	bare     io.ReadWriter // the same

	mu    sync.Mutex // the reader's TLS answers meet the writer's
	keeps bool
	kept  []byte
}

// errOverfull ends a connection whose TLS has more to say than its writer can get rid of.
var errOverfull = errors.New("transport: too much TLS chatter")

func newSeal(conn net.Conn) *seal { return &seal{Conn: conn, bare: direct(conn)} }

// NetConn is the socket.
func (s *seal) NetConn() net.Conn { return s.Conn }

// Read is net.Conn's.
func (s *seal) Read(p []byte) (int, error) { return s.bare.Read(p) }

// Write is TLS's.
func (s *seal) Write(p []byte) (int, error) {
	kept, err := s.hold(p)
	if kept {
		return len(p), nil
	}
	if err != nil {
		return 0, err
	}
	return s.bare.Write(p)
}

// hold keeps p, from keep on.
func (s *seal) hold(p []byte) (kept bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keeps && len(s.kept)+len(p) > sealMost {
		return false, errOverfull
	}
	if s.keeps {
		s.kept = append(s.kept, p...)
	}
	return s.keeps, nil
}

// keep has what is written kept from now on.
func (s *seal) keep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keeps = true
}

// take is what was kept, for a buffer to keep more in.
func (s *seal) take(empty []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.kept
	s.kept = empty[:0]
	return p
}

// sealed is a TLS connection as a socket that says how far writes get. Who writes p and is told n goes on with p[n:].
type sealed struct {
	tls  net.Conn
	seal *seal
	now  writerNow // nil: there is none

	buf   []byte // what seal.take gave
	rest  []byte // of it, what is not on the socket
	plain int    // bytes of the caller's in it that were not told yet
}

// newSealed is the TLS connection conn, if a seal is beneath it; else nil.
func newSealed(conn net.Conn) *sealed {
	t, ok := conn.(interface{ NetConn() net.Conn })
	if !ok {
		return nil
	}
	s, ok := t.NetConn().(*seal)
	if !ok {
		return nil
	}
	s.keep()
	now, _ := s.bare.(writerNow)
	return &sealed{tls: conn, seal: s, now: now}
}

// Write is net.Conn's; after a time-out it may be called again.
func (s *sealed) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		if err = s.fill(p[n:]); err != nil {
			break
		}
		var moved int
		moved, err = s.seal.bare.Write(s.rest)
		n += s.moved(moved)
	}
	return n, err
}

// TakesMore reports whether a write now would not wait.
func (s *sealed) TakesMore() bool { return s.now != nil && s.now.TakesMore() }

// WriteSome writes what the socket takes.
func (s *sealed) WriteSome(p []byte) (n int) {
	for n < len(p) && s.fill(p[n:]) == nil {
		n += s.moved(s.now.WriteSome(s.rest))
		if len(s.rest) > 0 {
			break
		}
	}
	return n
}

// bye puts on the socket what TLS has to say at the end: an alert, if it broke off, and that there is no more. Inside a
// record there is nothing to be said.
func (s *sealed) bye(by time.Time) {
	if len(s.rest) > 0 {
		return
	}
	if half, ok := s.tls.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	s.buf = s.seal.take(s.buf)
	_ = s.seal.SetWriteDeadline(by) // TLS has set one that is over
	_, _ = s.seal.bare.Write(s.buf)
}

// fill encrypts the first of p, unless some of it waits encrypted.
func (s *sealed) fill(p []byte) error {
	if len(s.rest) > 0 {
		return nil
	}
	n := min(len(p), sealPiece)
	if _, err := s.tls.Write(p[:n]); err != nil {
		return err
	}
	s.buf = s.seal.take(s.buf)
	s.rest, s.plain = s.buf, n
	return nil
}

// moved notes n bytes on the socket, and is how many of the caller's that were: the last one only when nothing is left.
func (s *sealed) moved(n int) int {
	told := s.plain
	if n < len(s.rest) {
		told = min(n, s.plain-1)
	}
	s.rest, s.plain = s.rest[n:], s.plain-told
	return told
}
