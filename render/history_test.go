package render

import (
	"math/rand/v2"
	"testing"

	"acip/frame"
	"acip/render/internal/cell"
	"acip/render/internal/paint"
)

// scene is a smooth still picture.
func scene(w, h int) *frame.Frame {
	f := frame.New(w, h)
	for i := range f.Pix {
		x, y := i/3%w, i/3/w
		f.Pix[i] = byte(60 + 120*x/w + 50*y/h + i%3*8)
	}
	return f
}

// withNoise is f with what a camera adds, numbered n.
func withNoise(f *frame.Frame, n uint64, span int) *frame.Frame {
	g := frame.New(f.Width, f.Height)
	r := rand.New(rand.NewPCG(n, 3))
	for i, v := range f.Pix {
		g.Pix[i] = byte(min(max(int(v)+r.IntN(2*span+1)-span, 0), 255))
	}
	g.Seq = n
	return g
}

// screenError is the mean squared error of what is shown against what is wanted, and the greatest of one cell.
func (c *Canvas) screenError() (mean, most float64) {
	for i := range c.want {
		a, b := halvesOf(c.want[i])
		p, q := halvesOf(c.shown[i])
		e := float64(paint.Distance(a, p)+paint.Distance(b, q)) / 6
		mean += e / float64(len(c.want))
		most = max(most, e)
	}
	return mean, most
}

// halvesOf returns the colours of a half-block cell.
func halvesOf(c Cell) (upper, lower Paint) {
	if c.Glyph == cell.Blank {
		return c.BG, c.BG
	}
	return c.FG, c.BG
}

func TestNoiseCostsLittle(t *testing.T) {
	c, f := NewCanvas(80, 24, Style{}), scene(320, 192)
	c.Picture(c.bounds(), f, PictureOptions{})
	whole := len(c.Append(nil))
	sum, frames := 0, 90
	for n := range frames {
		c.Picture(c.bounds(), withNoise(f, uint64(n+1), 6), PictureOptions{})
		sum += len(c.Append(nil))
		if mean, most := c.screenError(); mean > 2 || most > 40 {
			t.Fatalf("picture %d is off by %.1f on average, %.1f at most", n, mean, most)
		}
	}
	if each := sum / frames; each > whole/50 {
		t.Errorf("noise costs %d bytes a picture, a whole one is %d", each, whole)
	}
}

func TestStillBecomesExact(t *testing.T) {
	for _, budget := range []int{0, 6000} {
		c, f := NewCanvas(80, 24, Style{}), scene(320, 192)
		for n := range 40 {
			c.Picture(c.bounds(), withNoise(f, uint64(n+1), 4), PictureOptions{})
			c.Append(nil)
		}
		c.Budget(budget)
		for n := range 20 {
			f.Seq = uint64(100 + n)
			c.Picture(c.bounds(), f, PictureOptions{})
			if b := len(c.Append(nil)); budget > 0 && b > budget+200 {
				t.Errorf("%d bytes for a budget of %d", b, budget)
			}
		}
		if mean, _ := c.screenError(); mean != 0 {
			t.Errorf("budget %d: a still picture is off by %.2f after 20 frames", budget, mean)
		}
	}
}

func TestDriftIsBounded(t *testing.T) {
	c, f := NewCanvas(40, 12, Style{}), frame.New(80, 48)
	for n := range 600 {
		for i := range f.Pix {
			f.Pix[i] = byte(40 + n/6) // a sixth of a level a picture: slower than any noise
		}
		f.Seq = uint64(n + 1)
		c.Picture(c.bounds(), f, PictureOptions{})
		c.Append(nil)
		if _, most := c.screenError(); most > errorPerByteMax*40 {
			t.Fatalf("picture %d: a cell is off by %.1f", n, most)
		}
	}
}

// TestHoldEnds darkens a part of a noisy picture by less than a cell must bear. It may show the old for a while, and not
// for longer than it says.
func TestHoldEnds(t *testing.T) {
	c, f := NewCanvas(40, 12, Style{}), scene(160, 96)
	for n := range 400 {
		if n == 100 {
			for i := range f.Row(40) {
				for y := 40; y < 56; y++ {
					f.Row(y)[i] -= 2
				}
			}
		}
		c.Picture(c.bounds(), withNoise(f, uint64(n+1), 1), PictureOptions{})
		c.Append(nil)
		if n < 100 {
			continue
		}
		for i, m := range c.history {
			if m.age > holdFrames {
				t.Fatalf("picture %d: cell %d has borne an error for %d pictures", n, i, m.age)
			}
			if m.tolerance == 0 && c.want[i] != c.shown[i] {
				t.Fatalf("picture %d: cell %d tolerance nothing more and is not exact", n, i)
			}
		}
	}
}

func TestCutIsImmediate(t *testing.T) {
	c, f := NewCanvas(40, 12, Style{}), scene(160, 96)
	for n := range 30 {
		c.Picture(c.bounds(), withNoise(f, uint64(n+1), 4), PictureOptions{})
		c.Append(nil)
	}
	for i := range f.Pix {
		f.Pix[i] = 255 - f.Pix[i]
	}
	f.Seq = 99
	c.Picture(c.bounds(), f, PictureOptions{})
	c.Append(nil)
	if mean, most := c.screenError(); mean > 4 || most > 40 {
		t.Errorf("after a cut the screen is off by %.1f on average, %.1f at most", mean, most)
	}
}

func TestSameFrameAgainCostsNothing(t *testing.T) {
	c, f := NewCanvas(40, 12, Style{}), scene(160, 96)
	for n := range 30 {
		g := withNoise(f, uint64(n+1), 4)
		c.Picture(c.bounds(), g, PictureOptions{})
		c.Append(nil)
		c.Fill(c.bounds(), TextStyle{}) // as a screen does that draws itself incomparable each time
		c.Picture(c.bounds(), g, PictureOptions{})
		if b := c.Append(nil); len(b) != 0 {
			t.Fatalf("drawing the same frame again takes %d bytes: %.80q", len(b), b)
		}
	}
}

func TestBudgetGoesWhereTheErrorFalls(t *testing.T) {
	c, f := NewCanvas(80, 24, Style{}), scene(320, 192)
	c.Picture(c.bounds(), f, PictureOptions{})
	c.Append(nil)
	g := withNoise(f, 1, 12)
	for y := 96; y < 120; y++ { // a bright bar low in the picture
		for i := range g.Row(y) {
			g.Row(y)[i] = 250
		}
	}
	c.Budget(5000)
	c.Picture(c.bounds(), g, PictureOptions{})
	c.Append(nil)
	for y := 12; y < 15; y++ {
		for x := range 80 {
			upper, _ := halvesOf(c.shown[y*80+x])
			if r, _, _ := upper.RGB(); r < 200 {
				t.Fatalf("cell %d,%d of the bar was left for later", x, y)
			}
		}
	}
}
