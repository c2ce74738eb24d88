package congestion

import (
	"strings"
	"testing"
	"time"
)

func TestLadder(t *testing.T) {
	now := time.Unix(1000, 0)
	look := func(p *Ladder, bad bool, for_ time.Duration) {
		for end := now.Add(for_); now.Before(end); now = now.Add(500 * time.Millisecond) {
			p.Observe(bad, 0, 0, now)
		}
	}
	var p Ladder
	look(&p, false, 10*time.Second)
	if p.level != 0 || p.String() != "" {
		t.Fatalf("a calm link is at level %d", p.level)
	}
	p.Observe(true, 0, 0, now)
	if now = now.Add(500 * time.Millisecond); p.level != 0 {
		t.Fatal("one accident stepped down")
	}
	look(&p, true, 2*time.Second)
	if p.level == 0 {
		t.Fatal("congestion did not step down")
	}
	look(&p, true, time.Minute)
	if p.level != len(p.steps())-1 {
		t.Fatalf("a minute of congestion ends at %d", p.level)
	}
	look(&p, false, 4*time.Second)
	if p.level != len(p.steps())-1 {
		t.Fatal("rose too early")
	}
	look(&p, false, 2*time.Minute)
	if p.level != 0 {
		t.Fatalf("two calm minutes end at %d", p.level)
	}
	// Rising into the same wall again and again takes longer each time.
	p = Ladder{}
	for range 4 {
		p.StepDown(1, now)
		for p.level > 0 {
			look(&p, false, time.Second)
		}
	}
	p.StepDown(1, now)
	if p.holdOff <= holdOffFirst {
		t.Errorf("the hold-off is %v after failures", p.holdOff)
	}
}

// A link that shows what it carries is stepped down to at once, with headroom, and up only as far as it is trusted.
func TestLadderKnowsTheLink(t *testing.T) {
	const full = 200_000. // bytes a second at the top
	now := time.Unix(1000, 0)
	var p Ladder
	offered := func() float64 { return full * p.Step().cost() }
	run := func(carries float64, d time.Duration) (over int) {
		for end := now.Add(d); now.Before(end); now = now.Add(500 * time.Millisecond) {
			carried := 0.
			if offered() > carries {
				carried = carries
				over++
			}
			p.Observe(false, offered(), carried, now)
		}
		return over
	}
	if over := run(30_000, 5*time.Second); over > 1 || offered() > 30_000*headroom {
		t.Errorf("%d looks were over the limit, %.0f bytes a second in the end", over, offered())
	}
	if over := run(30_000, time.Minute); over > 8 {
		t.Errorf("in a minute the limit was met %d times", over)
	}
	run(1e9, 5*time.Minute)
	if p.level != 0 {
		t.Errorf("a link that has become quick ends at level %d", p.level)
	}
}

// A sender gives up pixels only after quality; one that changes to raw pictures at the bottom of the ladder stays there.
func TestLadderIsCoarserBeforeSmaller(t *testing.T) {
	now := time.Unix(1000, 0)
	var p Ladder
	p.AllowQualitySteps(true)
	p.StepDown(1, now)
	if s := p.Step(); s.Side != 1 || s.Rate != 1 || s.Quality >= 1 || !strings.Contains(p.String(), "coarser") {
		t.Errorf("the first step down is %+v, %q", s, p.String())
	}
	last := Step{1, 1, 1}
	for range p.steps()[1:] {
		p.StepDown(1, now)
		if s := p.Step(); s.Side > last.Side || s.Rate > last.Rate || s.Quality > last.Quality {
			t.Errorf("%+v after %+v", s, last)
		}
		last = p.Step()
	}
	p.AllowQualitySteps(false)
	if s := p.Step(); s.Quality != 1 || s.Side != last.Side {
		t.Errorf("raw pictures at the bottom: %+v, was %+v", s, last)
	}
	p.Observe(false, 1000, 0, now.Add(time.Hour))
}
