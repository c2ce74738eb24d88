// Package ansi writes character cells as the bytes that a terminal takes, in the shortest way from what it shows now.
package ansi

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"

	"acip/render/internal/cell"
	"acip/render/internal/paint"
)

// Unknown is a cursor position that cannot be relied on.
const Unknown = -1

// CellBytes bounds what one narrow picture cell can take: a cursor movement, both colours and a glyph.
const CellBytes = 64

// Writer appends cells as terminal bytes, and tracks the terminal's cursor and graphic rendition.
type Writer struct {
	Bytes    []byte
	X, Y     int // the cursor, or Unknown
	SGR      Rendition
	Repeat   bool     // the terminal is known to repeat the last character on CSI b
	Letters  bool     // draw pictures with ASCII alone: the terminal may draw blocks two cells wide, or not at all
	Clusters []string // what glyphs of kind KindCluster stand for
}

// Rendition is the terminal's graphic rendition: what the next character is drawn with.
type Rendition struct {
	FG, BG paint.Paint
	attr   cell.Attr
}

// Put writes one cell at the cursor, which it advances. The cell must not be the tail of a wide glyph.
func (w *Writer) Put(c *cell.Cell) {
	w.X++
	if c.Attr != w.SGR.attr {
		w.attributes(c.Attr)
	}
	switch {
	case c.Glyph&cell.KindMask == cell.KindShape && c.FG&c.BG&w.SGR.FG&w.SGR.BG&paint.KindRGB != 0:
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
func (w *Writer) flat(p paint.Paint, attr cell.Attr) {
	if w.SGR.BG != p && w.SGR.FG == p && attr == 0 && p != 0 && !w.Letters {
		w.glyph(&cell.Shapes[cell.Solid])
		return
	}
	w.colors(w.SGR.FG, p)
	w.Bytes = append(w.Bytes, ' ')
}

// shape writes a shape, with foreground and background exchanged if that changes fewer colours.
func (w *Writer) shape(c *cell.Cell) {
	s := &cell.Shapes[c.Glyph&^cell.KindMask]
	fg, bg := c.FG, c.BG
	if turned := &cell.Shapes[s.Turned]; turned != s && w.SGR.turns(fg, bg) {
		s, fg, bg = turned, bg, fg
	}
	w.colors(fg, bg)
	w.glyph(s)
}

// turns reports whether fewer colours change when fg and bg are exchanged.
func (p *Rendition) turns(fg, bg paint.Paint) bool {
	upright, turned := 0, 0
	if fg != p.FG {
		upright++
	}
	if bg != p.BG {
		upright++
	}
	if bg != p.FG {
		turned++
	}
	if fg != p.BG {
		turned++
	}
	return turned < upright
}

// shapeRGB is shape for 24-bit colours. It runs thousands of times a picture, so it is one function that stores words
// instead of bytes.
func (w *Writer) shapeRGB(c *cell.Cell) {
	s := &cell.Shapes[c.Glyph&^cell.KindMask]
	fg, bg := c.FG, c.BG
	if (fg == w.SGR.BG || bg == w.SGR.FG) && w.SGR.turns(fg, bg) && &cell.Shapes[s.Turned] != s {
		s, fg, bg = &cell.Shapes[s.Turned], bg, fg
	}
	n := len(w.Bytes)
	if cap(w.Bytes)-n < rgbBytes+8 {
		w.Grow(rgbBytes + 8)
	}
	b := w.Bytes[n : n+rgbBytes+8]
	at := 0
	if fg != w.SGR.FG {
		binary.LittleEndian.PutUint64(b, openForeground)
		at = decimal3(b, len(CSI+sgrForegroundRGB), fg)
		if bg != w.SGR.BG {
			binary.LittleEndian.PutUint64(b[at:], thenBackground)
			at = decimal3(b, at+len(sgrBackgroundRGB), bg)
		}
		b[at-1] = finalSGR
	} else if bg != w.SGR.BG {
		binary.LittleEndian.PutUint64(b, openBackground)
		at = decimal3(b, len(CSI+sgrForegroundRGB), bg)
		b[at-1] = finalSGR
	}
	binary.LittleEndian.PutUint32(b[at:], s.Text)
	w.Bytes = w.Bytes[:n+at+int(s.Bytes)]
	w.SGR.FG, w.SGR.BG = fg, bg
}

func (w *Writer) glyph(s *cell.Shape) {
	n := len(w.Bytes)
	if cap(w.Bytes)-n < 4 {
		w.Grow(4)
	}
	binary.LittleEndian.PutUint32(w.Bytes[n:n+4], s.Text)
	w.Bytes = w.Bytes[:n+int(s.Bytes)]
}

// text writes a rune or a grapheme cluster. Terminals disagree on how far the cursor moves for anything but one narrow
// rune, so the cursor counts as unknown after that.
func (w *Writer) text(c *cell.Cell) {
	w.colors(c.FG, c.BG)
	if c.Glyph&cell.KindMask == cell.KindCluster {
		w.Bytes = append(w.Bytes, w.Clusters[c.Glyph&^cell.KindMask]...)
		w.X = Unknown - 1
		return
	}
	if c.Glyph&cell.KindMask == cell.KindShape {
		w.glyph(&cell.Shapes[c.Glyph&^cell.KindMask])
		return
	}
	w.Bytes = utf8.AppendRune(w.Bytes, rune(c.Glyph))
	if c.Part == cell.Lead {
		w.X = Unknown - 1
	}
}

// Repeated repeats the last character n times.
func (w *Writer) Repeated(n int) {
	w.Bytes = append(w.Bytes, CSI...)
	w.Bytes = append(Number(w.Bytes, n), finalRepeat)
	w.X += n
}

// Grow makes space for n more bytes.
func (w *Writer) Grow(n int) { w.Bytes = slices.Grow(w.Bytes, n) }
