package render

import (
	"fmt"
	"unicode/utf8"
)

// Append appends to dst the bytes that bring the terminal from what it shows to what is wanted; none if nothing differs.
func (c *Canvas) Append(dst []byte) []byte {
	start := len(dst)
	if c.style.Sync {
		dst = append(dst, syncBegin...)
	}
	began := len(dst)
	for y := range c.rows {
		for x := range c.cols {
			i := y*c.cols + x
			if c.want[i] != c.shown[i] {
				dst = append(dst, fmt.Sprintf("\x1b[%d;%dH", y+1, x+1)...)
				dst = c.cell(dst, c.want[i])
				c.shown[i] = c.want[i]
			}
		}
	}
	if len(dst) == began {
		return dst[:start]
	}
	dst = append(dst, sgrReset...)
	if c.style.Sync {
		dst = append(dst, syncEnd...)
	}
	return dst
}

// AppendFrame is Append for files and pipes: it starts from the home position and never asks where the cursor is, so
// that frames can be written one after another; the first one paints every cell.
func (c *Canvas) AppendFrame(dst []byte) []byte {
	return c.Append(append(dst, home...))
}

// AppendPlain appends a whole plain frame, every cell from the home position, whatever the terminal shows.
func (c *Canvas) AppendPlain(dst []byte) []byte {
	dst = append(dst, home...)
	for y := range c.rows {
		for x := range c.cols {
			dst = c.cell(dst, c.want[y*c.cols+x])
		}
		dst = append(dst, sgrReset...)
		if y < c.rows-1 {
			dst = append(dst, "\r\n"...)
		}
	}
	return dst
}

func (c *Canvas) cell(dst []byte, w Cell) []byte {
	if w.span == tail {
		return dst
	}
	dst = append(dst, sgrReset...)
	if r, g, b := w.FG.RGB(); !w.FG.Default() {
		dst = append(dst, fmt.Sprintf("\x1b[38;2;%d;%d;%dm", r, g, b)...)
	}
	if r, g, b := w.BG.RGB(); !w.BG.Default() {
		dst = append(dst, fmt.Sprintf("\x1b[48;2;%d;%d;%dm", r, g, b)...)
	}
	switch w.Glyph & glyphKind {
	case glyphShape:
		s := &shapes[w.Glyph&^glyphKind]
		return append(dst, s.text[:s.n]...)
	case glyphCluster:
		return append(dst, c.clusters[w.Glyph&^glyphKind]...)
	}
	return utf8.AppendRune(dst, rune(w.Glyph))
}
