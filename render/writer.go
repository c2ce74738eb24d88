package render

import (
	"encoding/binary"
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
	letters  bool // nothing but ASCII stands for pictures: the terminal may draw blocks two cells wide, or not at all
	clusters []string
}

// pen is what the terminal draws the next character with.
type pen struct {
	fg, bg Paint
	attr   Attr
}

// put writes one cell that is not a tail, the cursor being there, and moves the cursor.
func (w *writer) put(c *Cell) {
	w.x++
	if c.Attr != w.pen.attr {
		w.attributes(c.Attr)
	}
	switch {
	case c.Glyph&glyphKind == glyphShape && c.FG&c.BG&w.pen.fg&w.pen.bg&paintRGB != 0:
		w.shapeRGB(c)
	case c.Glyph&glyphKind == glyphShape:
		w.shape(c)
	case c.Glyph == blank:
		w.flat(c.BG, c.Attr)
	case c.Glyph&glyphKind == glyphGraphic:
		w.flat(0, 0) // the picture shows through
	default:
		w.text(c)
	}
}

// flat writes a cell of one colour: a blank, or the full block where the pen already has its colour.
func (w *writer) flat(p Paint, attr Attr) {
	if w.pen.bg != p && w.pen.fg == p && attr == 0 && p != 0 && !w.letters {
		w.glyph(&shapes[solid])
		return
	}
	w.colors(w.pen.fg, p)
	w.b = append(w.b, ' ')
}

// shape writes a shape, turned over where that asks for fewer colours.
func (w *writer) shape(c *Cell) {
	s := &shapes[c.Glyph&^glyphKind]
	fg, bg := c.FG, c.BG
	if turned := &shapes[s.turn]; turned != s && w.pen.turns(fg, bg) {
		s, fg, bg = turned, bg, fg
	}
	w.colors(fg, bg)
	w.glyph(s)
}

// turns reports whether fewer colours change when fg and bg are exchanged.
func (p *pen) turns(fg, bg Paint) bool {
	upright, turned := 0, 0
	if fg != p.fg {
		upright++
	}
	if bg != p.bg {
		upright++
	}
	if bg != p.fg {
		turned++
	}
	if fg != p.bg {
		turned++
	}
	return turned < upright
}

// shapeRGB is shape for 24-bit colours: what is done thousands of times a picture, in one piece and by words instead
// of bytes.
func (w *writer) shapeRGB(c *Cell) {
	s := &shapes[c.Glyph&^glyphKind]
	fg, bg := c.FG, c.BG
	if (fg == w.pen.bg || bg == w.pen.fg) && w.pen.turns(fg, bg) && &shapes[s.turn] != s {
		s, fg, bg = &shapes[s.turn], bg, fg
	}
	n := len(w.b)
	if cap(w.b)-n < rgbBytes+8 {
		w.room(rgbBytes + 8)
	}
	b := w.b[n : n+rgbBytes+8]
	at := 0
	if fg != w.pen.fg {
		binary.LittleEndian.PutUint64(b, openForeground)
		at = decimal3(b, len(csi+sgrForegroundRGB), fg)
		if bg != w.pen.bg {
			binary.LittleEndian.PutUint64(b[at:], thenBackground)
			at = decimal3(b, at+len(sgrBackgroundRGB), bg)
		}
		b[at-1] = finalSGR
	} else if bg != w.pen.bg {
		binary.LittleEndian.PutUint64(b, openBackground)
		at = decimal3(b, len(csi+sgrForegroundRGB), bg)
		b[at-1] = finalSGR
	}
	binary.LittleEndian.PutUint32(b[at:], s.text)
	w.b = w.b[:n+at+int(s.n)]
	w.pen.fg, w.pen.bg = fg, bg
}

func (w *writer) glyph(s *shape) {
	n := len(w.b)
	if cap(w.b)-n < 4 {
		w.room(4)
	}
	binary.LittleEndian.PutUint32(w.b[n:n+4], s.text)
	w.b = w.b[:n+int(s.n)]
}

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
