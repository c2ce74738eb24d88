package render

import (
	"math"

	"acip/render/internal/cell"
	"acip/render/internal/paint"
)

const (
	cellPixels = 8 * 16 // the geometry in which masks are exact
	opaque     = 64     // the mask of a pixel that is all foreground
)

// mask is how much of each pixel of a cell of 8x16 is foreground, 0…opaque, row by row.
type mask [cellPixels]uint8

// maskOf samples a region 8x8 times a pixel.
func maskOf(in cell.Region) (m mask) {
	for i := range m {
		for s := range 64 {
			x, y := float64(i%8)+(float64(s%8)+.5)/8, float64(i/8)+(float64(s/8)+.5)/8
			if in(x/8, y/16) {
				m[i]++
			}
		}
	}
	return m
}

// maskSet is a set of glyphs that are told apart by their masks alone. Masks beyond the glyphs are only summed; the
// last one covers everything.
type maskSet struct {
	glyphs []Glyph
	masks  []mask // a multiple of eight
	table  []maskWeight
	fits   []leastSquares
	forms  []form      // the masks as plain Go sums them
	laid   []byte      // and as the vector pass does
	groups []maskGroup // the table, likewise
}

// maskWeight is what the search needs of a mask: its sum, and what the square of a centred sum gains.
type maskWeight struct {
	area   int32
	weight float32
}

// leastSquares are the products of a mask a and its complement b, in pixels: what the best two colours depend on.
type leastSquares struct{ aa, ab, bb, det float32 }

// maskGroup is the table of eight masks as the vector pass reads it: each mask's area four times, then weights and
// numbers, the even ones first.
type maskGroup struct {
	area   [32]int32
	weight [8]float32
	number [8]uint32
}

// newMaskSet makes the tables. Masks without a glyph are only summed.
func newMaskSet(glyphs []Glyph, masks []mask) *maskSet {
	s := &maskSet{glyphs: glyphs, masks: masks}
	for len(s.masks)%8 != 7 {
		s.masks = append(s.masks, mask{})
	}
	s.masks = append(s.masks, maskOf(cell.Box(0, 0, 1, 1)))
	for i := range s.masks {
		q := fitOf(&s.masks[i])
		w := maskWeight{}
		for _, v := range s.masks[i] {
			w.area += int32(v)
		}
		if i < len(glyphs) && q.det > 1e-6 {
			w.weight = float32(1 / (cellPixels * opaque * opaque * float64(q.det))) // the sums are cellPixels*opaque times too large
		}
		s.table = append(s.table, w)
		s.fits = append(s.fits, q)
		s.forms = append(s.forms, formOf(&s.masks[i]))
	}
	s.layOut()
	return s
}

// fitOf multiplies out a mask.
func fitOf(m *mask) leastSquares {
	var aa, ab, bb float64
	for _, v := range m {
		a := float64(v) / opaque
		aa, ab, bb = aa+a*a, ab+a*(1-a), bb+(1-a)*(1-a)
	}
	return leastSquares{float32(aa), float32(ab), float32(bb), float32(aa*bb - ab*ab)}
}

// layOut puts masks and table in the vector passes' order: of every four rows first the left four pixels, then the right.
func (s *maskSet) layOut() {
	for i := range s.masks {
		for k := range cellPixels {
			quarter, half, row, x := k/32, k/16%2, k/4%4, k%4
			s.laid = append(s.laid, s.masks[i][(quarter*4+row)*8+half*4+x])
		}
	}
	for first := 0; first < len(s.glyphs); first += 8 {
		var g maskGroup
		for k := range 8 {
			w := s.table[first+k]
			for i := range 4 {
				g.area[k*4+i] = w.area
			}
			lane := k/2 + k%2*4
			g.weight[lane], g.number[lane] = w.weight, uint32(first+k)
		}
		s.groups = append(s.groups, g)
	}
}

// maskSum is the pixels of a cell under one mask: red, green, blue, each times opaque.
type maskSum [4]int32

// packed are three channels side by side, 21 bits each, which is just what a whole cell under a mask needs.
type packed uint64

