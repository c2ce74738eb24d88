package render

import (
	"acip/frame"
	"acip/render/internal/cell"
)

// maskPainter paints with a set of masks in colour: letters, of which each pixel's coverage counts.
type maskPainter struct {
	set   *maskSet
	color Color
	ink   ink
	sums  []maskSum
	best  []uint32
}

func newMaskPainter(s *maskSet, c Color) *maskPainter {
	return &maskPainter{set: s, color: c, ink: inkOf(c)}
}

func (*maskPainter) axes(cols, rows int) (x, y frame.Axis) { return pixelAxes(cols, rows) }

func (p *maskPainter) row(dst []Cell, gain []float32, samples []byte, shown []Cell, _, _ int) {
	n, each := len(dst), len(p.set.masks)
	if len(p.best) < n {
		p.sums, p.best = make([]maskSum, n*each), make([]uint32, n)
	}
	p.set.searchRow(p.best[:n], p.sums, samples)
	for i := range dst {
		under := p.sums[i*each:][:each]
		gain[i] = p.finish(&dst[i], under, int(p.best[i]&(maxMasks-1)), &shown[i])
	}
}

func (p *maskPainter) finish(d *Cell, sums []maskSum, first int, shown *Cell) (gain float32) {
	total := sums[len(sums)-1].whole()
	best, glyph := p.set.choose(sums, total, first, p.ink)
	if *d = cell.Flat(best.bg); best.fg != best.bg {
		*d = Cell{Glyph: glyph, FG: best.fg, BG: best.bg}
	}
	if *shown == *d {
		return 0
	}
	if i := p.set.number(shown.Glyph); i >= 0 && shown.IsPaint(paintKindOf(p.ink)) {
		fg := shown.FG
		if shown.Glyph == cell.Blank {
			fg = shown.BG
		}
		was := p.set.errorOf(i, &sums[i], total, fg.Resolve(), shown.BG.Resolve())
		return (was - best.error) * (1. / (3 * cellPixels))
	}
	return incomparable
}

// number returns the mask of a glyph, -1 if there is none.
func (s *maskSet) number(g Glyph) int {
	for i, have := range s.glyphs {
		if have == g {
			return i
		}
	}
	return -1
}
