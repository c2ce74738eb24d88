package congestion

import (
	"testing"
	"time"

	"acip/frame"
)

func TestStickySizeGoesUpAtOnceAndDownSlowly(t *testing.T) {
	var h StickySize
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
		{1200 * time.Millisecond, large, large}, // the demand came back: the clock starts over
		{1300 * time.Millisecond, small, large},
		{3200 * time.Millisecond, small, large},
		{3300 * time.Millisecond, small, small},
		{4 * time.Second, large, large},
		{10 * time.Second, near, large}, // saves too little to be worth a keyframe
		{20 * time.Second, near, large},
		{21 * time.Second, frame.Size{}, frame.Size{}}, // the own size is the largest
		{22 * time.Second, large, frame.Size{}},
		{25 * time.Second, large, large},
	}
	for _, s := range steps {
		if got := h.Follow(s.want, start.Add(s.after)); got != s.get {
			t.Errorf("after %v, wishing %v: %v, want %v", s.after, s.want, got, s.get)
		}
	}
}

// A demand that grows by a pixel thirty times a second changes the size a few times.
func TestStickySizeGrowsInSteps(t *testing.T) {
	var h StickySize
	now, changes, last := time.Unix(1000, 0), 0, frame.Size{}
	for n := range 300 {
		want := frame.Size{W: 160 + n, H: 90 + n}
		got := h.Follow(want, now)
		if exceeds(want, got) {
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
	if got := h.Follow(small, now); got != last {
		t.Errorf("%v at once when less is wanted", got)
	}
	if got := h.Follow(small, now.Add(shrinkAfter)); got != small {
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
		var p Pacer
		n, start := 0, time.Unix(1000, 0)
		for i := range 300 {
			at := start.Add(time.Duration(float64(i)/c.source*1e9) + jitter[i%len(jitter)]*time.Millisecond*10/time.Duration(c.source))
			if p.Pass(at, c.wanted) {
				n++
			}
		}
		if n > c.most || n < c.least {
			t.Errorf("%v fps at %v: %d of 300 passed, want %d to %d", c.source, c.wanted, n, c.least, c.most)
		}
	}
}

func TestPacerSurvivesAClockSetBack(t *testing.T) {
	var p Pacer
	p.Pass(time.Unix(100000, 0), 30)
	if !p.Pass(time.Unix(1000, 0), 30) {
		t.Error("a picture an hour before the last one must pass")
	}
}

func TestBoxes(t *testing.T) {
	own := frame.Size{}
	a, b := frame.Size{W: 160, H: 90}, frame.Size{W: 80, H: 120}
	if got := MaxBox(a, b); got != (frame.Size{W: 160, H: 120}) {
		t.Errorf("union %v", got)
	}
	if got := MaxBox(a, own); got != own {
		t.Errorf("union with the own size %v", got)
	}
	if got := MinBox(a, b); got != (frame.Size{W: 80, H: 90}) {
		t.Errorf("narrow %v", got)
	}
	if got := MinBox(own, b); got != b {
		t.Errorf("narrow own size %v", got)
	}
	if got := FitBytes(frame.Size{W: 1920, H: 1080}, 4<<20); got.W*got.H*3 > 4<<20 || got.W < 1500 {
		t.Errorf("1080p within 4 MiB is %v", got)
	}
	if got := Scale(frame.Size{W: 640, H: 480}, 0.375); got != (frame.Size{W: 240, H: 180}) {
		t.Errorf("three eighths of VGA is %v", got)
	}
}

func TestUndersized(t *testing.T) {
	size := func(w, h int) frame.Size { return frame.Size{W: w, H: h} }
	own := frame.Size{}
	for _, c := range []struct {
		name               string
		picture, box, need frame.Size
		want               bool
	}{
		{"the own size was asked for", size(640, 480), own, own, false},
		{"more is wanted since", size(160, 120), size(160, 120), size(320, 240), true},
		{"the own size is wanted since", size(160, 90), size(160, 120), own, true},
		{"only the free side grew", size(160, 90), size(160, 120), size(160, 240), false},
		{"the source is smaller than both", size(100, 75), size(160, 120), size(320, 240), false},
		{"less is wanted since", size(160, 120), size(160, 120), size(80, 60), false},
	} {
		if got := Undersized(c.picture, c.box, c.need); got != c.want {
			t.Errorf("%s: undersized %v", c.name, got)
		}
	}
}
