package transport

import (
	"sync"
	"time"

	"acip/packet"
)

// A proxy acknowledges what is written to it at once, however slow the link behind it is: the socket looks empty while
// seconds of pictures wait in the proxy. Only the peer's answers tell what has arrived. So a PING follows the pictures,
// and the bytes that no answer covers yet are in flight. While they fill the window, nothing more is taken from the
// packet source. The window is sized so that they wait no longer than queueTarget on the way.
const (
	queueTarget   = 60 * time.Millisecond // what a picture at 15 fps takes to pass, so that the link does not run empty
	initialWindow = 2 << 10               // of a path that is not known: a sixteenth of a second at 256 kbit/s
	minWindow     = 512                   // the next picture then waits for the answer to the last
	maxWindow     = 16 << 20              // 800 MB/s with a ping every pingEvery
	minRTTFor     = 10 * time.Second      // the least round trip counts for that long, and at most twice that
)

// How often pings follow pictures. A peer answers 100 a second by default.
const (
	pingEvery     = 20 * time.Millisecond
	pingRarely    = 100 * time.Millisecond // while nothing queues
	maxUnanswered = 64                     // pings without an answer: above a second's worth
)

// A peer need not answer. To one that does not, pictures are written as its socket takes them.
const (
	firstAnswer  = 400 * time.Millisecond // for the answer to the first ping
	quietFor     = 3 * time.Second        // without a byte from the peer; clients ping every 2 s
	answerWithin = 10 * time.Second       // from a peer that is heard but does not answer
)

// window bounds the bytes in flight by the peer's answers. The zero value is a path that is not known yet. The holder
// of the write lock calls wait, taken and nextPing; the reader calls answer.
type window struct {
	mu       sync.Mutex
	size     int    // bytes; 0: not known
	sent     uint64 // bytes of pictures taken from the packet source
	covered  uint64 // of them, those before the last ping
	answered uint64 // of them, those before the last ping that was answered

	asked       []question // pings without an answer, oldest first
	last        time.Time  // when the last ping was written
	known       bool       // a ping has been answered
	expected    bool       // the peer pings too, or is a server: it is expected to answer
	unanswering bool       // the peer does not answer: the window does not count
	full        bool       // the window was full since the last ping
	waiting     waiting

	trips    minTrip
	queue    time.Duration // what the last round trip took above the least
	pass     float64       // what it took in ns for each byte in flight
	shrunk   time.Time     // pings from before do not shrink the window again
	draining bool          // nothing is taken until everything is answered
	probe    bool          // the next ping goes out at once, with nothing in flight before it
}

// question is a ping without an answer.
type question struct {
	number uint64
	at     time.Time
	mark   uint64 // bytes of pictures sent before it
	under  int    // of them, those that were in flight
	used   bool   // at least half of the window was in use
}

// waiting is the writer's wait for an answer.
type waiting struct {
	on      bool
	since   time.Time     // or since the last answer
	past    time.Duration // of waits, not fetched yet
	heard   uint64        // bytes read from the peer
	heardAt time.Time     // when they last became more
}

// wait returns 0 if a packet may be taken from the packet source, else how long to wait for an answer before calling it
// again. heard is the number of bytes read from the peer so far. queued returns the bytes in flight that the socket
// knows of: those are bounded by bytesInFlight.
func (f *window) wait(now time.Time, heard uint64, queued func() int) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	under := int(f.sent - f.answered)
	if f.draining && under == 0 {
		f.draining, f.probe = false, true
	}
	limit := f.limit()
	if f.draining {
		limit = 1
	}
	if f.unanswering || !f.known && !f.expected || under < limit || under == 0 || under-queued() < limit {
		f.waiting.end(now)
		return 0
	}
	f.full, f.trips.loaded = true, true
	f.waiting.goOn(now, heard)
	left := f.answerTimeout(now, under)
	if left <= 0 {
		f.unanswering, f.draining = true, false
		f.waiting.end(now)
		return 0
	}
	if f.covered != f.sent { // the ping behind them is not due yet
		left = min(left, max(f.last.Add(pingEvery).Sub(now), time.Millisecond))
	}
	return left
}

// answerTimeout returns how long an answer may still take with so many bytes in flight: at least twice as long as the
// last answer suggests.
func (f *window) answerTimeout(now time.Time, under int) time.Duration {
	if !f.known {
		return firstAnswer - now.Sub(f.waiting.since)
	}
	expected := 2 * time.Duration(f.pass*float64(under))
	return min(max(quietFor, expected)-now.Sub(f.waiting.heardAt), max(answerWithin, expected)-now.Sub(f.waiting.since))
}

// expect notes that the peer is expected to answer. A peer that is not is written to without a window until it has
// answered.
func (f *window) expect() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.expected = true
}

// limit returns how many bytes in flight are too many, unless the path is being drained.
func (f *window) limit() int {
	if f.size == 0 {
		return initialWindow
	}
	return f.size
}

