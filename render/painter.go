package render

import (
	"math"

	"acip/frame"
)

// painter chooses cells for samples. Each glyph set and colour depth has one; it keeps what it needs between rows.
type painter interface {
	// axes divides a picture of cols by rows cells into the samples that row wants.
	axes(cols, rows int) (x, y frame.Axis)
	// row chooses the best cell for each of the samples of one row of cells, and says how much mean squared error (per
	// pixel and channel) it saves against what the terminal shows there; anew if that can't be compared with it, 0 if it
	// is the same. y is the row's place on the screen and x that of its first cell, for what depends on it.
	row(dst []Cell, gain []float32, samples []byte, shown []Cell, x, y int)
}

var anew = float32(math.Inf(1))

// paint makes c a shape in two colours, which is flat if they are the same, and reports whether that differs from what is
// shown. Fields are set and compared one by one: reading in one piece what was just written in several stalls the
// processor.
func (c *Cell) paint(shape Glyph, fg, bg Paint, shown *Cell) (differs bool) {
	g := glyphShape | shape
	if fg == bg {
		g, fg = blank, 0
	}
	c.Glyph, c.FG, c.BG, c.Attr, c.span = g, fg, bg, 0, narrow
	return shown.Glyph != g || shown.FG != fg || shown.BG != bg || shown.Attr != 0 || shown.span != narrow
}

// newPainter is the painter of a style.
func newPainter(s Style) painter {
	switch {
	case s.Glyphs == ASCII && s.Ramp != "":
		return newRampPainter(s)
	case s.Glyphs == ASCII && s.Color == Mono:
		return newToneTypist(s)
	case s.Glyphs == ASCII:
		return newMaskPainter(letterSet(), s.Color)
	case s.Color == Mono:
		return newDotPainter(latticeOf(s.Glyphs), s.Light)
	case s.Glyphs == Blocks:
		return newBlockPainter(s.Color)
	case inkOf(s.Color) != nil:
		return newJointPainter(latticeOf(s.Glyphs), s.Color)
	case latticeOf(s.Glyphs) == halves:
		return halfPainter{}
	}
	return &latticePainter{lattice: latticeOf(s.Glyphs)}
}

// latticeOf is the lattice of a glyph set.
func latticeOf(g Glyphs) *lattice {
	switch g {
	case Quadrant:
		return quadrants
	case Sextant:
		return sextants
	case Octant, Blocks:
		return octants
	case Braille:
		return dots
	}
	return halves
}

// isPaint reports whether a cell is one that a painter puts, in paints of a kind.
func (c Cell) isPaint(kind Paint) bool {
	return c.Attr == 0 && c.span == narrow && c.BG&paintKind == kind
}
