package transport

import (
	"net"
	"testing"
	"time"
)

// TestSendPacer: only a link that has just carried much gets a longer queue, as long as its speed is worth, and loses
// it in one window. Each step is a window of 25 ms.
func TestSendPacer(t *testing.T) {
	a, b := tcpPair(t)
	defer a.Close()
	defer b.Close()
	raw, err := a.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	p := newSendPacer(raw)
	p.since = now
	p.noteWait(230<<10, 10*time.Millisecond) // not slow
	for i, step := range []struct{ bytes, limit int }{
		{60 << 10, unsentLimit},  // 20 Mbit/s
		{900 << 10, unsentLimit}, // a burst
		{60 << 10, unsentLimit},
		{1 << 20, unsentLimit},   // 40 MiB/s, once
		{1 << 20, 2 << 20},       // and again
		{1<<20 + 999, 2 << 20},   // not worth a system call
		{10 << 20, 20 << 20},     // faster yet
		{300 << 10, 600 << 10},   // less, but not slow
		{200 << 10, unsentLimit}, // slow
		{300 << 10, unsentLimit}, // not fast yet
	} {
		now = now.Add(rateWindow)
		p.noteBytes(step.bytes, now)
		if p.limit != step.limit {
			t.Errorf("step %d: limit %d, want %d", i, p.limit, step.limit)
		}
	}
	p.setLimit(1 << 20)
	p.noteWait(5<<10, time.Millisecond) // says nothing
	p.noteWait(5<<10, 50*time.Millisecond)
	p.noteBytes(5<<10, now.Add(rateWindow))
	if p.limit != 5<<10 {
		t.Errorf("a link of 100 KiB a second has a queue of %d bytes", p.limit)
	}
	p.noteBlocked()
	if p.limit != minUnsent {
		t.Error("a blocked write kept its queue")
	}
	p.noteWait(500<<10, 50*time.Millisecond)
	if p.limit != unsentLimit {
		t.Errorf("a link that is quick again has a queue of %d bytes", p.limit)
	}
}

func tcpPair(t *testing.T) (net.Conn, net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	b, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return a, b
}
