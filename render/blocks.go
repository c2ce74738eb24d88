package render

import (
	"sync"

	"acip/frame"
)

// The blocks set is all octants, all sextants and the extras. The sub-cells of both lattices are summed as masks beside
// the extras, so that one pass over a cell's pixels serves the whole set.
const (
	extraCount   = 57
	octantMask   = extraCount     // eight masks, one for each octant
	sextantMask  = octantMask + 8 // and six
	blockMasks   = sextantMask + 6
	blockSumming = 72 // padded
)

// blockSet is made when it is first asked for: sampling the wedges takes a few milliseconds.
var blockSet = sync.OnceValue(func() *maskSet {
	var glyphs []Glyph
	var masks []mask
	for i, r := range extraRunes {
		glyphs = append(glyphs, glyphShape|Glyph(extraShapes+2*i))
		masks = append(masks, maskOf(extraRegion(r[0])))
	}
	for _, l := range []*lattice{octants, sextants} {
		for i := range l.subs {
			masks = append(masks, maskOf(l.region(i)))
		}
	}
	return newMaskSet(glyphs, masks)
})

// region is sub-cell i, whole pixels of 8x16.
func (l *lattice) region(i int) region {
	x, y := i%len(l.xs), i/len(l.xs)
	right, bottom := 8, 16
	if x+1 < len(l.xs) {
		right = l.xs[x+1]
	}
	if y+1 < len(l.ys) {
		bottom = l.ys[y+1]
	}
	return box(float64(l.xs[x])/8, float64(l.ys[y])/16, float64(right)/8, float64(bottom)/16)
}

// blockPainter paints with every block glyph there is.
type blockPainter struct {
	set *maskSet
	ink ink // nil for truecolor
	// joint find patterns and inks together, where there is an ink.
	joint [2]*jointPainter
	sums  []maskSum // blockSumming a cell
	best  []uint32
	px    []uint32 // sub-cells of both lattices: first all octants of a row, then all sextants
	found []uint32 // patterns of both
}

func newBlockPainter(c Color) *blockPainter {
	p := &blockPainter{set: blockSet(), ink: inkOf(c)}
	if p.ink != nil {
		p.joint = [2]*jointPainter{newJointPainter(octants, c), newJointPainter(sextants, c)}
	}
	return p
}

func (*blockPainter) axes(cols, rows int) (x, y frame.Axis) { return pixelAxes(cols, rows) }

// pixelAxes samples cells of 8x16 pixels.
func pixelAxes(cols, rows int) (x, y frame.Axis) {
	return frame.Even(cols * 8), frame.Even(rows * 16)
}

func (p *blockPainter) row(dst []Cell, gain []float32, samples []byte, shown []Cell, _, _ int) {
	n := len(dst)
	if len(p.best) < n {
		p.sums, p.best = make([]maskSum, n*blockSumming), make([]uint32, n)
		p.px, p.found = make([]uint32, 2*n*pitch), make([]uint32, 2*n)
	}
	p.set.searchRow(p.best[:n], p.sums, samples)
	for i := range n {
		sums := p.sums[i*blockSumming:][:blockSumming]
		subPixels(p.px[i*pitch:][:8], sums[octantMask:], octants)
		subPixels(p.px[(n+i)*pitch:][:6], sums[sextantMask:], sextants)
	}
	if p.ink == nil {
		octants.searchRow(p.found[:n], p.px)
		sextants.searchRow(p.found[n:2*n], p.px[n*pitch:])
	}
	for i := range dst {
		gain[i] = p.finish(&dst[i], i, n, &shown[i])
	}
}

// subPixels makes the means of sub-cells from their sums.
func subPixels(dst []uint32, sums []maskSum, l *lattice) {
	for i := range dst {
		k := subReciprocals[l.area[i]&7]
		s := &sums[i]
		dst[i] = uint32(s[0])*k>>18 | uint32(s[1])*k>>18<<8 | uint32(s[2])*k>>18<<16
	}
}

// subReciprocals divide a sum under opaque by an area of n times 4 pixels.
var subReciprocals = [8]uint32{4: 1 << 18 / (16 * opaque), 5: 1<<18/(20*opaque) + 1, 6: 1<<18/(24*opaque) + 1}

