package call

import (
	"math"
	"time"

	"acip/frame"
)

// heldBox follows a wished box: up at once, in steps where it goes on growing, down only after a while and only when it
// pays, because each change of size costs a key picture. The zero Size is the largest box: no limit. Pure: time is an
// argument.
type heldBox struct {
	box   frame.Size
	set   bool
	lower time.Time // since when less would do
	rose  time.Time // when it last grew
}

// When a smaller box is taken: after this long, and if it saves at least this share of the area.
const (
	lowerAfter = 2 * time.Second
	lowerShare = 0.8

	riseStep = 1.25 // a side grows by that at least where it grew within riseCalm
	riseCalm = 2 * time.Second
)

// follow takes a new wish and returns the box in force.
func (h *heldBox) follow(want frame.Size, now time.Time) frame.Size {
	if !h.set || larger(want, h.box) {
		if h.set && !h.rose.IsZero() && now.Sub(h.rose) < riseCalm {
			want = frame.Size{W: rise(h.box.W, want.W), H: rise(h.box.H, want.H)}
		}
		if h.set {
			h.rose = now
		}
		h.box, h.set, h.lower = want, true, time.Time{}
		return h.box
	}
	if want == h.box || area(want) > area(h.box)*lowerShare {
		h.lower = time.Time{}
		return h.box
	}
	if h.lower.IsZero() {
		h.lower = now
	}
	if now.Sub(h.lower) >= lowerAfter {
		h.box, h.lower = want, time.Time{}
	}
	return h.box
}

// rise is a side that grew lately and is now wanted to be another.
func rise(held, want int) int {
	if side(want) <= side(held) {
		return held
	}
	if want <= 0 {
		return want
	}
	return max(want, int(float64(held)*riseStep))
}

// area is a box's area in pixels; a side of zero does not limit.
func area(s frame.Size) float64 { return side(s.W) * side(s.H) }

func side(n int) float64 {
	if n <= 0 {
		return 1 << 20
	}
	return float64(n)
}

// larger reports whether a needs more than b in either side.
func larger(a, b frame.Size) bool { return side(a.W) > side(b.W) || side(a.H) > side(b.H) }

// union is the box that holds both.
func union(a, b frame.Size) frame.Size {
	u := frame.Size{W: max(a.W, b.W), H: max(a.H, b.H)}
	if a.W <= 0 || b.W <= 0 {
		u.W = 0
	}
	if a.H <= 0 || b.H <= 0 {
		u.H = 0
	}
	return u
}

// narrow is the box that both allow.
func narrow(a, b frame.Size) frame.Size { return frame.Size{W: least(a.W, b.W), H: least(a.H, b.H)} }

func least(a, b int) int {
	if a <= 0 || b <= 0 {
		return max(a, b, 0)
	}
	return min(a, b)
}

// fitBytes is the largest size of f's shape whose RGB24 pixels fit in limit bytes; f itself where it does.
func fitBytes(f frame.Size, limit int) frame.Size {
	if limit <= 0 || f.W*f.H*3 <= limit {
		return f
	}
	by := math.Sqrt(float64(limit) / float64(f.W*f.H*3))
	return frame.Size{W: max(int(float64(f.W)*by), 1), H: max(int(float64(f.H)*by), 1)}
}

// shrink is a share of a size, even-sided where it is large enough for that to matter to a codec.
func shrink(s frame.Size, by float64) frame.Size {
	if by >= 1 {
		return s
	}
	even := func(n int) int {
		v := max(int(math.Round(float64(n)*by)), 1)
		if v > 16 {
			v &^= 1
		}
		return v
	}
	return frame.Size{W: even(s.W), H: even(s.H)}
}

// pacer lets through at most a wanted rate, evenly, and tolerates that pictures come unevenly: one that is early by up
// to half an interval passes. Pure: time is an argument.
type pacer struct{ due time.Time }

// pass reports whether a picture taken at t may go on at fps a second; 0 is any rate.
func (p *pacer) pass(t time.Time, fps float64) bool {
	if fps <= 0 {
		return true
	}
	gap := time.Duration(float64(time.Second) / fps)
	if t.Before(p.due.Add(-gap / 2)) {
		if p.due.Sub(t) < 4*gap { // else the clock was set back
			return false
		}
		p.due = t
	}
	p.due = p.due.Add(gap)
	if p.due.Before(t) {
		p.due = t.Add(gap)
	}
	return true
}
