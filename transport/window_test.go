package transport

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// path is a link behind a proxy that takes everything at once, in steps of a millisecond, and a writer in front of it.
type path struct {
	f      window
	rate   int           // bytes a second
	delay  time.Duration // one way
	size   int           // bytes of a picture
	every  time.Duration // between pictures
	bunch  time.Duration // answers come in bunches so far apart; 0: at once
	silent time.Duration // from then on nothing comes back; 0: never

	begun   time.Time
	now     time.Time
	idle    time.Time // when the link has carried all
	taken   time.Time // when the newest picture was made that was sent
	heard   uint64
	answers []reply
	ages    []time.Duration // of pictures, on arrival
	pings   int
	queued  int // bytes that the socket knows of
}

type reply struct {
	number uint64
	at     time.Time
}

func newPath(p *path) *path {
	p.f.expect()
	p.begun = time.Unix(1e9, 0)
	p.now, p.idle = p.begun, p.begun
	return p
}

// run lets a time pass and returns the ages of the pictures sent in it.
func (p *path) run(t tester, d time.Duration) []time.Duration {
	p.ages = nil
	for end := p.now.Add(d); p.now.Before(end); p.now = p.now.Add(time.Millisecond) {
		p.reply()
		wait := p.f.wait(p.now, p.heard, func() int { return p.queued })
		if wait < 0 || wait > time.Minute {
			t.Fatalf("waits %v", wait)
		}
		p.ask()
		made := p.begun.Add(p.now.Sub(p.begun).Truncate(p.every))
		if wait == 0 && made.After(p.taken) {
			p.taken = made
			p.f.add(p.size)
			p.ages = append(p.ages, p.carry(p.size).Sub(made))
			p.ask()
		}
	}
	return p.ages
}

type tester interface{ Fatalf(string, ...any) }

// carry returns when n more bytes arrive.
func (p *path) carry(n int) time.Time {
	if p.idle.Before(p.now) {
		p.idle = p.now
	}
	p.idle = p.idle.Add(time.Duration(n) * time.Second / time.Duration(p.rate))
	return p.idle.Add(p.delay)
}

func (p *path) ask() {
	number, due := p.f.nextPing(p.now)
	if !due {
		return
	}
	p.pings++
	at := p.carry(46).Add(p.delay)
	if p.bunch > 0 {
		at = at.Truncate(p.bunch).Add(p.bunch)
	}
	if p.silent == 0 || at.Sub(p.begun) < p.silent {
		p.answers = append(p.answers, reply{number, at})
	}
}

func (p *path) reply() {
	for len(p.answers) > 0 && !p.answers[0].at.After(p.now) {
		p.heard += 50
		p.f.answer(p.answers[0].number, p.now)
		p.answers = p.answers[1:]
	}
}

// worst is the age that one in twenty exceeds.
func worst(ages []time.Duration) time.Duration {
	slices.Sort(ages)
	return ages[len(ages)*19/20]
}

// TestWindowBoundsAges: whatever the path, pictures arrive soon after they were made, at a rate near what the path carries.
func TestWindowBoundsAges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPath(&path{
			rate:  rapid.IntRange(8_000, 10_000_000).Draw(t, "rate"),
			delay: time.Duration(rapid.IntRange(0, 150).Draw(t, "delay")) * time.Millisecond,
			every: time.Duration(rapid.IntRange(16, 100).Draw(t, "every")) * time.Millisecond,
			bunch: time.Duration(rapid.IntRange(0, 50).Draw(t, "bunch")) * time.Millisecond,
		})
		p.size = rapid.IntRange(500, max(501, min(250_000, p.rate/4))).Draw(t, "size")
		p.run(t, 10*time.Second)
		for range 3 {
			before := p.pings
			ages := p.run(t, 10*time.Second)
			pass := time.Duration(p.size) * time.Second / time.Duration(p.rate)
			if got, most := worst(ages), p.delay+2*pass+p.every+p.bunch+2*queueTarget; got > most {
				t.Fatalf("one in twenty is older than %v, expected at most %v", got, most)
			}
			one := max(p.every, pass+2*p.delay+2*p.bunch+pingEvery) // a picture for each answer
			if least := 8 * time.Second / one; len(ages) < int(least) {
				t.Fatalf("%d pictures, expected at least %d", len(ages), least)
			}
			if n := p.pings - before; n > 510 {
				t.Fatalf("%d pings in 10 s", n)
			}
		}
	})
}