// finish compares the best of the three kinds by what their colours really leave.
func (p *blockPainter) finish(d *Cell, i, n int, shown *Cell) (gain float32) {
	sums := p.sums[i*blockSumming:][:blockSumming]
	total := sums[blockSumming-1].whole()
	best, glyph := p.set.choose(sums, total, int(p.best[i]&(maxMasks-1)), p.ink)
	for k, l := range []*lattice{octants, sextants} {
		pattern, q := p.pattern(k, l, k*n+i, sums[latticeMask[k]:], total)
		if q.error < best.error {
			best, glyph = q, Glyph(l.shape[pattern])
		}
	}
	if !d.paint(glyph&^glyphKind, best.fg, best.bg, shown) {
		return 0
	}
	if e, ok := p.errorOf(shown, sums, total); ok {
		return (e - best.error) * (1. / (3 * cellPixels))
	}
	return anew
}

// pattern is the best pattern of one of the lattices, and its colours.
func (p *blockPainter) pattern(k int, l *lattice, at int, sums []maskSum, total maskSum) (uint32, pair) {
	if p.ink == nil {
		return p.found[at], l.solve(p.found[at], sums, total)
	}
	q := p.joint[k].best(p.px[at*pitch:][:pitch])
	return q.pattern, pair{q.fg, q.bg, l.errorOf(q.pattern, sums, total, q.fg.rgb(), q.bg.rgb())}
}

var latticeMask = [2]int{octantMask, sextantMask}

// solve finds the two means of a pattern from the sums of its sub-cells.
func (l *lattice) solve(pattern uint32, sums []maskSum, total maskSum) (p pair) {
	in := l.under(pattern, sums)
	n := float32(l.filled[pattern]) * 4
	p.fg, p.bg = paintRGB, paintRGB
	for ch := range 3 {
		a := float32(in[ch]) / opaque
		b := float32(total[ch]) - a
		g := round(b / (cellPixels - n))
		f := g
		if n > 0 {
			f = round(a / n)
		}
		p.error += f*(f*n-2*a) + g*(g*(cellPixels-n)-2*b)
		p.fg |= Paint(f) << (16 - 8*ch)
		p.bg |= Paint(g) << (16 - 8*ch)
	}
	return p
}

// under sums the sub-cells of a pattern.
func (l *lattice) under(pattern uint32, sums []maskSum) (in maskSum) {
	for i := range l.subs {
		k := -int32(pattern >> i & 1)
		in[0] += sums[i][0] & k
		in[1] += sums[i][1] & k
		in[2] += sums[i][2] & k
	}
	return in
}

// errorOf is the error of what is shown, if that is a block.
func (p *blockPainter) errorOf(c *Cell, sums []maskSum, total maskSum) (float32, bool) {
	if !c.isPaint(paintKindOf(p.ink)) {
		return 0, false
	}
	fg, bg := c.FG.rgb(), c.BG.rgb()
	if c.Glyph == blank {
		return octants.errorOf(0, sums[octantMask:], total, bg, bg), true
	}
	if c.Glyph&glyphKind != glyphShape {
		return 0, false
	}
	shape := int(c.Glyph &^ glyphKind)
	if i := (shape - extraShapes) / 2; shape >= extraShapes && i < extraCount {
		return p.set.errorOf(i, &sums[i], total, fg, bg), true
	}
	for k, l := range []*lattice{octants, sextants} {
		if pattern := l.pattern[shape]; pattern > 0 {
			return l.errorOf(uint32(pattern), sums[latticeMask[k]:], total, fg, bg), true
		}
	}
	return 0, false
}

func (l *lattice) errorOf(pattern uint32, sums []maskSum, total maskSum, fg, bg Paint) (e float32) {
	in := l.under(pattern, sums)
	n := float32(l.filled[pattern]) * 4
	for ch := range 3 {
		a := float32(in[ch]) / opaque
		f, g := channel(fg, ch), channel(bg, ch)
		e += f*(f*n-2*a) + g*(g*(cellPixels-n)-2*(float32(total[ch])-a))
	}
	return e
}
