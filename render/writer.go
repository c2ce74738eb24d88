package render

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"

	"acip/render/internal/cell"
	"acip/render/internal/paint"
)

const unknown = -1

// cellBytes bounds what one narrow picture cell can take: a cursor movement, both colours and a glyph.
const cellBytes = 64

// writer appends cells as terminal bytes, and tracks the terminal's cursor and graphic rendition.
type writer struct {
	b        []byte
	x, y     int // the cursor; unknown if it cannot be relied on
	sgr      sgrState
	repeat   bool
	letters  bool // draw pictures with ASCII alone: the terminal may draw blocks two cells wide, or not at all
	clusters []string
}

// sgrState is the terminal's graphic rendition: what the next character is drawn with.
type sgrState struct {
	fg, bg Paint
	attr   Attr
}

// put writes one cell at the cursor, which it advances. The cell must not be the tail of a wide glyph.
func (w *writer) put(c *Cell) {
	w.x++
	if c.Attr != w.sgr.attr {
		w.attributes(c.Attr)
	}
	switch {
	case c.Glyph&cell.KindMask == cell.KindShape && c.FG&c.BG&w.sgr.fg&w.sgr.bg&paint.KindRGB != 0:
		w.shapeRGB(c)
	case c.Glyph&cell.KindMask == cell.KindShape:
		w.shape(c)
	case c.Glyph == cell.Blank:
		w.flat(c.BG, c.Attr)
	case c.Glyph&cell.KindMask == cell.KindGraphic:
		w.flat(0, 0) // the picture shows through
	default:
		w.text(c)
	}
}

// flat writes a cell of one colour: a blank, or a full block if that is already the foreground colour.
func (w *writer) flat(p Paint, attr Attr) {
	if w.sgr.bg != p && w.sgr.fg == p && attr == 0 && p != 0 && !w.letters {
		w.glyph(&cell.Shapes[cell.Solid])
		return
	}
	w.colors(w.sgr.fg, p)
	w.b = append(w.b, ' ')
}

// shape writes a shape, with foreground and background exchanged if that changes fewer colours.
func (w *writer) shape(c *Cell) {
	s := &cell.Shapes[c.Glyph&^cell.KindMask]
	fg, bg := c.FG, c.BG
	if turned := &cell.Shapes[s.Turned]; turned != s && w.sgr.turns(fg, bg) {
		s, fg, bg = turned, bg, fg
	}
	w.colors(fg, bg)
	w.glyph(s)
}

// turns reports whether fewer colours change when fg and bg are exchanged.
func (p *sgrState) turns(fg, bg Paint) bool {
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

// shapeRGB is shape for 24-bit colours. It runs thousands of times a picture, so it is one function that stores words
// instead of bytes.
func (w *writer) shapeRGB(c *Cell) {
	s := &cell.Shapes[c.Glyph&^cell.KindMask]
	fg, bg := c.FG, c.BG
	if (fg == w.sgr.bg || bg == w.sgr.fg) && w.sgr.turns(fg, bg) && &cell.Shapes[s.Turned] != s {
		s, fg, bg = &cell.Shapes[s.Turned], bg, fg
	}
	n := len(w.b)
	if cap(w.b)-n < rgbBytes+8 {
		w.grow(rgbBytes + 8)
	}
	b := w.b[n : n+rgbBytes+8]
	at := 0
	if fg != w.sgr.fg {
		binary.LittleEndian.PutUint64(b, openForeground)
		at = decimal3(b, len(csi+sgrForegroundRGB), fg)
		if bg != w.sgr.bg {
			binary.LittleEndian.PutUint64(b[at:], thenBackground)
			at = decimal3(b, at+len(sgrBackgroundRGB), bg)
		}
		b[at-1] = finalSGR
	} else if bg != w.sgr.bg {
		binary.LittleEndian.PutUint64(b, openBackground)
		at = decimal3(b, len(csi+sgrForegroundRGB), bg)
		b[at-1] = finalSGR
	}
	binary.LittleEndian.PutUint32(b[at:], s.Text)
	w.b = w.b[:n+at+int(s.Bytes)]
	w.sgr.fg, w.sgr.bg = fg, bg
}

func (w *writer) glyph(s *cell.Shape) {
	n := len(w.b)
	if cap(w.b)-n < 4 {
		w.grow(4)
	}
	binary.LittleEndian.PutUint32(w.b[n:n+4], s.Text)
	w.b = w.b[:n+int(s.Bytes)]
}

// text writes a rune or a grapheme cluster. Terminals disagree on how far the cursor moves for anything but one narrow
// rune, so the cursor counts as unknown after that.
func (w *writer) text(c *Cell) {
	w.colors(c.FG, c.BG)
	if c.Glyph&cell.KindMask == cell.KindCluster {
		w.b = append(w.b, w.clusters[c.Glyph&^cell.KindMask]...)
		w.x = unknown - 1
		return
	}
	if c.Glyph&cell.KindMask == cell.KindShape {
		w.glyph(&cell.Shapes[c.Glyph&^cell.KindMask])
		return
	}
	w.b = utf8.AppendRune(w.b, rune(c.Glyph))
	if c.Part == cell.Lead {
		w.x = unknown - 1
	}
}

// repeated repeats the last character n times.
func (w *writer) repeated(n int) {
	w.b = append(w.b, csi...)
	w.b = append(number(w.b, n), finalRepeat)
	w.x += n
}

func (w *writer) grow(n int) { w.b = slices.Grow(w.b, n) }
