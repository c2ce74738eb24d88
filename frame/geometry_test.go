package frame

import (
	"testing"

	"pgregory.net/rapid"
)

func TestPlace(t *testing.T) {
	cases := []struct {
		fit      Fit
		src, dst Size
		crop, at Rect
	}{
		{Contain, Size{640, 480}, Size{640, 384}, Rect{0, 0, 640, 480}, Rect{64, 0, 512, 384}},
		{Cover, Size{640, 480}, Size{640, 384}, Rect{0, 48, 640, 384}, Rect{0, 0, 640, 384}},
		{Contain, Size{100, 300}, Size{300, 100}, Rect{0, 0, 100, 300}, Rect{133, 0, 33, 100}},
		{Cover, Size{100, 300}, Size{300, 100}, Rect{0, 133, 100, 33}, Rect{0, 0, 300, 100}},
		{Contain, Size{4096, 1}, Size{80, 48}, Rect{0, 0, 4096, 1}, Rect{0, 23, 80, 1}},
		{Cover, Size{1, 1}, Size{80, 48}, Rect{0, 0, 1, 1}, Rect{0, 0, 80, 48}},
		{Contain, Size{0, 10}, Size{80, 48}, Rect{}, Rect{}},
	}
	for _, c := range cases {
		crop, at := c.fit.Place(c.src, c.dst)
		if crop != c.crop || at != c.at {
			t.Errorf("%v %v in %v: crop %v at %v, want %v at %v", c.fit, c.src, c.dst, crop, at, c.crop, c.at)
		}
	}
}

func TestPlaceStaysInside(t *testing.T) {
	side := rapid.IntRange(1, 4096)
	rapid.Check(t, func(t *rapid.T) {
		src := Size{side.Draw(t, "sw"), side.Draw(t, "sh")}
		dst := Size{side.Draw(t, "dw"), side.Draw(t, "dh")}
		for _, fit := range []Fit{Contain, Cover} {
			crop, at := fit.Place(src, dst)
			if crop.Empty() || crop.Intersect(Rect{0, 0, src.W, src.H}) != crop {
				t.Fatalf("%v: crop %v of %v", fit, crop, src)
			}
			if at.Empty() || at.Intersect(Rect{0, 0, dst.W, dst.H}) != at {
				t.Fatalf("%v: at %v in %v", fit, at, dst)
			}
		}
	})
}

func TestWithin(t *testing.T) {
	cases := []struct{ src, box, want Size }{
		{Size{640, 480}, Size{160, 90}, Size{120, 90}},
		{Size{640, 480}, Size{1280, 720}, Size{640, 480}},
		{Size{640, 480}, Size{}, Size{640, 480}},
		{Size{640, 480}, Size{320, 0}, Size{320, 240}},
		{Size{4096, 2}, Size{16, 16}, Size{16, 1}},
		{Size{}, Size{16, 16}, Size{}},
	}
	for _, c := range cases {
		if got := Within(c.src, c.box); got != c.want {
			t.Errorf("%v within %v is %v, want %v", c.src, c.box, got, c.want)
		}
	}
}

func TestParseFit(t *testing.T) {
	for _, f := range []Fit{Contain, Cover} {
		if got, err := ParseFit(f.String()); got != f || err != nil {
			t.Errorf("%v reads back as %v, %v", f, got, err)
		}
	}
	if _, err := ParseFit("stretch"); err == nil {
		t.Error("stretch is no fit")
	}
}

func TestFrameReusesMemory(t *testing.T) {
	f := New(100, 100)
	p := &f.Pix[0]
	f.Resize(10, 10)
	f.Resize(100, 100)
	g := New(50, 50)
	g.Seq = 7
	f.CopyFrom(g)
	if &f.Pix[0] != p || f.Seq != 7 || len(f.Pix) != 7500 {
		t.Error("shrinking and growing back took new memory, or the copy is none")
	}
}
