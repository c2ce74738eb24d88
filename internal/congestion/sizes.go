package congestion

import (
	"math"
	"time"

	"acip/frame"
)

// StickySize follows a demanded box: upwards at once, but in steps while it keeps growing; downwards only after a delay
// and only if it saves enough, because each change of size costs a keyframe. The zero frame.Size is the largest box: no
// limit. The zero value is ready. Not safe for concurrent use.
type StickySize struct {
	box          frame.Size
	set          bool
	smallerSince time.Time // since when a smaller box would do
	grew         time.Time // when it last grew
}

// When another box is taken.
const (
	shrinkAfter = 2 * time.Second // a smaller one, after this long
	shrinkShare = 0.8             // and if at most this share of the area is left

	growStep = 1.25 // factor by which a side grows at least, if it grew within growCalm
	growCalm = 2 * time.Second
)

// Follow takes a demanded box and returns the one in force.
func (h *StickySize) Follow(want frame.Size, now time.Time) frame.Size {
	if !h.set || exceeds(want, h.box) {
		if h.set && !h.grew.IsZero() && now.Sub(h.grew) < growCalm {
			want = frame.Size{W: growSide(h.box.W, want.W), H: growSide(h.box.H, want.H)}
		}
		if h.set {
			h.grew = now
		}
		h.box, h.set, h.smallerSince = want, true, time.Time{}
		return h.box
	}
	if want == h.box || area(want) > area(h.box)*shrinkShare {
		h.smallerSince = time.Time{}
		return h.box
	}
	if h.smallerSince.IsZero() {
		h.smallerSince = now
	}
	if now.Sub(h.smallerSince) >= shrinkAfter {
		h.box, h.smallerSince = want, time.Time{}
	}
	return h.box
}

// growSide returns the new length of a side that grew a moment ago.
func growSide(held, want int) int {
	if sideLimit(want) <= sideLimit(held) {
		return held
	}
	if want <= 0 {
		return want
	}
	return max(want, int(float64(held)*growStep))
}

// area returns the area of a box in pixels; a side of zero does not limit.
func area(s frame.Size) float64 { return sideLimit(s.W) * sideLimit(s.H) }

// sideLimit returns the length of a side in pixels; more than any picture has for zero, which does not limit.
func sideLimit(n int) float64 {
	if n <= 0 {
		return 1 << 20
	}
	return float64(n)
}

// exceeds reports whether a needs more than b in either side.
func exceeds(a, b frame.Size) bool {
	return sideLimit(a.W) > sideLimit(b.W) || sideLimit(a.H) > sideLimit(b.H)
}

// MaxBox returns the smallest box that holds both.
func MaxBox(a, b frame.Size) frame.Size {
	u := frame.Size{W: max(a.W, b.W), H: max(a.H, b.H)}
	if a.W <= 0 || b.W <= 0 {
		u.W = 0
	}
	if a.H <= 0 || b.H <= 0 {
		u.H = 0
	}
	return u
}

// MinBox returns the largest box that fits both.
func MinBox(a, b frame.Size) frame.Size {
	return frame.Size{W: minLimit(a.W, b.W), H: minLimit(a.H, b.H)}
}

func minLimit(a, b int) int {
	if a <= 0 || b <= 0 {
		return max(a, b, 0)
	}
	return min(a, b)
}

// Undersized reports whether a picture that was captured for box would have been larger, had it been captured for need:
// the side of the box that it touches is no longer the limit.
func Undersized(picture, box, need frame.Size) bool {
	wide := box.W > 0 && picture.W >= box.W // the width of the box was the limit
	high := box.H > 0 && picture.H >= box.H // its height was
	return (wide || high) && (!wide || sideLimit(need.W) > sideLimit(box.W)) && (!high || sideLimit(need.H) > sideLimit(box.H))
}

// FitBytes returns the largest size of the same shape whose RGB24 pixels fit in limit bytes; size itself if it fits, or
// if limit is 0.
func FitBytes(size frame.Size, limit int) frame.Size {
	if limit <= 0 || size.W*size.H*3 <= limit {
		return size
	}
	by := math.Sqrt(float64(limit) / float64(size.W*size.H*3))
	return frame.Size{W: max(int(float64(size.W)*by), 1), H: max(int(float64(size.H)*by), 1)}
}

// Scale returns a share of a size, even-sided if it is large enough for that to matter to a codec.
func Scale(size frame.Size, share float64) frame.Size {
	if share >= 1 {
		return size
	}
	even := func(n int) int {
		v := max(int(math.Round(float64(n)*share)), 1)
		if v > 16 {
			v &^= 1
		}
		return v
	}
	return frame.Size{W: even(size.W), H: even(size.H)}
}