// takeWaited returns how long the writer has waited since the last call.
func (f *window) takeWaited() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.waiting.past
	f.waiting.past = 0
	return d
}

// taken notes a packet taken from the packet source. Only pictures count: all else is small, and a peer that gets no
// pictures should not be bothered with pings.
func (f *window) taken(b *packet.Buffer) {
	if b.Type().Class() == packet.Video {
		f.add(b.Len())
	}
}

func (f *window) add(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent += uint64(n)
}

// pingFirst reports whether a ping must be written before anything else is taken.
func (f *window) pingFirst() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.probe
}

// nextPing returns the number of the ping that is to be written now, behind all that was taken; false if none is due.
func (f *window) nextPing(now time.Time) (number uint64, due bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.due(now) {
		return 0, false
	}
	number = uint64(now.UnixMicro())
	if n := len(f.asked); n > 0 {
		number = max(number, f.asked[n-1].number+1) // the clock may have been set back
	}
	under := int(f.sent - f.answered)
	f.asked = append(f.asked, question{number: number, at: now, mark: f.sent, under: under, used: f.full || under >= f.limit()/2})
	f.covered, f.last, f.probe, f.full = f.sent, now, false, false
	return number, true
}

// due reports whether it is time for a ping.
func (f *window) due(now time.Time) bool {
	switch {
	case len(f.asked) >= maxUnanswered:
		return false
	case f.probe:
		return true
	case f.unanswering, f.covered == f.sent:
		return false
	case !f.known: // whoever did not answer the first is not asked again
		return len(f.asked) == 0
	case f.waiting.on, f.queue > queueTarget/4:
		return now.Sub(f.last) >= pingEvery
	}
	return now.Sub(f.last) >= pingRarely
}

// answer takes the answer to a ping. It reports whether the ping is one of the window's, and whether to wake the
// writer.
func (f *window) answer(number uint64, now time.Time) (ours, wake bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := 0
	for i < len(f.asked) && f.asked[i].number != number {
		i++
	}
	if i == len(f.asked) {
		return false, false
	}
	q := f.asked[i]
	f.asked = append(f.asked[:0], f.asked[i+1:]...)
	fresh := int(q.mark - f.answered)
	f.answered, f.unanswering = q.mark, false
	f.fit(q, fresh, now)
	if !f.known { // that one was behind a picture: what the way alone takes is not known yet
		f.known, f.draining = true, true
	}
	f.waiting.answered(now)
	return true, f.waiting.on
}

// fit adapts the window to a round trip that ended just now and acknowledged so many more bytes than the last.
func (f *window) fit(q question, fresh int, now time.Time) {
	trip := max(now.Sub(q.at), time.Microsecond)
	least, drain := f.trips.learn(trip, now)
	f.draining = f.draining || drain
	f.queue = trip - least
	if q.under > 0 {
		f.pass = float64(trip) / float64(q.under)
	}
	switch {
	case f.queue > queueTarget && q.at.After(f.shrunk) && q.under > 0:
		// All that was under way has arrived within the trip. That is a rate which answers in bunches cannot exaggerate.
		fits := float64(q.under) * float64(least+queueTarget) / float64(trip)
		f.size, f.shrunk = min(max(int(fits), minWindow), maxWindow), now
	case f.queue < queueTarget && q.used:
		share := float64(queueTarget-f.queue) / float64(queueTarget)
		// At most doubled: what a shaper lets through at once says little of the path.
		f.size = min(f.limit()+min(int(float64(fresh)*share), f.limit()), maxWindow)
	}
}

// minTrip keeps the smallest round trip of two epochs, the last one and this one.
type minTrip struct {
	last, this time.Duration // 0: none
	begun      time.Time     // when this one began
	loaded     bool          // the window was full in this one
}

// learn returns the smallest round trip, this one included, and whether to drain the path: if the window was full for a
// whole epoch, each of its trips may include a queue, which must not become the baseline.
func (l *minTrip) learn(trip time.Duration, now time.Time) (least time.Duration, drain bool) {
	if now.Sub(l.begun) >= minRTTFor {
		drain = l.loaded && !l.begun.IsZero()
		*l = minTrip{last: l.this, begun: now}
	}
	if l.this == 0 || trip < l.this {
		l.this = trip
	}
	if l.last == 0 {
		return l.this, drain
	}
	return min(l.last, l.this), drain
}

// goOn begins a wait, or continues it.
func (w *waiting) goOn(now time.Time, heard uint64) {
	if !w.on {
		w.on, w.since, w.heardAt = true, now, now
	} else if heard != w.heard {
		w.heardAt = now
	}
	w.heard = heard
}

// answered notes an answer, which starts the wait again.
func (w *waiting) answered(now time.Time) {
	if w.on {
		w.past += now.Sub(w.since)
		w.since, w.heardAt = now, now
	}
}

// end ends a wait.
func (w *waiting) end(now time.Time) {
	if w.on {
		w.on = false
		w.past += now.Sub(w.since)
	}
}
