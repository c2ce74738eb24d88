package render

import (
	"acip/frame"
	"acip/render/internal/cell"
	"acip/render/internal/paint"
)

// gridPainter paints the patterns of a glyph grid in truecolor.
type gridPainter struct {
	*glyphGrid
	px   []uint32 // the row's sub-cells, cellStride a cell
	best []uint32 // the pattern of each cell
}

func (p *gridPainter) axes(cols, rows int) (x, y frame.Axis) { return p.glyphGrid.axes(cols, rows) }

func (p *gridPainter) row(dst []Cell, gain []float32, samples []byte, shown []Cell, _, _ int) {
	n := len(dst)
	if len(p.best) < n {
		p.px, p.best = make([]uint32, n*p.cellStride), make([]uint32, n)
	}
	p.gather(p.px, samples, n)
	p.searchRow(p.best[:n], p.px)
	done := 0
	if hasCellVector && len(p.xs) == 2 && n >= 8 {
		done = n &^ 7
		finishGridVector(dst[:done], gain, samples, p.best, shown, p.glyphGrid, n)
	}
	p.finishPlain(dst[done:], gain[done:], p.px[done*p.cellStride:], p.best[done:], shown[done:])
}

// finishPlain finishes cells one at a time; the vector one agrees with it bit by bit.
func (p *gridPainter) finishPlain(dst []Cell, gain []float32, px, best []uint32, shown []Cell) {
	for i := range dst {
		gain[i] = p.finish(&dst[i], px[i*p.cellStride:][:p.cellStride], best[i], &shown[i])
	}
}

// finish gives a pattern its colours, and compares it with what is shown.
func (p *gridPainter) finish(d *Cell, px []uint32, pattern uint32, shown *Cell) (gain float32) {
	pattern &= maxPatterns - 1
	was, comparable := p.patternOf(shown, paint.KindRGB)
	in, shownIn, all := p.split(px, pattern, was)
	n := p.filled[pattern]
	bg := (all - in).mean(cellArea - n)
	fg := bg
	if n > 0 {
		fg = in.mean(n)
	}
	if !d.Draw(Glyph(p.shape[pattern]), fg, bg, shown) {
		return 0
	}
	if !comparable {
		return incomparable
	}
	least := in.part(n, fg) + (all-in).part(cellArea-n, bg)
	n = p.filled[was]
	error := shownIn.part(n, shown.FG) + (all-shownIn).part(cellArea-n, shown.BG)
	return float32(error-least) * (1. / (3 * cellArea))
}

// split sums the sub-cells of two patterns, and all.
func (l *glyphGrid) split(px []uint32, p, q uint32) (inP, inQ, all sums) {
	area := l.area[:len(px)]
	for i, v := range px {
		s := spread(v) * sums(area[i])
		all += s
		inP += s & -sums(p&1)
		inQ += s & -sums(q&1)
		p, q = p>>1, q>>1
	}
	return inP, inQ, all
}

// patternOf returns the pattern that a shown cell has; not ok if it is none of the grid's in paints of a kind.
func (l *glyphGrid) patternOf(c *Cell, kind Paint) (uint32, bool) {
	if !c.IsPaint(kind) {
		return 0, false
	}
	if c.Glyph == cell.Blank {
		return 0, true
	}
	if c.Glyph&cell.KindMask != cell.KindShape {
		return 0, false
	}
	p := l.pattern[c.Glyph&^cell.KindMask]
	return uint32(p), p > 0
}
