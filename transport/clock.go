package transport

import (
	"sync/atomic"
	"time"
)

// clock measures round trips, and from them how far the peer's clock is ahead.
type clock struct {
	rtt, offset atomic.Int64 // ns

	// Pings on their way, oldest overwritten; guarded by the connection's mutex.
	asked [4]ask
	turn  int

	// The reader's: the last round trips.
	trips [8]trip
	count int
}

type ask struct {
	number uint64 // this machine's clock in µs
	at     time.Time
}

type trip struct{ rtt, offset time.Duration }

// ask notes a ping that is about to be sent and returns its number.
func (k *clock) ask() uint64 {
	now := time.Now()
	k.asked[k.turn] = ask{number: uint64(now.UnixMicro()), at: now}
	k.turn = (k.turn + 1) % len(k.asked)
	return uint64(now.UnixMicro())
}

// find is when the ping with that number was sent. Each is answered once.
func (k *clock) find(number uint64) (at time.Time, ok bool) {
	for i, a := range k.asked {
		if a.number == number && !a.at.IsZero() {
			k.asked[i] = ask{}
			return a.at, true
		}
	}
	return time.Time{}, false
}

// answered takes a round trip that ended just now: half of it is how long ago the
// peer's clock stood at theirs, µs since the Unix epoch. Of the last trips the
// quickest has the least room for error.
func (k *clock) answered(sent time.Time, theirs uint64) time.Duration {
	now := time.Now()
	rtt := now.Sub(sent)
	offset := time.UnixMicro(int64(theirs)).Add(rtt / 2).Sub(now)
	k.trips[k.count%len(k.trips)] = trip{rtt, offset}
	k.count++
	best := k.trips[0]
	for _, t := range k.trips[:min(k.count, len(k.trips))] {
		if t.rtt < best.rtt {
			best = t
		}
	}
	k.rtt.Store(int64(rtt))
	k.offset.Store(int64(best.offset))
	return rtt
}

// bucket limits how often the peer may make us answer.
type bucket struct {
	level float64
	at    time.Time
}

// take reports whether one more is within rate a second, twice that at once;
// rate < 0 means any.
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
