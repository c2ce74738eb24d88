package render

import (
	"acip/frame"
	"acip/render/internal/cell"
	"acip/render/internal/paint"
)

// dotPainter paints the patterns of a glyph grid in the terminal's own two colours: each sub-cell is on or off.
//
// A sub-cell is on where its light is above a threshold that depends on its place on the screen alone, so that a
// still picture stands still, and what is on stays on until it is clearly below: noise does not make it flicker.
type dotPainter struct {
	*glyphGrid
	light  bool
	px     []uint32
	across int // sub-cells of a cell
	down   int
}

func newDotPainter(l *glyphGrid, light bool) *dotPainter {
	p := &dotPainter{glyphGrid: l, light: light, across: len(l.xs), down: len(l.ys)}
	if l == dots {
		p.across, p.down = 2, 4
	}
	return p
}

// stay is how far light must pass a threshold before a sub-cell changes.
const stay = 0.035

func (p *dotPainter) axes(cols, rows int) (x, y frame.Axis) { return p.glyphGrid.axes(cols, rows) }

func (p *dotPainter) row(dst []Cell, gain []float32, samples []byte, shown []Cell, x, y int) {
	n := len(dst)
	if len(p.px) < n*p.cellStride {
		p.px = make([]uint32, n*p.cellStride)
	}
	p.gather(p.px, samples, n)
	for i := range dst {
		was := p.shownPattern(&shown[i])
		pattern := 0
		for k := range p.across * p.down {
			threshold := paint.Bayer((x+i)*p.across+k%p.across, y*p.down+k/p.across)
			if was>>k&1 == 1 {
				threshold -= stay
			} else {
				threshold += stay
			}
			lit := luminance(p.px[i*p.cellStride+k]) > threshold
			if lit != p.light {
				pattern |= 1 << k
			}
		}
		dst[i], gain[i] = p.cell(pattern), 0
		if shown[i] != dst[i] {
			gain[i] = incomparable
		}
	}
}

// cell returns a pattern in the terminal's colours.
func (p *dotPainter) cell(pattern int) Cell {
	last := 1<<(p.across*p.down) - 1
	switch {
	case pattern == 0:
		return cell.Flat(0)
	case p.glyphGrid == dots:
		return Cell{Glyph: cell.KindShape | Glyph(p.shape[pattern])}
	case pattern > last/2:
		s := p.shape[pattern^last]
		return Cell{Glyph: cell.KindShape | Glyph(cell.Shapes[s].Turned)}
	}
	return Cell{Glyph: cell.KindShape | Glyph(p.shape[pattern])}
}

// shownPattern returns the pattern of a shown cell as light; 0 if it shows something else.
func (p *dotPainter) shownPattern(c *Cell) int {
	last := 1<<(p.across*p.down) - 1
	pattern := 0
	if c.Attr == 0 && c.FG == 0 && c.BG == 0 && c.Glyph&cell.KindMask == cell.KindShape {
		s := c.Glyph &^ cell.KindMask
		if pattern = int(p.pattern[s]); pattern == 0 && p.glyphGrid != dots {
			pattern = int(p.pattern[cell.Shapes[s].Turned]) ^ last
		}
	}
	if p.light {
		return pattern ^ last
	}
	return pattern
}

// luminance returns the light of a pixel, 0…1: sRGB made linear, weighted as the eye does.
func luminance(p uint32) float32 {
	return .2126*linear[p&0xff] + .7152*linear[p>>8&0xff] + .0722*linear[p>>16&0xff]
}
