package render

import "acip/render/internal/cell"

// run returns how often to repeat cell, whose copies next begins with; 0 if writing them out is shorter.
func (w *writer) run(char *Cell, next []Cell) int {
	if !w.repeat || char.Glyph&cell.KindMask == cell.KindCluster {
		return 0
	}
	n := 0
	for n < len(next) && next[n] == *char {
		n++
	}
	if n*glyphBytes(char.Glyph) <= 3+digits(n) {
		return 0
	}
	return n
}

// goTo moves the cursor to x, y in the shorter way.
func (w *writer) goTo(x, y int, shown []Cell) {
	if !w.rewriteGap(x, y, shown) {
		w.moveTo(x, y)
	}
}

// rewriteGap moves the cursor to x by writing again the cells in between, if they need no change of rendition and take no
// more bytes than a cursor movement. It reports whether it did.
func (w *writer) rewriteGap(x, y int, shown []Cell) bool {
	if w.y != y || w.x < 0 || w.x >= x || x-w.x > 4 {
		return false
	}
	bytes := 0
	for i := w.x; i < x; i++ {
		if !w.free(&shown[i]) {
			return false
		}
		bytes += glyphBytes(shown[i].Glyph)
	}
	if bytes > forwardBytes(x-w.x) {
		return false
	}
	for w.x < x {
		w.put(&shown[w.x])
	}
	return true
}

// free reports whether c is a narrow cell that needs no change of rendition.
func (w *writer) free(c *Cell) bool {
	if c.Part != cell.Narrow || c.Attr != w.sgr.attr || c.BG != w.sgr.bg || c.Glyph&cell.KindMask > cell.KindShape {
		return false
	}
	return c.FG == w.sgr.fg || c.Glyph == cell.Blank
}

func glyphBytes(g Glyph) int {
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