// TestWindowIsNoneOnAFastPath: what a fast path carries is not held, and hardly asked after.
func TestWindowIsNoneOnAFastPath(t *testing.T) {
	p := newPath(&path{rate: 100_000_000, delay: 20 * time.Millisecond, size: 10_000, every: 33 * time.Millisecond})
	p.run(t, 3*time.Second)
	p.pings = 0
	if n := len(p.run(t, 10*time.Second)); n < 300 {
		t.Errorf("%d pictures of 303", n)
	}
	if p.pings > 101 {
		t.Errorf("%d pings in 10 s", p.pings)
	}
}

// TestWindowFollowsTheLink: a link that becomes eight times as narrow makes pictures old only for a moment.
func TestWindowFollowsTheLink(t *testing.T) {
	p := newPath(&path{rate: 125_000, delay: 10 * time.Millisecond, size: 2_000, every: 33 * time.Millisecond})
	p.run(t, 5*time.Second)
	p.rate = 16_000
	p.run(t, 2*time.Second)
	if got := worst(p.run(t, 5*time.Second)); got > 400*time.Millisecond {
		t.Errorf("one in twenty is older than %v", got)
	}
	p.rate = 125_000
	p.run(t, 2*time.Second)
	if n := len(p.run(t, 5*time.Second)); n < 140 {
		t.Errorf("%d pictures of 151 after the link was wide again", n)
	}
}

// TestWindowKeepsTheLeastTrip: a queue that stands for minutes does not become the measure.
func TestWindowKeepsTheLeastTrip(t *testing.T) {
	p := newPath(&path{rate: 32_000, delay: 5 * time.Millisecond, size: 1_000, every: 16 * time.Millisecond})
	p.run(t, 5*time.Minute)
	if got := worst(p.run(t, 10*time.Second)); got > 250*time.Millisecond {
		t.Errorf("after five minutes one in twenty is older than %v", got)
	}
	p.delay = 100 * time.Millisecond
	p.run(t, time.Minute)
	if n := len(p.run(t, 10*time.Second)); n < 250 {
		t.Errorf("on another way that takes longer %d pictures pass in 10 s, of 320 that the link carries", n)
	}
}

// TestWindowOfPeersThatDoNotAnswer: one that never answers is asked once and held once; one that stops is held until it
// has been silent for a while, and again when it answers.
func TestWindowOfPeersThatDoNotAnswer(t *testing.T) {
	p := newPath(&path{rate: 10_000_000, size: 20_000, every: 33 * time.Millisecond, silent: time.Millisecond})
	if n := len(p.run(t, 10*time.Second)); n < 290 || p.pings != 1 {
		t.Errorf("%d pictures of 303, %d pings to one that never answers", n, p.pings)
	}
	p = newPath(&path{rate: 10_000_000, size: 20_000, every: 33 * time.Millisecond, silent: 2 * time.Second})
	p.run(t, 2*time.Second)
	if n := len(p.run(t, quietFor-100*time.Millisecond)); n > 20 {
		t.Errorf("%d pictures to one that stopped answering", n)
	}
	if n := len(p.run(t, 3*time.Second)); n < 80 {
		t.Errorf("%d pictures of 90 to one that seems to answer no more", n)
	}
	plain := window{}
	plain.add(1 << 20)
	if plain.wait(p.now, 0, func() int { return 0 }) != 0 {
		t.Error("held for one that neither pings nor answers")
	}
	last := p.f.asked[len(p.f.asked)-1].number
	if ours, _ := p.f.answer(last, p.now); !ours || p.f.wait(p.now, 0, func() int { return 0 }) == 0 {
		t.Error("not held though it answers again")
	}
	if ours, _ := p.f.answer(last, p.now); ours {
		t.Error("a ping was answered twice")
	}
}

// TestWindowLeavesTheSocketsBytes: what the socket knows to be under way is not the window's to hold.
func TestWindowLeavesTheSocketsBytes(t *testing.T) {
	var f window
	f.expect()
	now := time.Unix(1e9, 0)
	f.add(1 << 20)
	if f.wait(now, 0, func() int { return 1 << 20 }) != 0 {
		t.Error("held for bytes that are in the socket")
	}
	if f.wait(now, 0, func() int { return 0 }) == 0 {
		t.Error("not held for bytes that are beyond it")
	}
	if f.wait(now.Add(time.Second), 0, func() int { return 0 }) != 0 || f.takeWaited() != time.Second || f.takeWaited() != 0 {
		t.Error("a wait of a second is not counted")
	}
}
