package render

import (
	"math/rand/v2"
	"testing"

	"acip/frame"
	"acip/render/internal/cell"

	"pgregory.net/rapid"
)

// samplesOf are random samples for cols cells of w by h: noise, or mostly flat, where scores tie.
func samplesOf(t *rapid.T, n int) []byte {
	b := make([]byte, n*4)
	span := rapid.SampledFrom([]int{1, 3, 255}).Draw(t, "span")
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	for i := range b {
		if i%4 != 3 {
			b[i] = byte(r.IntN(span+1) * 255 / span)
		}
	}
	return b
}

func TestLatticeVectorAgrees(t *testing.T) {
	if !hasVector {
		t.Skip("this machine has no vector searches")
	}
	for _, l := range []*glyphGrid{quadrants, sextants, octants} {
		rapid.Check(t, func(t *rapid.T) {
			cols := rapid.IntRange(1, 5).Draw(t, "cols")
			px := make([]uint32, cols*cellStride)
			l.gather(px, samplesOf(t, cols*l.subs), cols)
			fast, plain := make([]uint32, cols), make([]uint32, cols)
			searchGridVector(fast, px, l)
			l.searchPlain(plain, px)
			for i := range fast {
				if fast[i] != plain[i] {
					t.Fatalf("cell %d: pattern %d by vectors, %d in plain Go", i, fast[i], plain[i])
				}
			}
		})
	}
}

func TestMaskVectorAgrees(t *testing.T) {
	if !hasVector {
		t.Skip("this machine has no vector searches")
	}
	s := letterSet()
	rapid.Check(t, func(t *rapid.T) {
		cols := rapid.IntRange(1, 3).Draw(t, "cols")
		samples := samplesOf(t, cols*cellPixels)
		n := len(s.masks)
		best, sums := [2][]uint32{make([]uint32, cols), make([]uint32, cols)}, [2][]maskSum{make([]maskSum, cols*n), make([]maskSum, cols*n)}
		searchMasksVector(best[0], sums[0], samples, s)
		s.searchPlain(best[1], sums[1], samples)
		for i := range sums[0] {
			if sums[0][i] != sums[1][i] {
				t.Fatalf("cell %d mask %d: sum %v by vectors, %v in plain Go", i/n, i%n, sums[0][i], sums[1][i])
			}
		}
		for i := range best[0] {
			if best[0][i] != best[1][i] {
				t.Fatalf("cell %d: score %#x by vectors, %#x in plain Go", i, best[0][i], best[1][i])
			}
		}
	})
}

func TestCornersVectorAgrees(t *testing.T) {
	needCellVector(t)
	table := blockTable()
	rapid.Check(t, func(t *rapid.T) {
		samples := samplesOf(t, 8*cellPixels)
		var fast, plain cornerGroup
		searchCornersVector(&fast, table, samples, 8*8*4)
		plain.searchPlain(table, samples, 8*8*4, 8)
		if fast.rb != plain.rb || fast.g != plain.g || fast.px != plain.px {
			t.Fatalf("sub-cells %v %v %v by vectors, %v %v %v in plain Go", fast.rb, fast.g, fast.px, plain.rb, plain.g, plain.px)
		}
		if fast.deviations != plain.deviations || fast.best != plain.best {
			t.Fatalf("deviations %v, best %v by vectors, %v, %v in plain Go", fast.deviations, fast.best, plain.deviations, plain.best)
		}
	})
}

// TestCornersAreThePixels: what corners come to is what the pixels under each mask sum up to.
func TestCornersAreThePixels(t *testing.T) {
	table := blockTable()
	rapid.Check(t, func(t *rapid.T) {
		samples := samplesOf(t, cellPixels)
		var g cornerGroup
		g.search(table, samples, 8*4, 1)
		all := g.packed[cellPixels-1].sum()
		for i := range table.ends {
			var want maskSum
			for k, v := range table.set.masks[i] {
				for ch := range 3 {
					want[ch] += int32(v) * int32(samples[k*4+ch])
				}
			}
			if got := g.sumUnder(table, i, 0, all); got != want {
				t.Fatalf("mask %d: %v, the pixels are %v", i, got, want)
			}
		}
	})
}

// TestSearchIsExact holds every painter against trying each glyph with each pixel of 8x16.
func TestSearchIsExact(t *testing.T) {
	cases := []struct {
		glyphs Glyphs
		runes  []rune
	}{
		{Quadrant, quadrantRunes()}, {Sextant, cell.SextantRunes[:]}, {Octant, cell.OctantRunes[:]}, {Blocks, blockRunes()},
	}
	f := moving(16*8, 4*16, 3, 20)
	for _, c := range cases {
		t.Run(c.glyphs.String(), func(t *testing.T) {
			canvas := NewCanvas(16, 4, Style{Glyphs: c.glyphs})
			canvas.Picture(canvas.bounds(), f, PictureOptions{})
			masks := map[rune]mask{}
			for _, r := range c.runes {
				masks[r] = maskFor(r)
			}
			var got, best float64
			for y := range 4 {
				for x := range 16 {
					px := pixelsOf(f, x, y)
					got += cellError(px, canvas.At(x, y))
					best += leastError(px, masks)
				}
			}
			if got > best*1.002 {
				t.Errorf("the error is %.0f, the least is %.0f", got, best)
			}
			if got < best*.999 {
				t.Errorf("the error is %.0f, less than the least, %.0f: the measure is wrong", got, best)
			}
		})
	}
}

