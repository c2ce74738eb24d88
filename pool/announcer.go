package pool

import (
	"slices"
	"time"
)

// Whoever comes is made known to the others at once, unless many come: each is a
// note on every screen. Then they wait their turn, and where members keep leaving
// as soon as they came, only those that stay are made known at all.
const (
	announceBurst = 64              // made known at once: the beginning of a large meeting
	announceRate  = 2               // a second, from then on
	announceStay  = 2 * time.Second // how long one must stay where others do not
	announceQuick = 5 * time.Second // leaving within that counts as not staying
	announceCalm  = 10 * time.Second
	announceFew   = 16 // so many that did not stay, within announceCalm
)

// door decides when a member is made known to its room. Guarded by Pool.mu.
type announcer struct {
	waiting []*Member // in the order in which they came
	used    float64   // of announceBurst
	at      int64
	quick   [announceFew]int64 // when those left that did not stay, newest first; 0: never
}

// open reports whether a member may be made known now, and counts it then.
func (d *announcer) open(m *Member, now int64) bool {
	d.used = max(0, d.used-float64(now-d.at)/1e9*announceRate)
	d.at = now
	oldest := d.quick[announceFew-1]
	restless := oldest != 0 && now-oldest < int64(announceCalm)
	if d.used+1 > announceBurst || restless && now-m.joined < int64(announceStay) {
		return false
	}
	d.used++
	return true
}

// left notes that a member left.
func (d *announcer) left(m *Member) {
	d.waiting = slices.DeleteFunc(d.waiting, func(o *Member) bool { return o == m })
	if now := m.pool.now(); now-m.joined < int64(announceQuick) {
		copy(d.quick[1:], d.quick[:])
		d.quick[0] = now
	}
}
