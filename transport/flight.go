package transport

import (
	"syscall"
	"time"
)

// What may be on its way, written and not acknowledged, when the next packet is chosen. A slow link's queue is not here but
// in front of it, in routers that hold seconds' worth; a picture that is chosen while another still waits there is old when
// it arrives. So the writer waits first, and then takes the newest: what the link carries in flightQueue and a round trip may
// be under way, and always leastFlight, since the last bytes of a picture are acknowledged late.
const (
	flightQueue = 50 * time.Millisecond
	leastFlight = 2 << 10
	newFlight   = 8 << 10                // of a link that is not known yet
	settleMost  = 400 * time.Millisecond // then the write itself is to find out what is wrong
	settleStep  = 2 * time.Millisecond
	knownFrom   = 10 * time.Millisecond // a wait this long tells how fast the link is
)

// flight follows what a slow connection has under way. Writer only.
type flight struct {
	socket syscall.RawConn // nil where there is none
	seen   uint64          // bytes that had been written when it was last looked at
	looked time.Time
	slow   time.Time     // when there was last too much
	rate   float64       // bytes a second that the link carries; 0 is not known
	rtt    time.Duration // the least round trip
}

// due reports whether it is time to look, so many bytes having been written in all: rarely, so long as all is well.
func (f *flight) due(written uint64, now time.Time) bool {
	if f.socket == nil || now.Sub(f.slow) > slowFor && now.Sub(f.looked) < lookEvery {
		return false
	}
	f.seen, f.looked = written, now
	return true
}

// most is how much may be under way.
func (f *flight) most() int {
	if f.rate <= 0 {
		return newFlight
	}
	return max(int(f.rate*(f.rtt+flightQueue).Seconds()), leastFlight)
}

// pause is how long to wait before looking again, with n bytes too many under way.
func (f *flight) pause(n int) time.Duration {
	if f.rate <= 0 {
		return settleStep
	}
	return min(max(time.Duration(float64(n)/f.rate*float64(time.Second)), settleStep), flightQueue/2)
}

// learn takes in that n bytes were acknowledged while the link was busy for so long. It is quick to believe in more, since
// too little under way makes a link look slower than it is.
func (f *flight) learn(n int, busy time.Duration) {
	if busy < knownFrom && f.rate > 0 {
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

// underWay is the bytes not acknowledged yet; not known is none. The function that asks is made once, since it is called for
// each picture on a link that is slow.
func (w *wire) underWay() int {
	if w.askOwed == nil {
		w.askOwed = func(fd uintptr) { w.owed = unacknowledged(fd) }
	}
	w.owed = 0
	_ = w.flight.socket.Control(w.askOwed)
	return w.owed
}

// hold is the window's, which counts what the socket does not know of.
func (w *wire) hold(f *window, now time.Time) time.Duration {
	wait := f.hold(now, w.bytesIn.Load(), w.queued)
	if d := f.waited(); d > 0 {
		w.waited.Add(int64(d))
	}
	return wait
}

// queued is the bytes under way as far as the socket knows.
func (w *wire) queued() int {
	if w.flight.socket == nil {
		return 0
	}
	return w.underWay()
}

// crowded is the bytes under way if they are too many, else 0. It asks when it is time to.
func (w *wire) crowded(now func() time.Time) int {
	f, written := &w.flight, w.bytesOut.Load()
	if written-f.seen < leastFlight || w.pace.limit > unsentLimit || !f.due(written, now()) {
		return 0
	}
	if n := w.underWay(); n > f.most() {
		return n
	}
	return 0
}

// unsettled reports whether settle would wait.
func (w *wire) unsettled(now time.Time) bool {
	seen, looked := w.flight.seen, w.flight.looked
	if w.crowded(func() time.Time { return now }) == 0 {
		return false
	}
	w.flight.seen, w.flight.looked = seen, looked // settle is to look as well
	return true
}

// settle waits, at most settleMost, until little is under way. It returns at once on a link that is fast.
func (w *wire) settle(closing <-chan struct{}) {
	f := &w.flight
	first := w.crowded(time.Now)
	if first == 0 {
		return
	}
	begun, left, limit := time.Now(), first, f.most()
	_ = f.socket.Control(func(fd uintptr) { f.rtt = leastRTT(fd) })
	timer := time.NewTimer(f.pause(left - limit))
	defer timer.Stop()
	for open := true; open && left > limit && time.Since(begun) < settleMost; left = w.underWay() {
		select {
		case <-timer.C:
			timer.Reset(f.pause(left - limit))
		case <-closing:
			open = false
		}
	}
	f.slow = time.Now()
	f.learn(first-left, f.slow.Sub(begun))
	w.waited.Add(int64(f.slow.Sub(begun)))
}
