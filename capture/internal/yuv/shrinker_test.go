package yuv

import (
	"fmt"
	"image"
	"image/draw"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	xdraw "golang.org/x/image/draw"

	"acip/frame"
)

// layout is a way to hold a picture in memory.
type layout struct {
	name   string
	sx, sy int
	make   func(pix []byte, size frame.Size, e Encoding) Picture
}

func layouts() []layout {
	plain := func(name string, sx, sy int) layout {
		return layout{name, sx, sy, func(pix []byte, size frame.Size, e Encoding) Picture { return FromPlanes(pix, size, sx, sy, e) }}
	}
	return []layout{
		plain("4:4:4", 1, 1), plain("4:2:2", 2, 1), plain("4:2:0", 2, 2), plain("4:4:0", 1, 2), plain("4:1:1", 4, 1), plain("4:1:0", 4, 4),
		{"grey", 1, 1, func(pix []byte, size frame.Size, e Encoding) Picture { return FromGrey(pix, size.W, size, e) }},
		{"YUYV", 2, 1, func(pix []byte, size frame.Size, e Encoding) Picture { return Packed(pix, (size.W+1)/2*4, size, 0, e) }},
		{"UYVY", 2, 1, func(pix []byte, size frame.Size, e Encoding) Picture {
			return Packed(pix, (size.W+1)/2*4+12, size, 1, e)
		}},
		{"I420", 2, 2, func(pix []byte, size frame.Size, e Encoding) Picture {
			return Triplanar(pix, size.W+size.W%2+8, size, e)
		}},
		{"NV12", 2, 2, func(pix []byte, size frame.Size, e Encoding) Picture {
			return Biplanar(pix, size.W+size.W%2+6, size, 0, e)
		}},
	}
}

// value is component i of picture pixel x, y.
func (p *Picture) value(i, x, y int) float64 {
	if p.grey && i > 0 {
		return 128
	}
	c := p.comps[i]
	b := p.bands[c.band]
	return float64(b.pix[y/b.sy*b.stride+c.first+x/c.sx*c.step])
}

// exact is pixel x, y of p at size to, in real numbers.
func (p *Picture) exact(to frame.Size, x, y int) [3]float64 {
	var mean [3]float64
	x0, x1 := float64(x*p.Size.W)/float64(to.W), float64((x+1)*p.Size.W)/float64(to.W)
	y0, y1 := float64(y*p.Size.H)/float64(to.H), float64((y+1)*p.Size.H)/float64(to.H)
	for sy := int(y0); sy < p.Size.H && float64(sy) < y1; sy++ {
		h := min(y1, float64(sy+1)) - max(y0, float64(sy))
		for sx := int(x0); sx < p.Size.W && float64(sx) < x1; sx++ {
			w := (min(x1, float64(sx+1)) - max(x0, float64(sx))) * h / ((x1 - x0) * (y1 - y0))
			for i := range mean {
				mean[i] += w * p.value(i, sx, sy)
			}
		}
	}
	return p.Colour.reference(mean[0], mean[1], mean[2])
}

// reference is the conversion as the standards write it.
func (e Encoding) reference(y, cb, cr float64) [3]float64 {
	kr, kb := e.Matrix.Luma()
	cb, cr = cb-128, cr-128
	if !e.Full {
		y, cb, cr = (y-16)*255/219, cb*255/224, cr*255/224
	}
	r, b := y+2*(1-kr)*cr, y+2*(1-kb)*cb
	g := (y - kr*r - kb*b) / (1 - kr - kb)
	limit := func(v float64) float64 { return math.Min(math.Max(v, 0), 255) }
	return [3]float64{limit(r), limit(g), limit(b)}
}

func noise(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	pix := make([]byte, n)
	for i := range pix {
		pix[i] = byte(r.Uint32())
	}
	return pix
}

