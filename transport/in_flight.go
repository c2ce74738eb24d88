package transport

import (
	"syscall"
	"time"
)

// Bounds of the bytes in flight, written and not acknowledged, when the next packet is chosen. A slow link's queue is
// in routers that hold seconds of data: a picture that is chosen while another still waits there is old when it
// arrives. So the writer waits first, and then takes the newest picture. Allowed in flight is what the link carries in
// a round trip and inFlightQueue, and always minInFlight, since the last bytes of a picture are acknowledged late.
const (
	inFlightQueue   = 50 * time.Millisecond
	minInFlight     = 2 << 10
	initialInFlight = 8 << 10                // on a link that is not known yet
	maxRoomWait     = 400 * time.Millisecond // after that the write itself finds out what is wrong
	roomPoll        = 2 * time.Millisecond
	rateKnownFrom   = 10 * time.Millisecond // a wait this long tells how fast the link is
)

// bytesInFlight bounds what a slow connection has in flight. For the holder of the write lock.
type bytesInFlight struct {
	socket syscall.RawConn // nil if there is none
	seen   uint64          // bytes written when it was last checked
	looked time.Time
	slow   time.Time     // when there was last too much in flight
	rate   float64       // bytes a second that the link carries; 0: not known
	minRTT time.Duration // the kernel's

	ask    func(fd uintptr) // made once, since it runs for each picture on a slow link
	answer int              // what ask found
}

// shouldCheck reports whether it is time to ask the socket, and notes it: rarely while the link is fast.
func (f *bytesInFlight) shouldCheck(written uint64, now time.Time) bool {
	if f.socket == nil || now.Sub(f.slow) > slowFor && now.Sub(f.looked) < askSocketEvery {
		return false
	}
	f.seen, f.looked = written, now
	return true
}

// limit returns how many bytes may be in flight.
func (f *bytesInFlight) limit() int {
	if f.rate <= 0 {
		return initialInFlight
	}
	return max(int(f.rate*(f.minRTT+inFlightQueue).Seconds()), minInFlight)
}

// pollAfter returns when to ask the socket again, with n bytes too many in flight.
func (f *bytesInFlight) pollAfter(n int) time.Duration {
	if f.rate <= 0 {
		return roomPoll
	}
	return min(max(time.Duration(float64(n)/f.rate*float64(time.Second)), roomPoll), inFlightQueue/2)
}

// learn notes that n bytes were acknowledged while the link was busy for a time. It follows a higher rate faster than a
// lower one, since a link with too little in flight looks slower than it is.
func (f *bytesInFlight) learn(n int, busy time.Duration) {
	if busy < rateKnownFrom && f.rate > 0 {
		return
	}
	seen := float64(n) / max(busy, time.Millisecond).Seconds()
	switch {
	case f.rate <= 0:
		f.rate = seen
	case seen > f.rate:
		f.rate += (seen - f.rate) / 2
	default:
		f.rate += (seen - f.rate) / 4
	}
}

// bytes returns the bytes that are not acknowledged yet; 0 if the system does not say.
func (f *bytesInFlight) bytes() int {
	if f.socket == nil {
		return 0
	}
	if f.ask == nil {
		f.ask = func(fd uintptr) { f.answer = unacknowledged(fd) }
	}
	f.answer = 0
	_ = f.socket.Control(f.ask)
	return f.answer
}

// excess returns the bytes in flight if they are too many, else 0. It asks the socket only if it is time to.
func (w *streamWriter) excess(now func() time.Time) int {
	f, written := &w.inFlight, w.bytes.Load()
	if written-f.seen < minInFlight || w.pacer.limit > unsentLimit || !f.shouldCheck(written, now()) {
		return 0
	}
	if n := f.bytes(); n > f.limit() {
		return n
	}
	return 0
}

// overWindow reports whether waitForRoom would wait.
func (w *streamWriter) overWindow(now time.Time) bool {
	seen, looked := w.inFlight.seen, w.inFlight.looked
	if w.excess(func() time.Time { return now }) == 0 {
		return false
	}
	w.inFlight.seen, w.inFlight.looked = seen, looked // waitForRoom is to ask too
	return true
}

// waitForRoom waits, at most maxRoomWait, until little is in flight. On a fast link it returns at once.
func (w *streamWriter) waitForRoom(closing <-chan struct{}) {
	f := &w.inFlight
	first := w.excess(time.Now)
	if first == 0 {
		return
	}
	begun, left, limit := time.Now(), first, f.limit()
	_ = f.socket.Control(func(fd uintptr) { f.minRTT = minRTT(fd) })
	timer := time.NewTimer(f.pollAfter(left - limit))
	defer timer.Stop()
	for open := true; open && left > limit && time.Since(begun) < maxRoomWait; left = f.bytes() {
		select {
		case <-timer.C:
			timer.Reset(f.pollAfter(left - limit))
		case <-closing:
			open = false
		}
	}
	f.slow = time.Now()
	f.learn(first-left, f.slow.Sub(begun))
	w.waited.Add(int64(f.slow.Sub(begun)))
}
