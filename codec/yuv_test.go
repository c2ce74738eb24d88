package codec

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"acip/codec/internal/ycc"
	"acip/frame"
)

// flat is a picture of one colour.
func flat(w, h int, r, g, b byte) *frame.Frame {
	f := frame.New(w, h)
	for i := 0; i < len(f.Pix); i += 3 {
		f.Pix[i], f.Pix[i+1], f.Pix[i+2] = r, g, b
	}
	return f
}

func TestMatrixAgreesWithBT601(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	limited, full := ycc.BT601(), ycc.JFIF()
	for range 5000 {
		c := [3]byte{byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32())}
		f := flat(2, 2, c[0], c[1], c[2])
		R, G, B := float64(c[0]), float64(c[1]), float64(c[2])
		luma := 0.299*R + 0.587*G + 0.114*B
		cb, cr := (B-luma)/1.772, (R-luma)/1.402
		check := func(name string, m *ycc.Matrix, y, u, v float64) {
			var p planes
			p.fromRGB(m, f.Pix, 2, 2)
			if off(p.y[0], y) > 0.51 || off(p.u[0], u) > 0.51 || off(p.v[0], v) > 0.51 {
				t.Fatalf("%s of %v: %d %d %d, want %.2f %.2f %.2f", name, c, p.y[0], p.u[0], p.v[0], y, u, v)
			}
		}
		check("limited", &limited, 16+luma*219/255, 128+cb*224/255, 128+cr*224/255)
		check("full", &full, luma, min(128+cb, 255), min(128+cr, 255))
	}
}

func off(got byte, want float64) float64 { return math.Abs(float64(got) - want) }

func TestMatrixThereAndBack(t *testing.T) {
	for name, m := range map[string]ycc.Matrix{"limited": ycc.BT601(), "full": ycc.JFIF()} {
		var row ycc.Chroma
		for _, c := range [][3]byte{{0, 0, 0}, {255, 255, 255}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {128, 64, 200}, {255, 255, 0}, {1, 2, 3}} {
			for _, s := range []frame.Size{{W: 1, H: 1}, {W: 2, H: 3}, {W: 5, H: 4}, {W: 16, H: 16}} {
				f := flat(s.W, s.H, c[0], c[1], c[2])
				var p planes
				p.fromRGB(&m, f.Pix, s.W, s.H)
				got := make([]byte, len(f.Pix))
				p.toRGB(&m, got, &row)
				for i := range got {
					if off(got[i], float64(f.Pix[i])) > 2 {
						t.Fatalf("%s %v of %v: %v", name, s, c, got[i-i%3:i-i%3+3])
					}
				}
			}
		}
	}
}

func TestNoiseMeterReadsTheNoiseAndNotTheMotion(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, sigma := range []float64{0, 1, 3} {
		var n noiseMeter
		m := ycc.BT601()
		var p planes
		for i := range 60 {
			f := scene(160, 90, i)
			p.fromRGB(&m, f.Pix, 160, 90)
			for j := range p.y {
				p.y[j] = byte(min(max(float64(p.y[j])+r.NormFloat64()*sigma, 0), 255))
			}
			n.add(&p)
		}
		if math.Abs(n.sigma-sigma) > 0.3+sigma*0.15 {
			t.Errorf("noise of %.1f is read as %.2f", sigma, n.sigma)
		}
	}
}

// gravel is a window of w x h pixels on a coarse texture, by pixels to the right of its origin.
func gravel(w, h, by int) *frame.Frame {
	f := frame.New(w, h)
	for i := range w * h {
		x, y := float64(i%w+by), float64(i/w)
		v := 120 + 50*math.Sin(x/3.1+math.Sin(y/5.3)*2) + 40*math.Sin(y/2.7+math.Sin(x/7.9)*3)
		f.Pix[i*3], f.Pix[i*3+1], f.Pix[i*3+2] = byte(v), byte(v*0.9), byte(v*0.7)
	}
	return f
}

