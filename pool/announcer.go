package pool

import (
	"slices"
	"time"
)

// A new member is announced to the others at once, unless many come: each announcement is a note on every screen. Then
// announcements are delayed, and while members keep leaving right after they joined, only those that stay are
// announced.
const (
	announceBurst = 64              // announced at once: the beginning of a large meeting
	announceRate  = 2               // a second, from then on
	announceStay  = 2 * time.Second // how long a member must stay while others leave at once
	announceQuick = 5 * time.Second // leaving within that time counts as not staying
	announceCalm  = 10 * time.Second
	announceFew   = 16 // how many must not have stayed, within announceCalm
)

// announcer decides when a member is announced to its room. Guarded by Pool.mu.
type announcer struct {
	waiting []*Member // in the order in which they joined
	used    float64   // of announceBurst
	at      int64
	quick   [announceFew]int64 // when the last that did not stay left, newest first; 0: never
}

// allow reports whether a member may be announced now, and counts it if so.
func (d *announcer) allow(m *Member, now int64) bool {
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
