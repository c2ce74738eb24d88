package congestion

import (
	"fmt"
	"math"
	"time"
)

// Step is one rung of the ladder: the shares of side, rate and bytes per picture that a link is trusted with. 1 is what
// was asked for, and for Quality the bytes of the finest pictures of that size.
type Step struct{ Side, Rate, Quality float64 }

// FullStep asks for everything.
var FullStep = Step{Side: 1, Rate: 1, Quality: 1}

// steps returns the rungs, each a third to a half of the bytes below the one before. With quality, coarser quantizers
// come first, then 15 pictures a second instead of 30, then the size: at the viewer's size, a talking head at two thirds
// of the bytes loses 2.5 dB by coarser quantizers, 2 by half the rate, and 5 by three quarters of the side; and on a thin
// link the headers of thirty packets a second are half of all bytes. Without quality, size comes before rate: a viewer
// can only ask for another size.
func steps(quality bool) []Step {
	sizes := []Step{{1, 1, 1}, {0.75, 1, 1}, {0.5, 1, 1}, {0.375, 1, 1}, {0.375, 0.5, 1}, {0.25, 0.5, 1}, {0.1875, 0.5, 1}, {0.125, 0.4, 1}, {0.0625, 0.2, 1}}
	if !quality {
		return sizes
	}
	return []Step{
		{1, 1, 1}, {1, 1, 0.5}, {1, 0.5, 0.5}, {0.75, 0.5, 0.5}, {0.5, 0.5, 0.5}, {0.375, 0.5, 0.5}, {0.25, 0.5, 0.5}, {0.1875, 0.5, 0.5},
		{0.125, 0.4, 0.5}, {0.0625, 0.2, 0.5},
	}
}

// cost returns the share of bytes that a rung takes: small pictures have more detail per pixel, and packet headers do
// not shrink.
func (s Step) cost() float64 { return math.Pow(s.Side, 1.5) * s.Rate * math.Pow(s.Quality, 0.85) }

// Ladder steps down when a link is too slow, and up again after a stable time that doubles each time a step up fails.
// The zero value is at the top, without quality steps. Not safe for concurrent use.
type Ladder struct {
	quality     bool // there are quality steps
	level       int
	congested   int           // congested observations in a row
	changed     time.Time     // last change of level
	stableSince time.Time     // since when no observation was congested
	holdOff     time.Duration // how long must be stable before a step up, if above holdOffFirst
	rose        bool          // the last change was upward
	capacity    float64       // bytes a second that the link carried when it was too slow; 0: not known
}

// Timing of the ladder.
const (
	settleTime   = 1500 * time.Millisecond // after a change, before the next step down
	holdOffFirst = 5 * time.Second         // stable time before a step up
	holdOffMax   = time.Minute             // the longest that holdOff grows to
	riseFailed   = 10 * time.Second        // a step down this soon after a step up is a failure of the latter

	headroom    = 0.75            // share of the capacity that is used: the rest keeps pictures from waiting
	trustGrowth = 8 * time.Second // in which trust in a link that was too slow grows by half
)

// CongestedEnough is how many observations in a row make a step down; a single one may be an accident.
const CongestedEnough = 2

// Observe takes an observation, a few times a second, and reports whether the level changed. congested says that there
// are signs of congestion; offered is the bytes a second offered to the link; carried is what the link carries, or 0 if
// nothing had to wait for it. If carried is known and too little, the ladder steps down at once to what fits.
func (l *Ladder) Observe(congested bool, offered, carried float64, now time.Time) bool {
	if carried > 0 && offered > carried*0.9 {
		l.stableSince = now
		return l.overload(offered, carried, now)
	}
	if l.stableSince.IsZero() || congested {
		l.stableSince = now
	}
	if !congested {
		l.congested = 0
		return l.hasRoomAbove(offered, now) && l.stepUp(now)
	}
	l.congested++
	if l.congested < CongestedEnough || now.Sub(l.changed) < settleTime {
		return false
	}
	return l.StepDown(1, now)
}

// overload steps down to what a link can carry with headroom, if it carries only capacity bytes a second of those
// offered. It reports whether the level changed.
func (l *Ladder) overload(offered, capacity float64, now time.Time) bool {
	if now.Sub(l.changed) < settleTime {
		return false // what was offered before is still queued
	}
	l.capacity = capacity
	last := len(l.steps()) - 1
	if now.Sub(l.changed) < 3*settleTime { // the link is still draining its queue, and carries more than it shows
		last = min(last, l.level+1)
	}
	here, by := l.Step().cost(), 0
	for list := l.steps(); l.level+by < last && offered*list[l.level+by].cost()/here > capacity*headroom; {
		by++
	}
	return by > 0 && l.StepDown(by, now)
}

// hasRoomAbove reports whether the next rung up would fit, if offered bytes a second are sent now. Trust in a link grows
// with the time since it was last too slow, the slower the more often it failed.
func (l *Ladder) hasRoomAbove(offered float64, now time.Time) bool {
	if l.capacity <= 0 || l.level == 0 {
		return true
	}
	list := l.steps()
	return offered*list[l.level-1].cost()/list[l.level].cost() <= l.trusted(now)*headroom
}

// trusted returns what the link is assumed to carry by now, in bytes a second; 0: not known.
func (l *Ladder) trusted(now time.Time) float64 {
	slow := float64(max(l.holdOff, holdOffFirst)) / float64(holdOffFirst) * float64(trustGrowth)
	return l.capacity * math.Pow(1.5, float64(now.Sub(l.stableSince))/slow)
}

// StepDown goes down by several rungs at once, as after a picture that the server dropped at its deadline. It reports
// whether the level changed.
func (l *Ladder) StepDown(by int, now time.Time) bool {
	if l.rose && now.Sub(l.changed) < riseFailed {
		l.holdOff = min(max(l.holdOff, holdOffFirst)*2, holdOffMax)
	}
	old := l.level
	l.level = min(l.level+by, len(l.steps())-1)
	l.changed, l.stableSince, l.congested, l.rose = now, now, 0, false
	return l.level != old
}

func (l *Ladder) stepUp(now time.Time) bool {
	if l.level == 0 || now.Sub(l.stableSince) < max(l.holdOff, holdOffFirst) {
		return false
	}
	l.level--
	l.capacity = l.trusted(now)
	l.changed, l.stableSince, l.rose = now, now, true
	return true
}

func (l *Ladder) steps() []Step { return steps(l.quality) }

// Level returns how many steps below the top the ladder is.
func (l *Ladder) Level() int { return l.level }

// Step returns the rung in force.
func (l *Ladder) Step() Step { return l.steps()[l.level] }

// AllowQualitySteps says whether pictures can be made coarser from now on, as a sender can unless they are raw.
func (l *Ladder) AllowQualitySteps(quality bool) {
	l.quality = quality
	l.level = min(l.level, len(l.steps())-1) // there are fewer without
}

// String returns a clause for the status line; empty at the top.
func (l *Ladder) String() string {
	if l.level == 0 {
		return ""
	}
	s := l.Step()
	text := fmt.Sprintf("slow link: %.0f%% size, %.0f%% rate", s.Side*100, s.Rate*100)
	if s.Quality < 1 {
		text += ", coarser"
	}
	return text
}