func TestNoiseMeterKnowsWhenThePictureMoves(t *testing.T) {
	m := ycc.BT601()
	for name, c := range map[string]struct {
		picture func(i int) *frame.Frame
		moving  bool
	}{
		"a pan":                     {func(i int) *frame.Frame { return gravel(160, 90, i*3) }, true},
		"a head before a wall":      {func(i int) *frame.Frame { return scene(160, 90, i) }, false},
		"a still picture":           {func(int) *frame.Frame { return gravel(160, 90, 0) }, false},
		"a pan that came to rest":   {func(i int) *frame.Frame { return gravel(160, 90, min(i, 40)*3) }, false},
		"a still picture that pans": {func(i int) *frame.Frame { return gravel(160, 90, max(i-40, 0)*3) }, true},
	} {
		var n noiseMeter
		var p planes
		for i := range 60 {
			p.fromRGB(&m, c.picture(i).Pix, 160, 90)
			n.add(&p)
		}
		if n.globalMotion != c.moving || n.sigma > 0.4 {
			t.Errorf("%s: moving %v (%.2f of it), noise read as %.2f", name, n.globalMotion, n.motion, n.sigma)
		}
	}
}

func TestGovernorAnswersDebt(t *testing.T) {
	var g rateControl
	g.spent(2500, 60, 30) // a keyframe
	if q := g.quantizer(baseQ, 60); q != baseQ {
		t.Errorf("a key alone makes the next picture coarser: %d", q)
	}
	for range 30 {
		g.spent(500, 60, 30) // twice the ceiling, for a second
	}
	if q := g.quantizer(baseQ, 60); q < baseQ+10 {
		t.Errorf("a second at twice the ceiling leaves the quantizer at %d", q)
	}
	for range 60 {
		g.spent(100, 60, 30)
	}
	if q := g.quantizer(baseQ, 60); q != baseQ {
		t.Errorf("the debt is paid, the quantizer is still %d", q)
	}
}

func TestQuantizerGrowsWithSizeAndNoise(t *testing.T) {
	last := 0
	for _, pixels := range []int{160 * 90, 234 * 176, 320 * 240, 1920 * 1080} {
		q := quantizerFor(0, pixels)
		if q < last || q > maxQ {
			t.Errorf("%d pixels: quantizer %d after %d", pixels, q, last)
		}
		if noisySigma := quantizerFor(2, pixels); noisySigma <= q {
			t.Errorf("%d pixels: noise makes no difference: %d", pixels, noisySigma)
		}
		last = q
	}
}

func TestPaceMeterFollowsTheTimes(t *testing.T) {
	var p paceMeter
	if p.most(240) != 240 {
		t.Error("nothing measured, yet not what was announced")
	}
	now := time.Unix(1000, 0)
	for range 20 {
		now = now.Add(100 * time.Millisecond)
		p.add(now)
	}
	p.add(now.Add(time.Hour)) // a pause
	if got := p.most(240); math.Abs(got-10) > 0.1 {
		t.Errorf("ten a second are read as %.2f", got)
	}
	if p.most(5) != 5 {
		t.Error("more than was announced")
	}
}

func BenchmarkConvert(b *testing.B) {
	f := scene(160, 90, 0)
	m := ycc.BT601()
	var p planes
	var row ycc.Chroma
	b.Run("from/160x90", func(b *testing.B) {
		for range b.N {
			p.fromRGB(&m, f.Pix, 160, 90)
		}
	})
	b.Run("to/160x90", func(b *testing.B) {
		for range b.N {
			p.toRGB(&m, f.Pix, &row)
		}
	})
	b.Run("noise/160x90", func(b *testing.B) {
		var n noiseMeter
		for range b.N {
			n.add(&p)
		}
	})
	b.Run("copy/160x90", func(b *testing.B) {
		dst := make([]byte, len(f.Pix))
		for range b.N {
			copy(dst, f.Pix)
		}
	})
}
