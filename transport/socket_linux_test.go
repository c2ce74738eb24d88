package transport

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

// rawPair returns the two ends of a TCP connection as a stream has them.
func rawPair(t *testing.T) (a, b net.Conn, x, y io.ReadWriter) {
	a, b = tcpPair(t)
	t.Cleanup(func() {
		_ = a.Close()
		_ = b.Close()
	})
	return a, b, rawConn(a), rawConn(b)
}

// TestSocketMoves more than the buffers between two ends hold, in order.
func TestSocketMoves(t *testing.T) {
	a, _, x, y := rawPair(t)
	sent := bytes.Repeat([]byte("0123456789abcdef!"), 1<<20)
	written := make(chan error, 1)
	go func() {
		n, err := x.Write(sent)
		if n != len(sent) && err == nil {
			err = io.ErrShortWrite
		}
		_ = a.Close()
		written <- err
	}()
	got, err := io.ReadAll(y)
	if werr := <-written; werr != nil || err != nil || !bytes.Equal(got, sent) {
		t.Errorf("write %v, read %v: %d of %d bytes", werr, err, len(got), len(sent))
	}
}

// TestSocketDeadlines: what the other end does not take or give ends at the deadline, and says how much got through.
func TestSocketDeadlines(t *testing.T) {
	a, b, x, y := rawPair(t)
	p := make([]byte, 64<<20)
	_ = a.SetWriteDeadline(time.Now().Add(time.Second))
	n, err := x.Write(p)
	if !errors.Is(err, os.ErrDeadlineExceeded) || n == 0 || n == len(p) {
		t.Errorf("a write that nobody takes: %d bytes, %v", n, err)
	}
	_ = a.SetReadDeadline(longAgo)
	if n, err := x.Read(p); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a read past its deadline: %d bytes, %v", n, err)
	}
	if m, err := io.ReadFull(y, p[:n]); err != nil {
		t.Errorf("of %d bytes that were written came %d: %v", n, m, err)
	}
	_ = b.Close()
}

// TestSocketErrors are those of net.Conn.
func TestSocketErrors(t *testing.T) {
	a, b, x, _ := rawPair(t)
	if n, err := x.Write(nil); n != 0 || err != nil {
		t.Errorf("writing nothing: %d, %v", n, err)
	}
	_, _ = b.Write([]byte("left unread, so that closing resets"))
	_, _ = x.Write([]byte("unread"))
	_ = b.(*net.TCPConn).SetLinger(0)
	_ = b.Close()
	p := make([]byte, 64)
	var err error
	for err == nil {
		_, err = x.Read(p)
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("reading from a connection that was reset: %v", err)
	}
	if _, err := x.Write(p); !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("writing to one: %v", err)
	}
	_ = a.Close()
	if _, err := x.Read(p); !errors.Is(err, net.ErrClosed) {
		t.Errorf("reading from a closed one: %v", err)
	}
}