func quadrantRunes() []rune {
	var r []rune
	for p := range 8 {
		r = append(r, cell.OctantRunes[quadrants.shape[p]])
	}
	return r
}

func blockRunes() []rune {
	r := append(append([]rune(nil), cell.OctantRunes[:]...), cell.SextantRunes[:]...)
	for _, e := range cell.ExtraRunes {
		r = append(r, e[0])
	}
	return r
}

// maskFor is the mask of any picture rune, by its form alone.
func maskFor(r rune) mask {
	for i, o := range cell.OctantRunes {
		if o == r {
			return latticeMaskFor(octants, i)
		}
	}
	for i, s := range cell.SextantRunes {
		if s == r {
			return latticeMaskFor(sextants, i)
		}
	}
	for _, e := range cell.ExtraRunes {
		if e[0] == r {
			return maskOf(cell.ExtraRegion(r))
		}
	}
	m := maskFor(turnedRune(r))
	for i := range m {
		m[i] = opaque - m[i]
	}
	return m
}

func turnedRune(r rune) rune {
	for _, e := range cell.ExtraRunes {
		if e[1] == r {
			return e[0]
		}
	}
	return ' '
}

func latticeMaskFor(l *glyphGrid, pattern int) mask {
	return maskOf(func(x, y float64) bool {
		for i := range l.subs {
			if pattern>>i&1 == 1 && l.region(i)(x, y) {
				return true
			}
		}
		return false
	})
}

// region is sub-cell i, whole pixels of 8x16.
func (l *glyphGrid) region(i int) cell.Region {
	x, y := i%len(l.xs), i/len(l.xs)
	right, bottom := 8, 16
	if x+1 < len(l.xs) {
		right = l.xs[x+1]
	}
	if y+1 < len(l.ys) {
		bottom = l.ys[y+1]
	}
	return cell.Box(float64(l.xs[x])/8, float64(l.ys[y])/16, float64(right)/8, float64(bottom)/16)
}

type pixels [cellPixels][3]float64

func pixelsOf(f *frame.Frame, x, y int) (px pixels) {
	for i := range px {
		p := f.Pix[((y*16+i/8)*f.Width+x*8+i%8)*3:]
		px[i] = [3]float64{float64(p[0]), float64(p[1]), float64(p[2])}
	}
	return px
}

func cellError(px pixels, c Cell) (e float64) {
	r := ' '
	if c.Glyph&cell.KindMask == cell.KindShape {
		s := cell.Shapes[c.Glyph&^cell.KindMask]
		r = []rune(s.String())[0]
	}
	m := maskFor(r)
	fg, bg := c.FG, c.BG
	for i, p := range px {
		a := float64(m[i]) / opaque
		for ch := range 3 {
			v := float64(channel(fg, ch))*a + float64(channel(bg, ch))*(1-a) - p[ch]
			e += v * v
		}
	}
	return e
}

// leastError tries every mask, by least squares in floating point.
func leastError(px pixels, masks map[rune]mask) float64 {
	least := 1e18
	for _, m := range masks {
		var aa, ab, bb, e float64
		for i := range m {
			a := float64(m[i]) / opaque
			aa, ab, bb = aa+a*a, ab+a*(1-a), bb+(1-a)*(1-a)
		}
		for ch := range 3 {
			var sa, sb, pp float64
			for i, p := range px {
				a := float64(m[i]) / opaque
				sa, sb, pp = sa+a*p[ch], sb+(1-a)*p[ch], pp+p[ch]*p[ch]
			}
			f, b := sb/bb, sb/bb
			if det := aa*bb - ab*ab; det > 1e-6 {
				f, b = (sa*bb-sb*ab)/det, (sb*aa-sa*ab)/det
			}
			if f < 0 || f > 255 {
				f = min(max(f, 0), 255)
				b = (sb - f*ab) / bb
			}
			if b < 0 || b > 255 {
				b = min(max(b, 0), 255)
				f = min(max((sa-b*ab)/max(aa, 1e-9), 0), 255)
			}
			e += pp - 2*f*sa - 2*b*sb + f*f*aa + 2*f*b*ab + b*b*bb
		}
		least = min(least, e)
	}
	return least
}

// BenchmarkSearch searches a row of 160 cells, by vectors where the machine has them and in plain Go.
func BenchmarkSearch(b *testing.B) {
	const cols = 160
	l, s, t := octants, letterSet(), blockTable()
	samples := call(cols*8, 16, 1)
	pixels := make([]byte, 0, cols*cellPixels*4)
	for i := 0; i < len(samples.Pix); i += 3 {
		pixels = append(pixels, samples.Pix[i], samples.Pix[i+1], samples.Pix[i+2], 0)
	}
	px, best, sums := make([]uint32, cols*cellStride), make([]uint32, cols), make([]maskSum, cols*len(s.masks))
	l.gather(px, pixels, cols)
	run := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
	}
	run("octant/best", func() { l.searchRow(best, px) })
	run("octant/plain", func() { l.searchPlain(best, px) })
	run("letters/best", func() { s.searchRow(best, sums, pixels) })
	run("letters/plain", func() { s.searchPlain(best, sums, pixels) })
	var g cornerGroup
	run("blocks/best", func() {
		for i := 0; i < cols; i += 8 {
			g.search(t, pixels[i*8*4:], cols*8*4, 8)
		}
	})
	run("blocks/plain", func() {
		for i := 0; i < cols; i += 8 {
			g.searchPlain(t, pixels[i*8*4:], cols*8*4, 8)
		}
	})
}
