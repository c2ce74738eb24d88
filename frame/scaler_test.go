package frame

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// noise is a picture without any two neighbours alike, the hardest for an average.
func noise(w, h int, seed uint64) *Frame {
	f := New(w, h)
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range f.Pix {
		f.Pix[i] = byte(r.Uint32())
	}
	return f
}

// mean is the average of one channel over a rectangle with fractional edges, straight from its definition.
func mean(f *Frame, ch int, x0, y0, x1, y1 float64) float64 {
	var sum, area float64
	for y := int(y0); float64(y) < y1; y++ {
		for x := int(x0); float64(x) < x1; x++ {
			a := math.Min(x1, float64(x+1)) - math.Max(x0, float64(x))
			a *= math.Min(y1, float64(y+1)) - math.Max(y0, float64(y))
			sum += a * float64(f.Pix[(y*f.Width+x)*3+ch])
			area += a
		}
	}
	return sum / area
}

func TestScaleDownIsTheMean(t *testing.T) {
	cases := []struct{ src, dst Size }{
		{Size{640, 480}, Size{160, 96}}, {Size{640, 480}, Size{80, 48}}, {Size{320, 240}, Size{101, 77}},
		{Size{33, 17}, Size{32, 16}}, {Size{5, 3}, Size{1, 1}}, {Size{1, 1}, Size{1, 1}}, {Size{2, 200}, Size{2, 7}},
		{Size{2000, 10}, Size{3, 10}}, {Size{1500, 1100}, Size{1, 1}},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.src, c.dst), func(t *testing.T) {
			src, dst := noise(c.src.W, c.src.H, 7), New(c.dst.W, c.dst.H)
			var s Scaler
			s.Scale(dst, Rect{0, 0, c.dst.W, c.dst.H}, src, Rect{0, 0, c.src.W, c.src.H})
			sx, sy := float64(c.src.W)/float64(c.dst.W), float64(c.src.H)/float64(c.dst.H)
			for y := range c.dst.H {
				for x := range c.dst.W {
					for ch := range 3 {
						want := mean(src, ch, float64(x)*sx, float64(y)*sy, float64(x+1)*sx, float64(y+1)*sy)
						got := float64(dst.Pix[(y*c.dst.W+x)*3+ch])
						if math.Abs(got-want) > 1 {
							t.Fatalf("pixel %d,%d channel %d is %v, the mean is %.2f", x, y, ch, got, want)
						}
					}
				}
			}
		})
	}
}

func TestScaleKeepsWhatDoesNotChange(t *testing.T) {
	var s Scaler
	src := noise(37, 21, 3)
	dst := New(37, 21)
	s.Scale(dst, Rect{0, 0, 37, 21}, src, Rect{0, 0, 37, 21})
	if !bytes.Equal(dst.Pix, src.Pix) {
		t.Error("a picture scaled to its own size is another picture")
	}
	flat := New(50, 40)
	for i := range flat.Pix {
		flat.Pix[i] = byte(100 + i%3*50)
	}
	for _, to := range []Size{{7, 9}, {50, 40}, {171, 133}} {
		dst.Resize(to.W, to.H)
		s.Scale(dst, Rect{0, 0, to.W, to.H}, flat, Rect{0, 0, 50, 40})
		for i, v := range dst.Pix {
			if v != byte(100+i%3*50) {
				t.Fatalf("scaling an even picture to %v changed byte %d to %d", to, i, v)
			}
		}
	}
}

func TestScaleTouchesNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.IntRange(1, 60)
		src := noise(side.Draw(t, "sw"), side.Draw(t, "sh"), 5)
		dst := noise(side.Draw(t, "dw"), side.Draw(t, "dh"), 6)
		before := append([]byte(nil), dst.Pix...)
		edge := rapid.IntRange(-20, 70)
		at := Rect{edge.Draw(t, "x"), edge.Draw(t, "y"), edge.Draw(t, "w"), edge.Draw(t, "h")}
		crop := Rect{edge.Draw(t, "cx"), edge.Draw(t, "cy"), edge.Draw(t, "cw"), edge.Draw(t, "ch")}
		var s Scaler
		s.Scale(dst, at, src, crop)
		for i := range dst.Pix {
			x, y := i/3%dst.Width, i/3/dst.Width
			inside := x >= at.X && x < at.X+at.W && y >= at.Y && y < at.Y+at.H
			if !inside && dst.Pix[i] != before[i] {
				t.Fatalf("byte of pixel %d,%d outside %v changed", x, y, at)
			}
		}
	})
}