func TestShrinkerAgainstRealNumbers(t *testing.T) {
	sizes := []struct{ from, to frame.Size }{
		{frame.Size{W: 640, H: 48}, frame.Size{W: 160, H: 9}}, {frame.Size{W: 64, H: 48}, frame.Size{W: 64, H: 48}},
		{frame.Size{W: 64, H: 48}, frame.Size{W: 48, H: 36}}, {frame.Size{W: 63, H: 47}, frame.Size{W: 63, H: 47}},
		{frame.Size{W: 63, H: 47}, frame.Size{W: 40, H: 30}}, {frame.Size{W: 101, H: 33}, frame.Size{W: 7, H: 3}},
		{frame.Size{W: 1, H: 1}, frame.Size{W: 1, H: 1}}, {frame.Size{W: 2, H: 5}, frame.Size{W: 1, H: 1}},
		{frame.Size{W: 5, H: 3}, frame.Size{W: 4, H: 2}}, {frame.Size{W: 1280, H: 30}, frame.Size{W: 80, H: 2}},
		{frame.Size{W: 34, H: 1}, frame.Size{W: 33, H: 1}}, {frame.Size{W: 1, H: 40}, frame.Size{W: 1, H: 7}},
	}
	for _, l := range layouts() {
		for _, z := range sizes {
			for e := range encodings() {
				t.Run(fmt.Sprintf("%s/%dx%d-%dx%d/%d-%v", l.name, z.from.W, z.from.H, z.to.W, z.to.H, e.Matrix, e.Full), func(t *testing.T) {
					p := l.make(noise(z.from.W*z.from.H*4+z.from.H*16, 7), z.from, e)
					checkShrink(t, &p, z.to)
				})
			}
		}
	}
}

func encodings() func(func(Encoding) bool) {
	return func(yield func(Encoding) bool) {
		_ = yield(Encoding{Matrix: BT601}) && yield(Encoding{Matrix: BT601, Full: true}) && yield(Encoding{Matrix: BT709}) &&
			yield(Encoding{Matrix: BT709, Full: true}) && yield(Encoding{Matrix: BT601, Live: true}) && yield(Encoding{Matrix: BT709, Live: true})
	}
}

func checkShrink(t *testing.T, p *Picture, to frame.Size) {
	t.Helper()
	var fast, plain frame.Frame
	var s Shrinker
	s.Draw(&fast, p, to)
	s.Draw(&fast, p, to) // again: what is kept between pictures must not show
	twin := Shrinker{pure: true}
	twin.Draw(&plain, p, to)
	worst, down := 0.0, 0.5
	if p.Colour.Full || p.Colour.Live {
		down = 0
	}
	for i := range to.W * to.H {
		want := p.exact(to, i%to.W, i/to.W)
		for c := range 3 {
			if fast.Pix[i*3+c] != plain.Pix[i*3+c] {
				t.Fatalf("pixel %d,%d channel %d: vector %d, plain %d", i%to.W, i/to.W, c, fast.Pix[i*3+c], plain.Pix[i*3+c])
			}
			worst = max(worst, math.Abs(max(want[c]-down, 0)-float64(plain.Pix[i*3+c])))
		}
	}
	if worst > 2 { // of noise; see TestShrinkerOnPicture
		t.Errorf("%.3f from the exact mean", worst)
	}
}

// BenchmarkConvert makes 160x90 RGB of the planes of a 640x480 4:2:2 picture, as mediadevices hands them over, beside a
// copy of those planes and what the libraries do.
func BenchmarkConvert(b *testing.B) {
	size, to := frame.Size{W: 640, H: 480}, frame.Size{W: 160, H: 90}
	m := image.NewYCbCr(image.Rect(0, 0, size.W, size.H), image.YCbCrSubsampleRatio422)
	for i := range m.Y {
		m.Y[i] = byte(16 + i%size.W/3)
	}
	for i := range m.Cb {
		m.Cb[i], m.Cr[i] = byte(100+i%50), byte(150-i%40)
	}
	run := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(m.Y) + 2*len(m.Cb)))
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
	all := slices.Concat(m.Y, m.Cb, m.Cr)
	dst := make([]byte, len(all))
	run("copy", func() { copy(dst, all) })
	var f frame.Frame
	for name, pure := range map[string]bool{"vector": false, "plain": true} {
		s := Shrinker{pure: pure}
		run(name, func() {
			p, _ := FromYCbCr(m, Encoding{})
			s.Draw(&f, &p, to)
		})
		whole := Shrinker{pure: pure}
		run(name+"/640x480", func() {
			p, _ := FromYCbCr(m, Encoding{})
			whole.Draw(&f, &p, size)
		})
	}
	full, small := image.NewRGBA(m.Rect), image.NewRGBA(image.Rect(0, 0, to.W, to.H))
	run("image-draw/640x480", func() { draw.Draw(full, full.Rect, m, image.Point{}, draw.Src) })
	run("x-image-ApproxBiLinear", func() { xdraw.ApproxBiLinear.Scale(small, small.Rect, m, m.Rect, draw.Src, nil) })
	run("image-draw+x-image-BiLinear", func() {
		draw.Draw(full, full.Rect, m, image.Point{}, draw.Src)
		xdraw.BiLinear.Scale(small, small.Rect, full, full.Rect, draw.Src, nil)
	})
}
