package frame

import (
	"fmt"
	"math"
)

// Size is a width and a height, in whatever unit the context says.
type Size struct{ W, H int }

// Empty reports whether nothing fits in s.
func (s Size) Empty() bool { return s.W <= 0 || s.H <= 0 }

// Rect is a rectangle: its top left corner and its size.
type Rect struct{ X, Y, W, H int }

// Size returns the rectangle's width and height.
func (r Rect) Size() Size { return Size{r.W, r.H} }

// Empty reports whether the rectangle covers nothing.
func (r Rect) Empty() bool { return r.W <= 0 || r.H <= 0 }

// Intersect returns the part that r and s share; empty if they share none.
func (r Rect) Intersect(s Rect) Rect {
	x0, y0 := max(r.X, s.X), max(r.Y, s.Y)
	x1, y1 := min(r.X+r.W, s.X+s.W), min(r.Y+r.H, s.Y+s.H)
	if x1 <= x0 || y1 <= y0 {
		return Rect{}
	}
	return Rect{x0, y0, x1 - x0, y1 - y0}
}

// Window is a rectangle whose edges may lie between pixels, in source pixels.
type Window struct{ X, Y, W, H float64 }

// Window is r with whole edges.
func (r Rect) Window() Window {
	return Window{float64(r.X), float64(r.Y), float64(r.W), float64(r.H)}
}

// Fit says how a picture meets a place of another shape.
type Fit uint8

// The ways to fit: Contain shows the whole picture and leaves bars; Cover fills the whole place and crops the middle.
const (
	Contain Fit = iota
	Cover
)

// ParseFit reads "contain" or "cover".
func ParseFit(s string) (Fit, error) {
	switch s {
	case "contain":
		return Contain, nil
	case "cover":
		return Cover, nil
	}
	return 0, fmt.Errorf("unknown fit %q: contain or cover", s)
}

// String returns the name that ParseFit reads.
func (fit Fit) String() string {
	if fit == Cover {
		return "cover"
	}
	return "contain"
}

// Place puts a picture of size src into a place of size dst, both in square pixels: crop is the part of the source
// that is shown and at is where in dst it goes, both centred and at least one pixel. Either size empty gives empty
// rectangles.
func (fit Fit) Place(src, dst Size) (crop, at Rect) {
	if src.Empty() || dst.Empty() {
		return Rect{}, Rect{}
	}
	crop, at = Rect{0, 0, src.W, src.H}, Rect{0, 0, dst.W, dst.H}
	wider := src.W*dst.H > dst.W*src.H // the source is the wider of the two
	switch {
	case fit == Cover && wider:
		crop.W = share(src.H, dst.W, dst.H, src.W)
		crop.X = (src.W - crop.W) / 2
	case fit == Cover:
		crop.H = share(src.W, dst.H, dst.W, src.H)
		crop.Y = (src.H - crop.H) / 2
	case wider:
		at.H = share(dst.W, src.H, src.W, dst.H)
		at.Y = (dst.H - at.H) / 2
	default:
		at.W = share(dst.H, src.W, src.H, dst.W)
		at.X = (dst.W - at.W) / 2
	}
	return crop, at
}

// share is n*num/den rounded to the nearest, between 1 and most.
func share(n, num, den, most int) int {
	return min(max((n*num+den/2)/den, 1), most)
}

// CropTo returns the largest centred window of src that has the shape of box, to a fraction of a pixel: what a place of
// size box shows when nothing may be distorted and no bars are wanted.
func CropTo(src, box Size) Window {
	w, h := float64(src.W), float64(src.H)
	if src.Empty() || box.Empty() {
		return Window{}
	}
	if cw := h * float64(box.W) / float64(box.H); cw < w {
		return Window{(w - cw) / 2, 0, cw, h}
	}
	ch := w * float64(box.H) / float64(box.W)
	return Window{0, (h - ch) / 2, w, ch}
}

// Within returns the size that a picture of size src should have to be shown in box: the aspect kept, never larger than
// src, at least one pixel a side. A side of the box that is zero does not limit; the zero box gives src.
func Within(src, box Size) Size {
	if src.Empty() {
		return Size{}
	}
	f := 1.0
	if box.W > 0 {
		f = min(f, float64(box.W)/float64(src.W))
	}
	if box.H > 0 {
		f = min(f, float64(box.H)/float64(src.H))
	}
	return Size{scaled(src.W, f), scaled(src.H, f)}
}

func scaled(n int, f float64) int { return max(1, int(math.Round(float64(n)*f))) }
