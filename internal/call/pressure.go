package call

import (
	"fmt"
	"math"
	"time"
)

// step is one rung of what a link can be trusted with: shares of the side and of the rate that were asked for, and of the bytes
// of the finest pictures of that size.
type step struct{ side, rate, fine float64 }

// steps go down by a third to a half of the bytes each. Where who sends can be coarser, that comes first, then 15 pictures a second
// instead of 30, then the size: at the viewer's size, a talking head at two thirds of the bytes loses 2.5 dB by coarser quantizers,
// 2 by half the rate, and 5 by three quarters of the side; and on a thin link the heads of thirty packets a second are half of all.
// Else size comes before rate: what is asked of others is a size.
func steps(coarser bool) []step {
	sizes := []step{{1, 1, 1}, {0.75, 1, 1}, {0.5, 1, 1}, {0.375, 1, 1}, {0.375, 0.5, 1}, {0.25, 0.5, 1}, {0.1875, 0.5, 1}, {0.125, 0.4, 1}, {0.0625, 0.2, 1}}
	if !coarser {
		return sizes
	}
	return []step{
		{1, 1, 1}, {1, 1, 0.5}, {1, 0.5, 0.5}, {0.75, 0.5, 0.5}, {0.5, 0.5, 0.5}, {0.375, 0.5, 0.5}, {0.25, 0.5, 0.5}, {0.1875, 0.5, 0.5},
		{0.125, 0.4, 0.5}, {0.0625, 0.2, 0.5},
	}
}

// cost is the share of bytes that a rung takes: small pictures have more detail a pixel, and the heads of packets get no smaller.
func (s step) cost() float64 { return math.Pow(s.side, 1.5) * s.rate * math.Pow(s.fine, 0.85) }

// pressure steps down when a link is too slow and up again when it has been calm for long, each time that going up
// fails waiting twice as long. Pure: time is an argument. The zero value is at the top.
type pressure struct {
	coarser bool // who sends can send coarser pictures; who receives can only ask for other sizes
	level   int
	bad     int       // bad looks in a row
	changed time.Time // last change of level
	calm    time.Time // since when nothing was bad
	patient time.Duration
	rose    bool    // the last change was upward
	most    float64 // bytes a second that the link carried when it was too slow; 0 is not known
}

// Timing of pressure: how soon after a change the next step down may come, how long must be calm before a step up, and
// the longest that this grows to.
const (
	settle     = 1500 * time.Millisecond
	calmFirst  = 5 * time.Second
	calmMost   = time.Minute
	badEnough  = 2 // looks in a row; one may be an accident
	risingFail = 10 * time.Second

	comfort = 0.75            // of what a link carries is used: the rest keeps pictures from waiting
	forget  = 8 * time.Second // in which trust in a link that was too slow grows by half
)

// overload is told that the link carries only most bytes a second of those offered, and steps down to what it can carry
// with comfort at once. It reports whether the level changed.
func (p *pressure) overload(offered, most float64, now time.Time) bool {
	if now.Sub(p.changed) < settle {
		return false // what was offered before still waits
	}
	p.most = most
	last := len(p.steps()) - 1
	if now.Sub(p.changed) < 3*settle { // the link recovers from what was too much, and carries more than it shows
		last = min(last, p.level+1)
	}
	here, by := p.step().cost(), 0
	for list := p.steps(); p.level+by < last && offered*list[p.level+by].cost()/here > most*comfort; {
		by++
	}
	return by > 0 && p.fall(by, now)
}

// judge is overload where the link carries less than is offered, with its comfort, else look.
func (p *pressure) judge(bad bool, offered, carried float64, now time.Time) bool {
	if carried > 0 && offered > carried*0.9 {
		p.calm = now
		return p.overload(offered, carried, now)
	}
	return p.look(bad, offered, now)
}

// fits reports whether one rung up would fit, where offered bytes a second are sent now. Trust in a link grows with the time
// since it was last too slow, the slower the more often it failed.
func (p *pressure) fits(offered float64, now time.Time) bool {
	if p.most <= 0 || p.level == 0 {
		return true
	}
	list := p.steps()
	return offered*list[p.level-1].cost()/list[p.level].cost() <= p.trusted(now)*comfort
}

// trusted is what the link is thought to carry by now, in bytes a second; 0 is not known.
func (p *pressure) trusted(now time.Time) float64 {
	slow := float64(max(p.patient, calmFirst)) / float64(calmFirst) * float64(forget)
	return p.most * math.Pow(1.5, float64(now.Sub(p.calm))/slow)
}

// look is told a few times a second whether the link is under pressure and how many bytes a second are offered to it, and
// reports whether the level changed.
func (p *pressure) look(bad bool, offered float64, now time.Time) bool {
	if p.calm.IsZero() || bad {
		p.calm = now
	}
	if !bad {
		p.bad = 0
		return p.fits(offered, now) && p.rise(now)
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
	p.level = min(p.level+by, len(p.steps())-1)
	p.changed, p.calm, p.bad, p.rose = now, now, 0, false
	return p.level != old
}

func (p *pressure) rise(now time.Time) bool {
	if p.level == 0 || now.Sub(p.calm) < max(p.patient, calmFirst) {
		return false
	}
	p.level--
	p.most = p.trusted(now)
	p.changed, p.calm, p.rose = now, now, true
	return true
}

// steps are the rungs.
func (p *pressure) steps() []step { return steps(p.coarser) }

func (p *pressure) step() step { return p.steps()[p.level] }

// sends says whether what is sent from now on can be coarser.
func (p *pressure) sends(coarser bool) {
	p.coarser = coarser
	p.level = min(p.level, len(p.steps())-1) // there are fewer without
}

// String is for the status line; empty at the top.
func (p *pressure) String() string {
	if p.level == 0 {
		return ""
	}
	s := p.step()
	text := fmt.Sprintf("slow link: %.0f%% size, %.0f%% rate", s.side*100, s.rate*100)
	if s.fine < 1 {
		text += ", coarser"
	}
	return text
}
