package call

import (
	"cmp"
	"slices"
	"time"

	"acip/internal/congestion"
)

// downlinkEstimates is the state of the way down, by sender. Each sender is judged by its own pictures only: capture times
// and numbers are whatever the sender writes, so they must not make the pictures of others smaller. On a link that is too
// slow for all, the pictures of all are late.
type downlinkEstimates map[uint32]*senderEstimate

// senderEstimate tells how the pictures of one sender arrive.
type senderEstimate struct {
	ladder      congestion.Ladder
	before      arrival
	minAge      time.Duration // the least age on arrival seen; 0: none
	slowSamples int           // samples in a row with pictures both late and left out
	active      bool          // pictures came since the last sample
}

// arrival is what has arrived of one sender so far.
type arrival struct {
	id                       uint32
	age                      time.Duration // of the newest picture, on arrival
	received, missing, bytes uint64
}

// downlinkSample is what is known about the way down apart from the pictures of one sender.
type downlinkSample struct {
	longRTT bool          // the round trip is long too
	minRTT  time.Duration // the least seen
	seconds float64       // since the last sample
	now     time.Time

	got, left uint64 // pictures of all senders since the last sample: received, and left out by the server
}

// observe takes a sample, and reports whether less or more is to be asked of any sender.
func (e downlinkEstimates) observe(all []arrival, s downlinkSample) (changed bool) {
	here := make(map[uint32]bool, len(all))
	for _, a := range all {
		here[a.id] = true
		if e[a.id] == nil {
			e[a.id] = &senderEstimate{}
		}
		s.got += a.received - e[a.id].before.received
		s.left += a.missing - e[a.id].before.missing
	}
	for id := range e {
		if !here[id] {
			delete(e, id)
		}
	}
	for _, a := range all {
		changed = e[a.id].observe(a, s) || changed
	}
	return changed
}

// observe looks at how late the pictures of one sender arrive. Late pictures mean that our downlink is slow only if our
// round trip is long, or if the server leaves pictures out for us. Otherwise the sender's uplink is slow, and the sender
// reduces its own rate.
func (e *senderEstimate) observe(a arrival, s downlinkSample) (changed bool) {
	if a.age > 0 {
		if e.minAge == 0 || a.age < e.minAge {
			e.minAge = a.age
		}
		offered, carried := e.rates(a, s)
		changed = e.ladder.Observe(s.longRTT && a.age > e.minAge+slowAge, offered, carried, s.now)
	}
	e.active, e.before = a.received != e.before.received, a
	return changed
}

// rates returns the bytes a second of one sender that are offered to the link, and those that it carries, or 0 if none had
// to wait. The server leaves out what the link does not carry, and what it carries comes late. Of the share that was left
// out of the sender's own pictures and that of all pictures, the smaller one counts: within one sample, chance decides
// whose pictures pass.
func (e *senderEstimate) rates(a arrival, s downlinkSample) (offered, carried float64) {
	got, left := float64(a.received-e.before.received), float64(a.missing-e.before.missing)
	if got == 0 || s.seconds <= 0 {
		return 0, 0
	}
	bytes := float64(a.bytes-e.before.bytes) / s.seconds
	offered = bytes * (1 + min(left/got, float64(s.left)/float64(s.got)))
	late := a.age > min(e.minAge, s.minRTT)+lateAge
	if !late || left == 0 || s.left < fewLeft || left < slowShare*got {
		e.slowSamples = 0
	} else if e.slowSamples++; e.slowSamples >= congestion.CongestedEnough {
		carried = bytes
	}
	return offered, carried
}

// step returns the rung for the pictures of a sender.
func (e downlinkEstimates) step(id uint32) congestion.Step {
	if s := e[id]; s != nil {
		return s.ladder.Step()
	}
	return congestion.FullStep
}

// reconnect forgets what was measured on a connection that ended.
func (e downlinkEstimates) reconnect() {
	for _, s := range e {
		s.minAge, s.slowSamples = 0, 0
	}
}

// String returns a clause about the link, empty if all is well: that of the median sender of those heard of, the better one
// of two, so that a single sender does not have the link called slow.
func (e downlinkEstimates) String() string {
	var all []*senderEstimate
	for _, s := range e {
		if s.active {
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return ""
	}
	slices.SortFunc(all, func(a, b *senderEstimate) int { return cmp.Compare(a.ladder.Level(), b.ladder.Level()) })
	return all[(len(all)-1)/2].ladder.String()
}
