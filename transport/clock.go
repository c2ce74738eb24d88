package transport

import (
	"sync/atomic"
	"time"
)

// clock measures round trips, and from them what the peer's clock says.
//
// Wall clocks step: by NTP, by hand, when a laptop wakes. The peer's clock is therefore kept relative to this machine's
// monotonic clock, which does not step. Round trips that disagree with a newer one are dropped, since a step lies in
// between.
type clock struct {
	rtt  atomic.Int64         // ns
	peer atomic.Pointer[trip] // the best of the last round trips; nil before the first

	wall func() time.Time // this machine's clock, which steps; nil: time.Now

	// Pings on their way, oldest overwritten; guarded by the connection's mutex.
	asked [4]ask
	turn  int

	// The reader's: the last round trips.
	trips []trip
}

const (
	// keptTrips is how many round trips compete. At a ping in two seconds they span a quarter of a minute, in which
	// clocks drift apart by less than a millisecond.
	keptTrips = 8
	// clockSlack is by how much two round trips may disagree without a step: clocks that are being slewed (500 ppm,
	// adjtime(3)) move apart by 8 ms in sixteen seconds.
	clockSlack = 10 * time.Millisecond
)

type ask struct {
	number uint64 // this machine's clock in µs
	at     time.Time
}

// trip is a round trip: at a moment of this machine's monotonic clock, the peer's wall clock said theirs, give or take
// half of the round trip.
type trip struct {
	rtt    time.Duration
	at     time.Time
	theirs time.Time
}

// peerAt returns what the peer's clock says at a moment, according to this round trip.
func (t trip) peerAt(now time.Time) time.Time { return t.theirs.Add(now.Sub(t.at)) }

// agrees reports whether the peer's clock has not stepped between two round trips, as far as they can tell.
func (t trip) agrees(with trip) bool {
	apart := t.peerAt(with.at).Sub(with.theirs).Abs()
	return apart <= (t.rtt+with.rtt)/2+clockSlack
}

// now returns this machine's wall clock.
func (k *clock) now() time.Time {
	if k.wall != nil {
		return k.wall()
	}
	return time.Now()
}

// offset returns what to add to this machine's wall clock, as it is now, to get the peer's; 0 before the first round
// trip.
func (k *clock) offset() time.Duration {
	t := k.peer.Load()
	if t == nil {
		return 0
	}
	return t.peerAt(time.Now()).Sub(k.now().Round(0))
}

// ask notes a ping that is about to be sent and returns its number.
func (k *clock) ask() uint64 {
	number := uint64(k.now().UnixMicro())
	k.asked[k.turn] = ask{number: number, at: time.Now()}
	k.turn = (k.turn + 1) % len(k.asked)
	return number
}

// find returns when the ping with that number was sent. Each is answered once.
func (k *clock) find(number uint64) (at time.Time, ok bool) {
	for i, a := range k.asked {
		if a.number == number && !a.at.IsZero() {
			k.asked[i] = ask{}
			return a.at, true
		}
	}
	return time.Time{}, false
}

// answered notes a round trip that ended just now and returns it. theirs is the peer's clock half of the round trip
// ago, in µs since the Unix epoch. Of the trips that agree with the newest, the quickest has the smallest error.
func (k *clock) answered(sent time.Time, theirs uint64) time.Duration {
	now := time.Now()
	newest := trip{rtt: now.Sub(sent), at: now}
	newest.theirs = time.UnixMicro(int64(theirs)).Add(newest.rtt / 2)
	kept := append(make([]trip, 0, keptTrips), newest)
	for _, t := range k.trips {
		if len(kept) < keptTrips && t.agrees(newest) {
			kept = append(kept, t)
		}
	}
	k.trips = kept
	best := newest
	for _, t := range kept {
		if t.rtt < best.rtt {
			best = t
		}
	}
	k.rtt.Store(int64(newest.rtt))
	k.peer.Store(&best)
	return newest.rtt
}

// bucket limits how often the peer may cause an answer.
type bucket struct {
	level float64
	at    time.Time
}

// take reports whether one more is within rate a second, with a burst of twice that; rate < 0 allows any.
func (b *bucket) take(rate int, now time.Time) bool {
	if rate < 0 {
		return true
	}
	most := 2 * float64(rate)
	if b.at.IsZero() {
		b.level = most
	} else {
		b.level = min(most, b.level+now.Sub(b.at).Seconds()*float64(rate))
	}
	b.at = now
	if b.level < 1 {
		return false
	}
	b.level--
	return true
}
