package ansi

import "acip/render/internal/cell"

// Run returns how often to repeat char, whose copies next begins with; 0 if writing them out is shorter.
func (w *Writer) Run(char *cell.Cell, next []cell.Cell) int {
	if !w.Repeat || char.Glyph&cell.KindMask == cell.KindCluster {
		return 0
	}
	n := 0
	for n < len(next) && next[n] == *char {
		n++
	}
	if n*GlyphBytes(char.Glyph) <= 3+digits(n) {
		return 0
	}
	return n
}

// GoTo moves the cursor to x, y in the shorter way.
func (w *Writer) GoTo(x, y int, shown []cell.Cell) {
	if !w.rewriteGap(x, y, shown) {
		w.moveTo(x, y)
	}
}

// rewriteGap moves the cursor to x by writing again the cells in between, if they need no change of rendition and take
// no more bytes than a cursor movement. It reports whether it did.
func (w *Writer) rewriteGap(x, y int, shown []cell.Cell) bool {
	if w.Y != y || w.X < 0 || w.X >= x || x-w.X > 4 {
		return false
	}
	bytes := 0
	for i := w.X; i < x; i++ {
		if !w.free(&shown[i]) {
			return false
		}
		bytes += GlyphBytes(shown[i].Glyph)
	}
	if bytes > forwardBytes(x-w.X) {
		return false
	}
	for w.X < x {
		w.Put(&shown[w.X])
	}
	return true
}

// free reports whether c is a narrow cell that needs no change of rendition.
func (w *Writer) free(c *cell.Cell) bool {
	if c.Part != cell.Narrow || c.Attr != w.SGR.attr || c.BG != w.SGR.BG || c.Glyph&cell.KindMask > cell.KindShape {
		return false
	}
	return c.FG == w.SGR.FG || c.Glyph == cell.Blank
}

// GlyphBytes returns the bytes that a glyph takes.
func GlyphBytes(g cell.Glyph) int {
	switch {
	case g&cell.KindMask == cell.KindShape:
		return int(cell.Shapes[g&^cell.KindMask].Bytes)
	case g < 0x80:
		return 1
	case g < 0x800:
		return 2
	case g < 0x10000:
		return 3
	}
	return 4
}
