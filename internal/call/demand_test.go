package call

import (
	"strings"
	"testing"
	"time"

	"acip/frame"
)

func TestHeldBoxGoesUpAtOnceAndDownSlowly(t *testing.T) {
	var h heldBox
	start := time.Unix(1000, 0)
	small, large, near := frame.Size{W: 80, H: 60}, frame.Size{W: 160, H: 120}, frame.Size{W: 150, H: 115}
	steps := []struct {
		after time.Duration
		want  frame.Size
		get   frame.Size
	}{
		{0, small, small},
		{time.Millisecond, large, large},
		{2 * time.Millisecond, small, large},
		{time.Second, small, large},
		{1200 * time.Millisecond, large, large}, // the wish came back: the clock starts anew
		{1300 * time.Millisecond, small, large},
		{3200 * time.Millisecond, small, large},
		{3300 * time.Millisecond, small, small},
		{4 * time.Second, large, large},
		{10 * time.Second, near, large}, // saves too little to be worth a key picture
		{20 * time.Second, near, large},
		{21 * time.Second, frame.Size{}, frame.Size{}}, // the own size is the largest
		{22 * time.Second, large, frame.Size{}},
		{25 * time.Second, large, large},
	}
	for _, s := range steps {
		if got := h.follow(s.want, start.Add(s.after)); got != s.get {
			t.Errorf("after %v, wishing %v: %v, want %v", s.after, s.want, got, s.get)
		}
	}
}

// TestHeldBoxGrowsInSteps: a wish that grows by a pixel thirty times a second changes the size a few times.
func TestHeldBoxGrowsInSteps(t *testing.T) {
	var h heldBox
	now, changes, last := time.Unix(1000, 0), 0, frame.Size{}
	for n := range 300 {
		want := frame.Size{W: 160 + n, H: 90 + n}
		got := h.follow(want, now)
		if larger(want, got) {
			t.Fatalf("%v for a wish of %v", got, want)
		}
		if got != last {
			changes, last = changes+1, got
		}
		now = now.Add(time.Second / 30)
	}
	if changes > 15 {
		t.Errorf("%d sizes in ten seconds", changes)
	}
	small := frame.Size{W: 160, H: 90}
	if got := h.follow(small, now); got != last {
		t.Errorf("%v at once when less is wanted", got)
	}
	if got := h.follow(small, now.Add(lowerAfter)); got != small {
		t.Errorf("%v after a calm", got)
	}
}

func TestPacerKeepsARateAndForgivesJitter(t *testing.T) {
	jitter := []time.Duration{0, 9, -8, 12, -11, 3, 0, -5}
	for _, c := range []struct {
		source, wanted float64
		most, least    int // of 300 pictures
	}{
		{30, 30, 300, 300}, {30, 0, 300, 300}, {30, 15, 151, 149}, {30, 10, 101, 99}, {60, 30, 151, 149}, {10, 30, 300, 300}, {30, 20, 201, 199},
	} {
		var p pacer
		n, start := 0, time.Unix(1000, 0)
		for i := range 300 {
			at := start.Add(time.Duration(float64(i)/c.source*1e9) + jitter[i%len(jitter)]*time.Millisecond*10/time.Duration(c.source))
			if p.pass(at, c.wanted) {
				n++
			}
		}
		if n > c.most || n < c.least {
			t.Errorf("%v fps at %v: %d of 300 passed, want %d to %d", c.source, c.wanted, n, c.least, c.most)
		}
	}
}

func TestPacerSurvivesAClockSetBack(t *testing.T) {
	var p pacer
	p.pass(time.Unix(100000, 0), 30)
	if !p.pass(time.Unix(1000, 0), 30) {
		t.Error("a picture an hour before the last one must pass")
	}
}

func TestBoxes(t *testing.T) {
	own := frame.Size{}
	a, b := frame.Size{W: 160, H: 90}, frame.Size{W: 80, H: 120}
	if got := union(a, b); got != (frame.Size{W: 160, H: 120}) {
		t.Errorf("union %v", got)
	}
	if got := union(a, own); got != own {
		t.Errorf("union with the own size %v", got)
	}
	if got := narrow(a, b); got != (frame.Size{W: 80, H: 90}) {
		t.Errorf("narrow %v", got)
	}
	if got := narrow(own, b); got != b {
		t.Errorf("narrow own size %v", got)
	}
	if got := fitBytes(frame.Size{W: 1920, H: 1080}, 4<<20); got.W*got.H*3 > 4<<20 || got.W < 1500 {
		t.Errorf("1080p within 4 MiB is %v", got)
	}
	if got := shrink(frame.Size{W: 640, H: 480}, 0.375); got != (frame.Size{W: 240, H: 180}) {
		t.Errorf("three eighths of VGA is %v", got)
	}
}

func TestShot(t *testing.T) {
	taken := func(w, h, boxW, boxH int) *shot {
		s := &shot{box: frame.Size{W: boxW, H: boxH}}
		s.Width, s.Height = w, h
		return s
	}
	for _, c := range []struct {
		name  string
		s     *shot
		need  frame.Size
		short bool
	}{
		{"the own size was asked for", taken(640, 480, 0, 0), frame.Size{}, false},
		{"more is wanted since", taken(160, 120, 160, 120), frame.Size{W: 320, H: 240}, true},
		{"the own size is wanted since", taken(160, 90, 160, 120), frame.Size{}, true},
		{"only the free side grew", taken(160, 90, 160, 120), frame.Size{W: 160, H: 240}, false},
		{"the source is smaller than both", taken(100, 75, 160, 120), frame.Size{W: 320, H: 240}, false},
		{"less is wanted since", taken(160, 120, 160, 120), frame.Size{W: 80, H: 60}, false},
	} {
		if got := c.s.short(c.need); got != c.short {
			t.Errorf("%s: short %v", c.name, got)
		}
	}
}

