package render

import (
	"math"
	"sync"

	"acip/frame"
	"acip/render/internal/cell"
	"acip/render/internal/paint"
)

// The blocks set is all octants, all sextants and the extras.
const extraCount = 57

var blockGrids = [2]*glyphGrid{octants, sextants}

// blockTable is made when it is first asked for: sampling the wedges takes a few milliseconds.
var blockTable = sync.OnceValue(func() *cornerTable {
	var glyphs []Glyph
	var masks []mask
	for i, r := range cell.ExtraRunes {
		glyphs = append(glyphs, cell.KindShape|Glyph(cell.ExtraShapes+2*i))
		masks = append(masks, maskOf(cell.ExtraRegion(r[0])))
	}
	return newCornerTable(newMaskSet(glyphs, masks))
})

// blockPainter paints with every block glyph there is.
type blockPainter struct {
	table *cornerTable
	ink   ink // nil for truecolor
	// joint find patterns and inks together if there is an ink.
	joint [2]*jointPainter
	group cornerGroup
	found [2][8]uint32 // patterns of both grids
	sums  []maskSum
}

func newBlockPainter(c Color) *blockPainter {
	p := &blockPainter{table: blockTable(), ink: inkOf(c)}
	p.sums = make([]maskSum, extraCount)
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
	for from := 0; from < n; from += 8 {
		first, count := from, min(n-from, 8)
		if n >= 8 { // the last ones come in a whole group too
			first, count = min(from, n-8), 8
		}
		p.group.search(p.table, samples[first*8*4:], n*8*4, count)
		if p.ink == nil {
			for k, l := range blockGrids {
				l.searchRow(p.found[k][:count], p.group.px[k][:])
			}
		}
		for lane := from - first; lane < count; lane++ {
			i := first + lane
			gain[i] = p.finish(&dst[i], lane, &shown[i])
		}
	}
}

// finish paints the best of all kinds, and says what that gains.
func (p *blockPainter) finish(d *Cell, lane int, shown *Cell) (gain float32) {
	total := p.group.sub(wholeCell, lane)
	var best pair
	var glyph Glyph
	if p.ink == nil {
		best, glyph = p.best(lane, total)
	} else {
		best, glyph = p.inked(lane, total)
	}
	if !d.Draw(glyph&^cell.KindMask, best.fg, best.bg, shown) {
		return 0
	}
	if e, ok := p.errorOf(shown, lane, total); ok {
		return (e - best.error) * (1. / (3 * cellPixels))
	}
	return incomparable
}

// roundingLoss is more than rounding two colours of a cell adds to its error.
const roundingLoss = 3*cellPixels/4 + 4

// best compares the best of the three kinds by what their colours really leave. What exact means would save is a bound
// that mostly leaves one kind.
func (p *blockPainter) best(lane int, total sums) (best pair, glyph Glyph) {
	var in [2]sums
	var bound [2]float32
	for k, l := range blockGrids {
		in[k] = p.sumUnder(k, p.found[k][lane], lane)
		bound[k] = l.gain(p.found[k][lane], in[k], total)
	}
	all := maskSum{total.r(), total.g(), total.b()}
	flat := flatError(all)
	best.error = math.MaxFloat32
	mask := math.Float32frombits(p.group.best[lane] &^ (maxMasks - 1))
	if mask*(1+1./(1<<15))+roundingLoss >= max(bound[0], bound[1]) {
		best, glyph = p.mask(int(p.group.best[lane]&(maxMasks-1)), lane, all)
	}
	for k, l := range blockGrids {
		if flat-bound[k] > best.error {
			continue
		}
		if q := l.solve(p.found[k][lane], in[k], total); q.error < best.error {
			best, glyph = q, Glyph(l.shape[p.found[k][lane]])
		}
	}
	return best, glyph
}

// mask returns the best mask and its colours, first being the one with the greatest score.
func (p *blockPainter) mask(first, lane int, total maskSum) (pair, Glyph) {
	set := p.table.set
	if p.ink == nil {
		sum := p.group.sumUnder(p.table, first, lane, total)
		if q := set.solve(first, &sum, total, nil); !q.limited() {
			return q, set.glyphs[first]
		}
	}
	for i := range p.sums {
		p.sums[i] = p.group.sumUnder(p.table, i, lane, total)
	}
	return set.choose(p.sums, total, first, p.ink)
}