// TestVectorAgrees holds the vector passes against the plain ones, bit by bit.
func TestVectorAgrees(t *testing.T) {
	if !hasVector {
		t.Skip("this machine has no vector passes")
	}
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.IntRange(1, 140)
		src := noise(side.Draw(t, "w"), side.Draw(t, "h"), rapid.Uint64().Draw(t, "seed"))
		g := Grid{
			X:      Cut(rapid.IntRange(1, 30).Draw(t, "cols"), 8, rapid.SampledFrom([][]int{{0}, {0, 4}, {0, 1, 2, 3, 4, 5, 6, 7}}).Draw(t, "xcuts")...),
			Y:      Cut(rapid.IntRange(1, 20).Draw(t, "rows"), 16, rapid.SampledFrom([][]int{{0, 8}, {0, 5, 11}, {0, 4, 8, 12}}).Draw(t, "ycuts")...),
			Filter: Filter(rapid.IntRange(0, 2).Draw(t, "filter")),
			Mirror: rapid.Bool().Draw(t, "mirror"),
		}
		crop := CropTo(src.Size(), Size{16, 9})
		fast, plain := Scaler{}, Scaler{pure: true}
		a, b := fast.Sample(nil, g, src, crop), plain.Sample(nil, g, src, crop)
		if !bytes.Equal(a, b) {
			t.Fatal("the vector passes and the plain ones differ")
		}
	})
}

func TestSampleCutsAreMeans(t *testing.T) {
	src := noise(64, 64, 9)
	var s Scaler
	got := s.Sample(nil, Grid{X: Cut(8, 8, 0, 4), Y: Cut(4, 16, 0, 5, 11)}, src, Rect{0, 0, 64, 64}.Window())
	rows := []float64{0, 5, 11, 16}
	for y := range 12 {
		for x := range 16 {
			top := float64(y / 3 * 16)
			want := mean(src, 1, float64(x*4), top+rows[y%3], float64(x*4+4), top+rows[y%3+1])
			if d := math.Abs(float64(got[(y*16+x)*4+1]) - want); d > 1 {
				t.Fatalf("sample %d,%d is off by %.2f", x, y, d)
			}
		}
	}
}

func TestSampleMirror(t *testing.T) {
	src := noise(64, 48, 9)
	var s Scaler
	g := Grid{X: Even(16), Y: Even(12)}
	a := append([]byte(nil), s.Sample(nil, g, src, CropTo(src.Size(), Size{4, 3}))...)
	g.Mirror = true
	b := s.Sample(nil, g, src, CropTo(src.Size(), Size{4, 3}))
	for i := 0; i < len(a); i += 4 {
		x, y := i/4%16, i/4/16
		if !bytes.Equal(a[i:i+4], b[(y*16+15-x)*4:][:4]) {
			t.Fatalf("sample %d,%d is not mirrored", x, y)
		}
	}
}

func TestScaleAllocatesOnce(t *testing.T) {
	src, dst := noise(640, 480, 1), New(160, 96)
	var s Scaler
	n := testing.AllocsPerRun(5, func() { s.Scale(dst, Rect{0, 0, 160, 96}, src, Rect{0, 48, 640, 384}) })
	if n != 0 {
		t.Errorf("%v allocations a picture", n)
	}
}

func BenchmarkScale(b *testing.B) {
	src, dst := noise(640, 480, 1), New(160, 96)
	for _, plain := range []bool{false, true} {
		b.Run(map[bool]string{false: "vector", true: "plain"}[plain], func(b *testing.B) {
			s := Scaler{pure: plain}
			b.SetBytes(int64(len(src.Pix)))
			b.ReportAllocs()
			for b.Loop() {
				s.Scale(dst, Rect{0, 0, 160, 96}, src, Rect{0, 0, 640, 480})
			}
		})
	}
	b.Run("copy", func(b *testing.B) {
		dst := New(640, 480)
		b.SetBytes(int64(len(src.Pix)))
		for b.Loop() {
			copy(dst.Pix, src.Pix)
		}
	})
}
