package transport

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"
)

// tlsWriterPair is a buffered TLS connection over TCP, its socket, and the other end.
func tlsWriterPair(t *testing.T) (x *tlsWriter, socket net.Conn, other net.Conn) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	trusting := server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	trusting.ServerName = "example.com" // the certificate's
	a, b := tcpPair(t)
	t.Cleanup(func() {
		_ = a.Close()
		_ = b.Close()
	})
	secure := tls.Server(newRecordBuffer(a), &tls.Config{Certificates: server.TLS.Certificates})
	client := tls.Client(b, trusting)
	shaken := make(chan error, 1)
	go func() { shaken <- client.Handshake() }()
	if err := errors.Join(secure.Handshake(), <-shaken); err != nil {
		t.Fatal(err)
	}
	return newTLSWriter(secure), a, client
}

// TestTLSWriterMoves more than the buffers between two ends hold, in order, by a writer that is stopped again and again
// and goes on where it was told that it got to.
func TestTLSWriterMoves(t *testing.T) {
	x, socket, other := tlsWriterPair(t)
	sent := bytes.Repeat([]byte("0123456789abcdef!"), 1<<20)
	stuck := make(chan struct{}) // closed once the buffers are full
	written := make(chan error, 1)
	go func() {
		written <- writeByDeadlines(x, socket, sent, stuck)
		_ = socket.Close()
	}()
	<-stuck
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(other, got); err != nil || !bytes.Equal(got, sent) {
		t.Errorf("read: %v, equal: %t", err, bytes.Equal(got, sent))
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}

// writeByDeadlines writes p, a millisecond at a time, and closes stuck when first one passes.
func writeByDeadlines(x *tlsWriter, socket net.Conn, p []byte, stuck chan struct{}) error {
	for first := true; len(p) > 0; {
		_ = socket.SetWriteDeadline(time.Now().Add(time.Millisecond))
		n, err := x.Write(p)
		if err == nil && n < len(p) {
			return io.ErrShortWrite
		}
		if err != nil && (!errors.Is(err, os.ErrDeadlineExceeded) || n == len(p)) {
			return errors.Join(errors.New("a write that was stopped"), err)
		}
		if err != nil && first {
			first = false
			close(stuck)
		}
		p = p[n:]
	}
	return nil
}

// TestTLSWriterWritesSome: what the socket does not take at once is left, and goes out when it is written again.
func TestTLSWriterWritesSome(t *testing.T) {
	x, socket, other := tlsWriterPair(t)
	if x.inline == nil {
		t.Skip("no socket here takes a part without waiting")
	}
	sent := bytes.Repeat([]byte("0123456789abcdef!"), 1<<20)
	n := x.WriteSome(sent)
	if n == 0 || n == len(sent) || x.Writable() {
		t.Fatalf("%d of %d bytes written, takes more: %t", n, len(sent), x.Writable())
	}
	got := make([]byte, len(sent))
	read := make(chan error, 1)
	go func() {
		_, err := io.ReadFull(other, got)
		read <- err
	}()
	_ = socket.SetWriteDeadline(time.Time{})
	m, err := x.Write(sent[n:])
	if rerr := <-read; err != nil || rerr != nil || n+m != len(sent) || !bytes.Equal(got, sent) {
		t.Errorf("write %v, read %v: %d and %d of %d bytes", err, rerr, n, m, len(sent))
	}
}

// miser takes one byte at a time.
type miser struct{ took int }

func (m *miser) Writable() bool { return true }

func (m *miser) WriteSome(p []byte) int {
	m.took++
	return min(1, len(p))
}

// TestTLSWriterTellsTheLastByteLast: whoever is told that all was written does not come back, so that by then all of
// the record must be on the socket, which is longer than what it holds.
func TestTLSWriterTellsTheLastByteLast(t *testing.T) {
	x, _, _ := tlsWriterPair(t)
	socket := &miser{}
	x.inline = socket
	p := make([]byte, 100)
	for n := 0; n < len(p); {
		n += x.WriteSome(p[n:])
		if n == len(p) && len(x.unsent) > 0 {
			t.Fatalf("%d bytes of the record are left", len(x.unsent))
		}
	}
	if socket.took <= len(p) {
		t.Errorf("the record was of %d bytes", socket.took)
	}
}

// TestRecordBufferIsBounded: TLS that answers more than its writer takes along is ended.
func TestRecordBufferIsBounded(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	s := newRecordBuffer(a)
	s.startBuffering()
	var err error
	said := 0
	for ; err == nil && said <= 2*maxBuffered; said += 1 << 10 {
		_, err = s.Write(make([]byte, 1<<10))
	}
	if !errors.Is(err, errTLSBacklog) || len(s.records) > maxBuffered {
		t.Errorf("after %d bytes: %v, %d kept", said, err, len(s.records))
	}
}

// TestRecordBufferPassesOn what TLS writes before there is a writer.
func TestRecordBufferPassesOn(t *testing.T) {
	a, b := tcpPair(t)
	defer a.Close()
	defer b.Close()
	s := newRecordBuffer(a)
	if _, err := s.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	var p [5]byte
	if _, err := io.ReadFull(b, p[:]); err != nil || string(p[:]) != "hello" {
		t.Errorf("%q, %v", p, err)
	}
}
