package render

import (
	"math"

	"acip/frame"
)

// painter chooses cells for samples. Each glyph set and colour depth has one; it keeps what it needs between rows.
type painter interface {
	// axes divides a picture of cols by rows cells into the samples that row wants.
	axes(cols, rows int) (x, y frame.Axis)
	// row chooses the best cell for each of the samples of one row of cells; y is the row's place on the screen and x
	// that of its first cell, for what depends on it. shown is what the terminal shows there.
	row(dst []choice, samples []byte, shown []Cell, x, y int)
}

// choice is the best cell, and how much mean squared error (per pixel and channel) it saves against what is shown;
// anew if what is shown can't be compared with it.
type choice struct {
	cell Cell
	gain float32
}

var anew = float32(math.Inf(1))

// newPainter is the painter of a style.
func newPainter(s Style) painter {
	switch s.Glyphs {
	case Quadrant:
		return &latticePainter{lattice: quadrants}
	case Sextant:
		return &latticePainter{lattice: sextants}
	case Octant:
		return &latticePainter{lattice: octants}
	case Blocks:
		return newBlockPainter()
	}
	return halfPainter{}
}

// isPaint reports whether a cell is one that a truecolor painter puts.
func (c Cell) isPaint() bool {
	return c.Attr == 0 && c.span == narrow && c.BG&paintKind == paintRGB
}
