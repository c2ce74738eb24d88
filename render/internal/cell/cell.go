// Package cell says what a character cell holds, and which glyphs divide one into foreground and background.
package cell

import "acip/render/internal/paint"

// Glyph is what a cell shows: a rune, a picture shape, or a cluster of several runes kept by the canvas.
type Glyph uint32

// The kinds of glyph, in the highest byte; a rune has 0 there.
const (
	KindShape   Glyph = 1 << 24         // low bits: index into shapes
	KindCluster Glyph = 2 << 24         // low bits: index into the canvas's clusters
	KindGraphic Glyph = 3 << 24         // part of a picture in pixels; low bits: its number
	KindMask    Glyph = 0xff << 24      // the bits that hold the kind
	Unknown     Glyph = 0xff<<24 | 0xff // it is not known what the terminal shows here
	Blank       Glyph = ' '
)

// Attr are the ways in which text stands out.
type Attr uint16

// The attributes of text.
const (
	Bold Attr = 1 << iota
	Dim
	Italic
	Underline
	Reverse
)

// Part says which part of a glyph a cell holds.
type Part uint16

// The parts of a glyph.
const (
	Narrow Part = iota // all of it
	Lead               // the left half of a wide glyph
	Tail               // the right half: nothing of its own
)

// Cell is one character position. Two equal cells look the same; the reverse holds for what Canvas puts there, since
// flat cells are kept as blanks without a foreground and of two shapes that complement each other one is used. Its 16
// bytes have no holes, so that comparing is two words.
type Cell struct {
	Glyph  Glyph
	FG, BG paint.Paint
	Attr   Attr
	Part   Part
}

// Flat returns a cell of one colour.
func Flat(p paint.Paint) Cell { return Cell{Glyph: Blank, BG: p} }

// Draw sets c to a shape in two colours, or to a blank if they are the same, and reports whether that differs from what
// is shown. It sets and compares the fields one by one: reading in one piece what was just written in several stalls
// the processor.
func (c *Cell) Draw(shape Glyph, fg, bg paint.Paint, shown *Cell) (differs bool) {
	g := KindShape | shape
	if fg == bg {
		g, fg = Blank, 0
	}
	c.Glyph, c.FG, c.BG, c.Attr, c.Part = g, fg, bg, 0, Narrow
	return shown.Glyph != g || shown.FG != fg || shown.BG != bg || shown.Attr != 0 || shown.Part != Narrow
}

// IsPaint reports whether a painter could have made the cell, in paints of a kind.
func (c Cell) IsPaint(kind paint.Paint) bool {
	return c.Attr == 0 && c.Part == Narrow && c.BG&paint.KindMask == kind
}

// Graphic returns the cell that shows part of picture n.
func Graphic(n int) Cell { return Cell{Glyph: KindGraphic | Glyph(n)} }

// PictureNumber returns the number of the picture that c shows part of.
func (c Cell) PictureNumber() (int, bool) {
	return int(c.Glyph &^ KindMask), c.Glyph&KindMask == KindGraphic
}

// Assign sets s to the wanted cell in the given colours; a shape in one colour becomes a blank.
func (s *Cell) Assign(want *Cell, fg, bg paint.Paint) {
	g := want.Glyph
	if fg == bg && fg != 0 && g&KindMask == KindShape {
		g, fg = Blank, 0
	} else if g == Blank {
		fg = want.FG
	}
	s.Glyph, s.FG, s.BG, s.Attr, s.Part = g, fg, bg, want.Attr, want.Part
}