// whole returns the sum of all pixels, from that under the mask that covers everything.
func (m maskSum) whole() maskSum { return maskSum{m[0] / opaque, m[1] / opaque, m[2] / opaque, 0} }

// pack spreads a pixel as samples hold it.
func pack(p uint32) packed {
	return packed(p&0xff) | packed(p&0xff00)<<13 | packed(p&0xff0000)<<26
}

func (p packed) sum() maskSum {
	const m = 1<<21 - 1
	return maskSum{int32(p & m), int32(p >> 21 & m), int32(p >> 42 & m), 0}
}

// scores of masks carry the mask's number in their lowest bits.
const maxMasks = 128

// best returns the mask with the greatest score: what its two best colours save over one, were colours not limited to
// 0…255.
func (s *maskSet) best(sums []maskSum, total maskSum) uint32 {
	var best uint32
	for i := range len(s.groups) * 8 {
		best = max(best, s.score(i, &sums[i], total))
	}
	return best
}

func (s *maskSet) score(i int, sum *maskSum, total maskSum) uint32 {
	w := s.table[i]
	r := float32(cellPixels*sum[0] - w.area*total[0])
	g := float32(cellPixels*sum[1] - w.area*total[1])
	b := float32(cellPixels*sum[2] - w.area*total[2])
	d := float32(float32(r*r)+float32(g*g)) + float32(b*b)
	return math.Float32bits(d*w.weight)&^(maxMasks-1) | uint32(i)
}

// pair is two colours and what they leave of the squared error, without the squares of the pixels themselves.
type pair struct {
	fg, bg Paint
	error  float32
}

// solve finds the best two colours under mask i: least squares, clamped to 0…255 one after the other, rounded, or
// brought to the nearest inks.
func (s *maskSet) solve(i int, sum *maskSum, total maskSum, ink ink) (p pair) {
	q := &s.fits[i]
	p.fg, p.bg = paint.KindRGB, paint.KindRGB
	for ch := range 3 {
		a := float32(sum[ch]) / opaque
		b := float32(total[ch]) - a
		f, g := q.colors(a, b)
		p.error += q.error(a, b, f, g)
		p.fg |= Paint(f) << (16 - 8*ch)
		p.bg |= Paint(g) << (16 - 8*ch)
	}
	if ink != nil {
		p.fg, p.bg = inked(p.fg, ink), inked(p.bg, ink)
		p.error = s.errorOf(i, sum, total, p.fg.Resolve(), p.bg.Resolve())
	}
	return p
}

func inked(p Paint, ink ink) Paint {
	r, g, b := p.RGB()
	return ink(int32(r), int32(g), int32(b))
}

// colors solves one channel: a and b are the sums of the pixels under the mask and under its complement.
func (q *leastSquares) colors(a, b float32) (fg, bg float32) {
	if q.det < 1e-6 {
		v := (a + b) / cellPixels
		return round(v), round(v)
	}
	fg, bg = (a*q.bb-b*q.ab)/q.det, (b*q.aa-a*q.ab)/q.det
	if fg < 0 || fg > 255 {
		fg = min(max(fg, 0), 255)
		bg = (b - fg*q.ab) / q.bb
	}
	if bg < 0 || bg > 255 {
		bg = min(max(bg, 0), 255)
		fg = min(max((a-bg*q.ab)/q.aa, 0), 255)
	}
	return round(fg), round(bg)
}

func (q *leastSquares) error(a, b, fg, bg float32) float32 {
	return fg*(fg*q.aa-2*a) + bg*(bg*q.bb-2*b) + 2*fg*bg*q.ab
}

// errorOf returns the error that colours leave that were not made for these pixels.
func (s *maskSet) errorOf(i int, sum *maskSum, total maskSum, fg, bg Paint) (e float32) {
	for ch := range 3 {
		a := float32(sum[ch]) / opaque
		e += s.fits[i].error(a, float32(total[ch])-a, channel(fg, ch), channel(bg, ch))
	}
	return e
}

func channel(p Paint, ch int) float32 { return float32(p >> (16 - 8*ch) & 0xff) }

func round(v float32) float32 { return float32(int32(v + .5)) }