func TestPressure(t *testing.T) {
	now := time.Unix(1000, 0)
	look := func(p *pressure, bad bool, for_ time.Duration) {
		for end := now.Add(for_); now.Before(end); now = now.Add(500 * time.Millisecond) {
			p.look(bad, 0, now)
		}
	}
	var p pressure
	look(&p, false, 10*time.Second)
	if p.level != 0 || p.String() != "" {
		t.Fatalf("a calm link is at level %d", p.level)
	}
	p.look(true, 0, now)
	if now = now.Add(500 * time.Millisecond); p.level != 0 {
		t.Fatal("one accident stepped down")
	}
	look(&p, true, 2*time.Second)
	if p.level == 0 {
		t.Fatal("pressure did not step down")
	}
	look(&p, true, time.Minute)
	if p.level != len(p.steps())-1 {
		t.Fatalf("a minute of pressure ends at %d", p.level)
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
	p = pressure{}
	for range 4 {
		p.fall(1, now)
		for p.level > 0 {
			look(&p, false, time.Second)
		}
	}
	p.fall(1, now)
	if p.patient <= calmFirst {
		t.Errorf("patience is %v after failures", p.patient)
	}
}

// TestPressureKnowsTheLink: a link that shows what it carries is stepped down to at once, with room to spare, and up only so
// far as it is trusted to carry.
func TestPressureKnowsTheLink(t *testing.T) {
	const full = 200_000. // bytes a second at the top
	now := time.Unix(1000, 0)
	var p pressure
	offered := func() float64 { return full * p.step().cost() }
	run := func(carries float64, d time.Duration) (over int) {
		for end := now.Add(d); now.Before(end); now = now.Add(500 * time.Millisecond) {
			carried := 0.
			if offered() > carries {
				carried = carries
				over++
			}
			p.judge(false, offered(), carried, now)
		}
		return over
	}
	if over := run(30_000, 5*time.Second); over > 1 || offered() > 30_000*comfort {
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

func TestBackoff(t *testing.T) {
	var b backoff
	if d := b.next(0); d != 0 {
		t.Errorf("the first attempt waits %v", d)
	}
	want := backoffFirst
	for range 10 {
		d := b.next(0)
		if d > want || d < want*2/3 {
			t.Errorf("waits %v, want about %v", d, want)
		}
		want = min(want*2, backoffMost)
	}
	if d := b.next(3 * time.Second); d < 3*time.Second || d > 4*time.Second {
		t.Errorf("asked to stay away for 3 s, waits %v", d)
	}
	for reason, d := range map[string]time.Duration{"draining: retry after 2 s": 2 * time.Second, "retry after 15s": 15 * time.Second, "bye": 0, "retry after 99999 s": 0} {
		if got := retryAfter(reason); got != d {
			t.Errorf("%q: %v", reason, got)
		}
	}
}

func TestHistogram(t *testing.T) {
	var h histogram
	if h.percentile(0.5) != 0 {
		t.Error("an empty one has ages")
	}
	for i := 1; i <= 1000; i++ {
		h.add(time.Duration(i) * time.Millisecond)
	}
	for p, want := range map[float64]float64{0.5: 500, 0.99: 990, 1: 1000} {
		if got := millis(h.percentile(p)); got < want*0.98 || got > want*1.02 {
			t.Errorf("p%v is %v ms, want about %v", p*100, got, want)
		}
	}
}

func TestChooseCodec(t *testing.T) {
	for _, c := range []struct {
		wish   string
		theirs []string
		want   string
	}{
		{"raw", []string{"jpeg", "raw"}, "raw"}, {"jpeg", []string{"vp8", "jpeg", "raw"}, "jpeg"},
		{"auto", []string{"jpeg", "raw"}, "jpeg"}, {"auto", []string{"raw"}, "raw"}, {"vp8", []string{"jpeg"}, "jpeg"}, {"auto", nil, "raw"},
	} {
		if got := chooseCodec(c.wish, c.theirs).String(); got != c.want {
			t.Errorf("%s for %v: %s, want %s", c.wish, c.theirs, got, c.want)
		}
	}
}

// TestPressureIsCoarserBeforeSmaller: who sends what can be coarser gives up pixels only after that, and who changes to raw pictures
// at the bottom of the ladder stays on it.
func TestPressureIsCoarserBeforeSmaller(t *testing.T) {
	now := time.Unix(1000, 0)
	var p pressure
	p.sends(true)
	p.fall(1, now)
	if s := p.step(); s.side != 1 || s.rate != 1 || s.fine >= 1 || !strings.Contains(p.String(), "coarser") {
		t.Errorf("the first step down is %+v, %q", s, p.String())
	}
	last := step{1, 1, 1}
	for range p.steps()[1:] {
		p.fall(1, now)
		if s := p.step(); s.side > last.side || s.rate > last.rate || s.fine > last.fine {
			t.Errorf("%+v after %+v", s, last)
		}
		last = p.step()
	}
	p.sends(false)
	if s := p.step(); s.fine != 1 || s.side != last.side {
		t.Errorf("raw pictures at the bottom: %+v, was %+v", s, last)
	}
	p.look(false, 1000, now.Add(time.Hour))
}
