package call

import (
	"cmp"
	"slices"
	"time"

	"acip/internal/congestion"
)

// downlinks is the state of the way down, by sender. Each sender is judged by its own pictures: their capture times and
// numbers are whatever the sender writes into them, so they must not make the pictures of others smaller. On a link that is
// too slow for all, the pictures of all are late.
type downlinks map[uint32]*downlink

// downlink is how the pictures of one sender arrive.
type downlink struct {
	ladder congestion.Ladder
	before arrival
	least  time.Duration // the least age of arrival seen; 0: none
	short  int           // looks in a row that found pictures late and left out
	active bool          // pictures came since the last look
}

// arrival is what has come of one sender so far.
type arrival struct {
	id                       uint32
	age                      time.Duration // of the newest, on arrival
	received, missing, bytes uint64
}

// downLook is what a look at the way down knows apart from the pictures.
type downLook struct {
	far     bool          // the round trip is long too
	rtt     time.Duration // the least seen
	seconds float64       // since the last look
	now     time.Time

	got, left uint64 // pictures that were received of all since the last look, and that the server left out
}

// judge takes in what has arrived, and reports whether less or more is to be asked of anybody.
func (ds downlinks) judge(all []arrival, l downLook) (changed bool) {
	here := make(map[uint32]bool, len(all))
	for _, a := range all {
		here[a.id] = true
		if ds[a.id] == nil {
			ds[a.id] = &downlink{}
		}
		l.got += a.received - ds[a.id].before.received
		l.left += a.missing - ds[a.id].before.missing
	}
	for id := range ds {
		if !here[id] {
			delete(ds, id)
		}
	}
	for _, a := range all {
		changed = ds[a.id].judge(a, l) || changed
	}
	return changed
}

// judge looks at how late one sender's pictures arrive. Late ones are this link's doing only if its round trip is long too, or
// the server leaves pictures out: else it is the sender's link that is slow, and the sender steps down by itself.
func (d *downlink) judge(a arrival, l downLook) (changed bool) {
	if a.age > 0 {
		if d.least == 0 || a.age < d.least {
			d.least = a.age
		}
		offered, carried := d.carries(a, l)
		changed = d.ladder.Observe(l.far && a.age > d.least+slowAge, offered, carried, l.now)
	}
	d.active, d.before = a.received != d.before.received, a
	return changed
}

// carries is the bytes a second of one sender that are offered to the link, and those that it carries, 0 where none had to
// wait: the server leaves out what the link does not take, and what it takes comes late. Of the share that was left out of its
// own pictures and the one of all the smaller counts: within one look chance decides whose pictures pass.
func (d *downlink) carries(a arrival, l downLook) (offered, carried float64) {
	got, left := float64(a.received-d.before.received), float64(a.missing-d.before.missing)
	if got == 0 || l.seconds <= 0 {
		return 0, 0
	}
	bytes := float64(a.bytes-d.before.bytes) / l.seconds
	offered = bytes * (1 + min(left/got, float64(l.left)/float64(l.got)))
	late := a.age > min(d.least, l.rtt)+lateAge
	if !late || left == 0 || l.left < fewLeft || left < slowShare*got {
		d.short = 0
	} else if d.short++; d.short >= congestion.CongestedEnough {
		carried = bytes
	}
	return offered, carried
}

// step returns how pictures of a sender are to be asked for.
func (ds downlinks) step(id uint32) congestion.Step {
	if d := ds[id]; d != nil {
		return d.ladder.Step()
	}
	return congestion.FullStep
}

// reconnect forgets what was measured on a connection that ended.
func (ds downlinks) reconnect() {
	for _, d := range ds {
		d.least, d.short = 0, 0
	}
}

// String describes the state of half of the senders that are heard of: of those the less affected half, so that a single one
// does not have the link called slow. It is empty where all is well.
func (ds downlinks) String() string {
	var all []*downlink
	for _, d := range ds {
		if d.active {
			all = append(all, d)
		}
	}
	if len(all) == 0 {
		return ""
	}
	slices.SortFunc(all, func(a, b *downlink) int { return cmp.Compare(a.ladder.Level(), b.ladder.Level()) })
	return all[(len(all)-1)/2].ladder.String()
}
