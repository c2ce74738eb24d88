package render

import (
	"math"

	"acip/frame"
)

// painter chooses the cells for a row of samples. There is one for each glyph set and colour depth; it reuses its
// buffers between rows.
type painter interface {
	// axes divides a picture of cols by rows cells into the samples that row takes.
	axes(cols, rows int) (x, y frame.Axis)
	// row chooses the best cell for each of the samples of one row of cells. It sets gain to the mean squared error,
	// per pixel and channel, that each saves against what is shown: incomparable if that cannot be computed, 0 if
	// nothing changes. y is the row on the screen and x the column of its first cell, for painters whose result depends
	// on the position.
	row(dst []Cell, gain []float32, samples []byte, shown []Cell, x, y int)
}

// incomparable is the gain of replacing a cell that no picture drew.
var incomparable = float32(math.Inf(1))

// newPainter returns the painter for a style.
func newPainter(s Style) painter {
	switch {
	case s.Glyphs == ASCII && s.Ramp != "":
		return newRampPainter(s)
	case s.Glyphs == ASCII && s.Color == Mono:
		return newToneMapper(s)
	case s.Glyphs == ASCII:
		return newMaskPainter(letterSet(), s.Color)
	case s.Color == Mono:
		return newDotPainter(gridOf(s.Glyphs), s.Light)
	case s.Glyphs == Blocks:
		return newBlockPainter(s.Color)
	case inkOf(s.Color) != nil:
		return newJointPainter(gridOf(s.Glyphs), s.Color)
	case gridOf(s.Glyphs) == halves:
		return halfPainter{}
	}
	return &gridPainter{glyphGrid: gridOf(s.Glyphs)}
}

// gridOf returns the glyph grid of a glyph set.
func gridOf(g Glyphs) *glyphGrid {
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
