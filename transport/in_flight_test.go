package transport

import (
	"io"
	"net"
	"runtime"
	"testing"
	"time"
)

// TestBytesInFlight: what may be under way follows what the link was seen to carry.
func TestBytesInFlight(t *testing.T) {
	var f bytesInFlight
	if f.limit() != initialInFlight {
		t.Errorf("an unknown link has %d bytes under way", f.limit())
	}
	f.learn(3200, 100*time.Millisecond)
	if f.limit() != minInFlight {
		t.Errorf("256 kbit/s have %d bytes under way", f.limit())
	}
	f.minRTT = 150 * time.Millisecond
	if got := f.limit(); got != 6400 {
		t.Errorf("256 kbit/s with a long round trip have %d bytes under way", got)
	}
	if got := f.pollAfter(320); got != 10*time.Millisecond {
		t.Errorf("320 bytes too many are waited for %v", got)
	}
	f.learn(9600, 100*time.Millisecond)
	if got := int(f.rate); got != 64000 {
		t.Errorf("a link that carries 96000 after 32000 is taken for %d", got)
	}
	f.learn(10, time.Millisecond)
	if got := int(f.rate); got != 64000 {
		t.Errorf("a moment made it %d", got)
	}
}

// TestWaitForRoom: the writer waits while too much is under way, not longer, and not at all on a link that is fast or ends.
func TestWaitForRoom(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells what is under way")
	}
	a, b := tcpPair(t)
	defer a.Close()
	defer b.Close()
	w := &newStream(a, &Options{WriteStall: time.Second}, true, nil).writer
	never, now := make(chan struct{}), make(chan struct{})
	close(now)
	stuff(t, w, a)
	if !eventually(func() bool {
		w.waited.Store(0)
		w.inFlight = bytesInFlight{socket: w.inFlight.socket}
		w.waitForRoom(now)
		waited := w.waited.Load()
		return waited > 0 && waited < int64(maxRoomWait)
	}) {
		t.Error("it waits as long for a link that ends")
	}
	read := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, b)
		read <- err
	}()
	if !eventually(func() bool {
		stuff(t, w, a)
		w.inFlight = bytesInFlight{socket: w.inFlight.socket}
		w.waitForRoom(never)
		return w.inFlight.rate > 0 && w.waited.Load() > 0
	}) {
		t.Errorf("rate %v after a wait of %v", w.inFlight.rate, time.Duration(w.waited.Load()))
	}
	w.pacer.limit, w.inFlight = unsentLimit+1, bytesInFlight{socket: w.inFlight.socket}
	w.waitForRoom(never)
	if w.inFlight.seen != 0 {
		t.Error("looked at a fast link")
	}
	a.Close()
	if err := <-read; err != nil {
		t.Error(err)
	}
}

// eventually tries until it is so: a machine that is busy elsewhere may let a link run empty, or hold up the goroutine that waits for it.
func eventually(so func() bool) bool {
	for range 20 {
		if so() {
			return true
		}
	}
	return false
}

// stuff writes until the socket takes no more.
func stuff(t *testing.T, w *streamWriter, a net.Conn) {
	t.Helper()
	if err := a.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for piece := make([]byte, 64<<10); ; {
		n, err := a.Write(piece)
		w.bytes.Add(uint64(n))
		if err != nil {
			return
		}
	}
}