// inked is best if there is an ink: each kind finds its own.
func (p *blockPainter) inked(lane int, total sums) (pair, Glyph) {
	all := maskSum{total.r(), total.g(), total.b()}
	best, glyph := p.mask(int(p.group.best[lane]&(maxMasks-1)), lane, all)
	for k, l := range blockGrids {
		q := p.joint[k].best(p.group.px[k][lane*cellStride:][:cellStride])
		e := l.errorOf(q.pattern, p.sumUnder(k, q.pattern, lane), total, q.fg.Resolve(), q.bg.Resolve())
		if e < best.error {
			best, glyph = pair{q.fg, q.bg, e}, Glyph(l.shape[q.pattern])
		}
	}
	return best, glyph
}

// sumUnder sums the sub-cells of a pattern of one of the grids.
func (p *blockPainter) sumUnder(k int, pattern uint32, lane int) (in sums) {
	first := k * firstSextant
	for i := range blockGrids[k].subs {
		in += p.group.sub(first+i, lane) & -sums(pattern>>i&1)
	}
	return in
}

// gain returns what the exact means of a pattern save over one colour.
func (l *glyphGrid) gain(pattern uint32, in, total sums) float32 {
	n := int32(l.filled[pattern]) * 4
	r := float32(cellPixels*in.r() - n*total.r())
	g := float32(cellPixels*in.g() - n*total.g())
	b := float32(cellPixels*in.b() - n*total.b())
	return (r*r + g*g + b*b) * l.table.weight[pattern] * (1. / (16 * cellPixels))
}

// solve finds the two means of a pattern, of which the pixels sum up to in.
func (l *glyphGrid) solve(pattern uint32, in, total sums) (p pair) {
	n := float32(l.filled[pattern]) * 4
	p.fg, p.bg = paint.KindRGB, paint.KindRGB
	for shift := 0; shift <= 16; shift += 8 {
		a := float32(in.channel(shift))
		b := float32(total.channel(shift)) - a
		g := round(b / (cellPixels - n))
		f := g
		if n > 0 {
			f = round(a / n)
		}
		p.error += f*(f*n-2*a) + g*(g*(cellPixels-n)-2*b)
		p.fg |= Paint(f) << shift
		p.bg |= Paint(g) << shift
	}
	return p
}

// errorOf returns the error of what is shown, if that is a block.
func (p *blockPainter) errorOf(c *Cell, lane int, total sums) (float32, bool) {
	if !c.IsPaint(paintKindOf(p.ink)) {
		return 0, false
	}
	fg, bg := c.FG.Resolve(), c.BG.Resolve()
	if c.Glyph == cell.Blank {
		return octants.errorOf(0, 0, total, bg, bg), true
	}
	if c.Glyph&cell.KindMask != cell.KindShape {
		return 0, false
	}
	shape := int(c.Glyph &^ cell.KindMask)
	if i := (shape - cell.ExtraShapes) / 2; shape >= cell.ExtraShapes && i < extraCount {
		all := maskSum{total.r(), total.g(), total.b()}
		sum := p.group.sumUnder(p.table, i, lane, all)
		return p.table.set.errorOf(i, &sum, all, fg, bg), true
	}
	for k, l := range blockGrids {
		if pattern := uint32(l.pattern[shape]); pattern > 0 {
			return l.errorOf(pattern, p.sumUnder(k, pattern, lane), total, fg, bg), true
		}
	}
	return 0, false
}

// errorOf returns the error of a pattern, of which the pixels sum up to in, in two colours.
func (l *glyphGrid) errorOf(pattern uint32, in, total sums, fg, bg Paint) (e float32) {
	n := float32(l.filled[pattern]) * 4
	for shift := 0; shift <= 16; shift += 8 {
		a := float32(in.channel(shift))
		f, g := float32(fg>>shift&0xff), float32(bg>>shift&0xff)
		e += f*(f*n-2*a) + g*(g*(cellPixels-n)-2*(float32(total.channel(shift))-a))
	}
	return e
}
