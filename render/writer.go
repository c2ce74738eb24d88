package render

import (
	"slices"
	"unicode/utf8"
)

const unknown = -1

// cellBytes is the most that one narrow picture cell can take: a cursor movement, both colours and a glyph.
const cellBytes = 64

// writer writes cells to a terminal of which it knows where the cursor is and what its pen looks like.
type writer struct {
	b        []byte
	x, y     int // the cursor; unknown where it can't be relied on
	pen      pen
	repeat   bool
	clusters []string
}

// pen is what the terminal draws the next character with.
type pen struct {
	fg, bg Paint
	attr   Attr
}

// put writes one cell that is not a tail, the cursor being there, and moves the cursor.
func (w *writer) put(c *Cell) {
	if c.Glyph&glyphKind == glyphGraphic {
		c = &Cell{Glyph: blank} // the picture shows through
	}
	switch {
	case c.Attr != w.pen.attr:
		w.attributes(c.Attr)
		fallthrough
	case c.Glyph&glyphKind != glyphShape && c.Glyph != blank:
		w.text(c)
	case c.Glyph == blank:
		w.flat(c.BG, c.Attr)
	default:
		w.shape(c)
	}
	w.x++
}

// flat writes a cell of one colour: a blank, or the full block where the pen already has its colour.
func (w *writer) flat(p Paint, attr Attr) {
	if w.pen.bg != p && w.pen.fg == p && attr == 0 && p != 0 {
		w.glyph(&shapes[solid])
		return
	}
	w.colors(w.pen.fg, p)
	w.b = append(w.b, ' ')
}

// shape writes a shape, turned over where that asks for fewer colours.
func (w *writer) shape(c *Cell) {
	s := &shapes[c.Glyph&^glyphKind]
	turned := &shapes[s.turn]
	if turned != s && w.changes(c.BG, c.FG, turned) < w.changes(c.FG, c.BG, s) {
		w.colors(c.BG, c.FG)
		w.glyph(turned)
		return
	}
	w.colors(c.FG, c.BG)
	w.glyph(s)
}

// changes weighs what it takes to write s: colours first, then the length of the glyph.
func (w *writer) changes(fg, bg Paint, s *shape) int {
	n := int(s.n)
	if fg != w.pen.fg {
		n += 16
	}
	if bg != w.pen.bg {
		n += 16
	}
	return n
}

func (w *writer) glyph(s *shape) { w.b = append(w.b, s.text[:s.n]...) }

// text writes a rune or a cluster. How far a terminal moves for more than one narrow rune is its own affair, so
// nothing is taken for granted then.
func (w *writer) text(c *Cell) {
	w.colors(c.FG, c.BG)
	if c.Glyph&glyphKind == glyphCluster {
		w.b = append(w.b, w.clusters[c.Glyph&^glyphKind]...)
		w.x = unknown - 1
		return
	}
	if c.Glyph&glyphKind == glyphShape {
		w.glyph(&shapes[c.Glyph&^glyphKind])
		return
	}
	w.b = utf8.AppendRune(w.b, rune(c.Glyph))
	if c.span == lead {
		w.x = unknown - 1
	}
}

// repeated writes the last character n times more.
func (w *writer) repeated(n int) {
	w.b = append(w.b, csi...)
	w.b = append(number(w.b, n), finalRepeat)
	w.x += n
}

func (w *writer) room(n int) { w.b = slices.Grow(w.b, n) }
