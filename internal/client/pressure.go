package client

import (
	"fmt"
	"time"
)

// step is one rung of what a link can be trusted with: shares of the side and of the rate that were asked for.
type step struct{ side, rate float64 }

// steps go down by about half the bytes each, size before rate, because a small moving picture tells more than a large
// still one.
func steps() []step {
	return []step{{1, 1}, {0.75, 1}, {0.5, 1}, {0.375, 1}, {0.375, 0.5}, {0.25, 0.5}, {0.25, 1. / 3}, {0.125, 1. / 3}, {0.0625, 0.2}}
}

// pressure steps down when a link is too slow and up again when it has been calm for long, each time that going up
// fails waiting twice as long. Pure: time is an argument. The zero value is at the top.
type pressure struct {
	level   int
	bad     int       // bad looks in a row
	changed time.Time // last change of level
	calm    time.Time // since when nothing was bad
	patient time.Duration
	rose    bool // the last change was upward
}

// Timing of pressure: how soon after a change the next step down may come, how long must be calm before a step up, and
// the longest that this grows to.
const (
	settle     = 1500 * time.Millisecond
	calmFirst  = 5 * time.Second
	calmMost   = time.Minute
	badEnough  = 2 // looks in a row; one may be an accident
	risingFail = 10 * time.Second
)

// look is told a few times a second whether the link is under pressure, and reports whether the level changed.
func (p *pressure) look(bad bool, now time.Time) bool {
	if p.calm.IsZero() || bad {
		p.calm = now
	}
	if !bad {
		p.bad = 0
		return p.rise(now)
	}
	p.bad++
	if p.bad < badEnough || now.Sub(p.changed) < settle {
		return false
	}
	return p.fall(1, now)
}

// fall steps down at once, as after a picture that the server had to drop at its deadline.
func (p *pressure) fall(by int, now time.Time) bool {
	if p.rose && now.Sub(p.changed) < risingFail {
		p.patient = min(max(p.patient, calmFirst)*2, calmMost)
	}
	old := p.level
	p.level = min(p.level+by, len(steps())-1)
	p.changed, p.calm, p.bad, p.rose = now, now, 0, false
	return p.level != old
}

func (p *pressure) rise(now time.Time) bool {
	if p.level == 0 || now.Sub(p.calm) < max(p.patient, calmFirst) {
		return false
	}
	p.level--
	p.changed, p.calm, p.rose = now, now, true
	return true
}

func (p *pressure) step() step { return steps()[p.level] }

// String is for the status line; empty at the top.
func (p *pressure) String() string {
	if p.level == 0 {
		return ""
	}
	s := p.step()
	return fmt.Sprintf("slow link: %.0f%% size, %.0f%% rate", s.side*100, s.rate*100)
}
