package render

import (
	"acip/frame"
	"acip/render/internal/paint"
)

// jointPainter paints the patterns of a glyph grid in the colours of a palette, both chosen together: for each pattern
// the nearest ink of the foreground, then the ink of the background that makes up for what the first one lacks, and the
// other way round.
type jointPainter struct {
	*glyphGrid
	ink    ink
	spread float32 // how much the cell's mean counts beside its pixels: what dithers, inside each cell and nowhere else
	px     []uint32
}

// How much the mean of a cell counts. More makes flat colours truer from afar and costs squared error from near; what
// is given costs 0.02 dB of it in 256 colours. With sixteen the inks are so far apart that afar is all there is.
const (
	spread256 = 0.06
	spread16  = 2
)

func newJointPainter(l *glyphGrid, c Color) *jointPainter {
	p := &jointPainter{glyphGrid: l, ink: inkOf(c), spread: spread256}
	if c == Color16 {
		p.spread = spread16
	}
	return p
}

func (p *jointPainter) axes(cols, rows int) (x, y frame.Axis) { return p.glyphGrid.axes(cols, rows) }

func (p *jointPainter) row(dst []Cell, gain []float32, samples []byte, shown []Cell, _, _ int) {
	n := len(dst)
	if len(p.px) < n*p.cellStride {
		p.px = make([]uint32, n*p.cellStride)
	}
	p.gather(p.px, samples, n)
	for i := range dst {
		px := p.px[i*p.cellStride:][:p.cellStride]
		best := p.best(px)
		if gain[i] = 0; dst[i].Draw(Glyph(p.shape[best.pattern]), best.fg, best.bg, &shown[i]) {
			gain[i] = p.gain(&shown[i], px, best.cost)
		}
	}
}

// gain returns the error that best saves against shown.
func (p *jointPainter) gain(shown *Cell, px []uint32, cost float32) float32 {
	pattern, ok := p.patternOf(shown, paint.KindIndexed)
	if !ok {
		return incomparable
	}
	in, _, all := p.split(px, pattern, 0)
	fg := shown.FG
	if pattern == 0 {
		fg = shown.BG
	}
	was := p.cost(in, all, p.filled[pattern], fg, shown.BG)
	return (was - cost) * (1. / (3 * cellArea))
}

// joint is a pattern, its inks, and what they cost.
type joint struct {
	pattern uint32
	fg, bg  Paint
	cost    float32
}

// best looks at every pattern. What its exact means would leave is a bound that most patterns fail, once one is known.
func (p *jointPainter) best(px []uint32) joint {
	var d [maxSubs][3]int32
	p.deviations(px, &d)
	first := p.search(px)
	in, _, all := p.split(px, first, 0)
	flatError := -float32(paint.Square(all.r())+paint.Square(all.g())+paint.Square(all.b())) / cellArea
	best := p.inks(first, in, all)
	var sum [3]int32
	in = 0
	gray := uint32(0)
	for i := uint32(0); i < 1<<(p.subs-1); i++ {
		if i > 0 {
			bit := trailingZeros(i)
			v := spread(px[bit]) * sums(p.area[bit])
			if gray ^= 1 << bit; gray>>bit&1 == 1 {
				sum, in = add3(&sum, &d[bit]), in+v
			} else {
				sum, in = [3]int32{sum[0] - d[bit][0], sum[1] - d[bit][1], sum[2] - d[bit][2]}, in-v
			}
		}
		// Deviations are times 8, so their squares are times 64, and the weights lack a factor of cellArea.
		if flatError-float32(dot3(&sum, &sum))*p.table.weight[gray]*(cellArea/64.) < best.cost {
			if q := p.inks(gray, in, all); q.cost < best.cost {
				best = q
			}
		}
	}
	return best
}

// inks returns the best inks for a pattern.
func (p *jointPainter) inks(pattern uint32, in, all sums) joint {
	n := p.filled[pattern]
	out := all - in
	if n == 0 {
		c := p.nearest(out, cellArea, 0, 0, 0)
		return joint{0, c, c, p.cost(0, all, 0, c, c)}
	}
	a := joint{pattern: pattern}
	a.fg = p.nearest(in, n, 0, 0, 0)
	a.bg = p.compensate(out, in, n, a.fg)
	a.cost = p.cost(in, all, n, a.fg, a.bg)
	b := joint{pattern: pattern}
	b.bg = p.nearest(out, cellArea-n, 0, 0, 0)
	b.fg = p.compensate(in, out, cellArea-n, b.bg)
	if b.cost = p.cost(in, all, n, b.fg, b.bg); b.cost < a.cost {
		return b
	}
	return a
}

// compensate returns the ink for one part when the other, of n units that sum up to s, got ink c: its share of the
// error goes to the other side.
func (p *jointPainter) compensate(part, s sums, n uint8, c Paint) Paint {
	m := float32(cellArea - n)
	k := p.spread / cellArea / (1 + p.spread*m/cellArea)
	r, g, b := c.RGB()
	return p.nearest(part, cellArea-n,
		int32(k*float32(s.r()-int32(n)*int32(r))), int32(k*float32(s.g()-int32(n)*int32(g))), int32(k*float32(s.b()-int32(n)*int32(b))))
}

// nearest returns the ink nearest to the mean of n units that sum up to s, moved by dr, dg, db.
func (p *jointPainter) nearest(s sums, n uint8, dr, dg, db int32) Paint {
	r, g, b := s.mean(n).RGB()
	return p.ink(clamp(int32(r)+dr), clamp(int32(g)+dg), clamp(int32(b)+db))
}

func clamp(v int32) int32 { return min(max(v, 0), 255) }

// cost returns the squared error of both parts, and that of the whole cell's mean.
func (p *jointPainter) cost(in, all sums, n uint8, fg, bg Paint) float32 {
	f, b := fg.Resolve(), bg.Resolve()
	e := in.part(n, f) + (all-in).part(cellArea-n, b)
	var mean float32
	for shift := 0; shift <= 16; shift += 8 {
		have := int32(n)*int32(f>>shift&0xff) + int32(cellArea-n)*int32(b>>shift&0xff)
		mean += float32(paint.Square(have - all.channel(shift)))
	}
	return float32(e) + mean*p.spread/cellArea
}
