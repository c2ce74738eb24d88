package render

import "math/bits"

// Append appends to dst the bytes that bring the terminal from what it shows to what is wanted, and takes them for
// written; none if nothing differs. The terminal must not wrap at the last column: the first Append after Invalidate
// turns that off, and whoever owns the terminal turns it on again at the end.
func (c *Canvas) Append(dst []byte) []byte {
	start := len(dst)
	if c.style.Sync {
		dst = append(dst, syncBegin...)
	}
	began := len(dst)
	if c.stale {
		dst = append(append(append(dst, wrapOff...), sgrReset...), clearAll...)
		c.cleared()
	}
	dst = c.imageChanges(dst)
	dst = c.changes(c.writer(dst, unknown, unknown))
	if len(dst) == began {
		return dst[:start]
	}
	if c.style.Sync {
		dst = append(dst, syncEnd...)
	}
	return dst
}

// AppendFrame is Append for files and pipes: it starts at the home position, so that frames can be written one after
// another and each be told from the last; the first one after Invalidate paints every cell. Wrapping at the last
// column is off while it draws.
func (c *Canvas) AppendFrame(dst []byte) []byte {
	if c.stale {
		dst = append(dst, sgrReset...)
		c.stale = false
	}
	dst = append(append(dst, home...), wrapOff...)
	images := len(dst)
	if dst = c.imageChanges(dst); len(dst) > images {
		dst = append(dst, home...)
	}
	dst = c.changes(c.writer(dst, 0, 0))
	return append(dst, wrapOn...)
}

// AppendLines appends the wanted screen as lines to be printed in the flow of a terminal or kept as text: no cursor
// addressing, each line with its colours taken back and a newline at its end. Blanks in the terminal's own colours at a
// line's end are left out.
func (c *Canvas) AppendLines(dst []byte) []byte {
	w := c.writer(dst, 0, 0)
	w.repeat = false // not every reader of text repeats
	for y := range c.rows {
		row := c.want[y*c.cols:][:c.cols]
		for len(row) > 0 && row[len(row)-1] == flat(0) {
			row = row[:len(row)-1]
		}
		w.room(len(row) * cellBytes)
		for x := range row {
			if row[x].span != tail {
				w.put(&row[x])
			}
		}
		if w.pen != (pen{}) {
			w.b, w.pen = append(w.b, sgrReset...), pen{}
		}
		w.b = append(w.b, '\n')
	}
	return w.b
}

// writer writes behind dst in the canvas's style, the cursor being at x, y and the pen the terminal's own.
func (c *Canvas) writer(dst []byte, x, y int) writer {
	return writer{b: dst, x: x, y: y, repeat: c.style.Repeat, letters: c.style.Glyphs == ASCII, clusters: c.clusters}
}

// cleared notes that the terminal shows nothing.
func (c *Canvas) cleared() {
	c.stale = false
	for i := range c.shown {
		c.shown[i] = flat(0)
	}
}

// changes writes every cell that differs and is worth it, row by row.
func (c *Canvas) changes(w writer) []byte {
	began := len(w.b)
	worth, most := c.afford()
	for y := range c.rows {
		w.room(c.cols * cellBytes)
		if c.rowChanges(&w, y, worth, began+most); len(w.b) > began+most {
			break
		}
	}
	if w.pen != (pen{}) {
		w.b = append(w.b, sgrReset...)
	}
	c.learn()
	return w.b
}

// rowChanges writes what differs in one row and lowers the error by more than its bytes are worth, until w holds more
// than most bytes.
func (c *Canvas) rowChanges(w *writer, y int, worth float32, most int) {
	row := y * c.cols
	want, shown := c.want[row:][:c.cols], c.shown[row:][:c.cols]
	gain, memory := c.gain[row:][:c.cols], c.memory[row:][:c.cols]
	worth *= 1. / bearsAll
	weigh(c.differs, want, shown, gain, memory, worth)
	for x := 0; x < c.cols && len(w.b) <= most; x++ {
		if w.x != x || w.y != y || c.differs[x/8]>>(x%8)&1 == 0 {
			if x = c.seek(&w.pen, row, x, worth); x == c.cols {
				return
			}
		}
		c.change(w, row, x, y, worth*float32(memory[x].bears))
	}
}

// seek is the next cell from x on, in the row that begins at cell row, that may be worth going to with that pen, where a
// byte's worth is worth of bearsAll; the row's end if there is none.
func (c *Canvas) seek(p *pen, row, x int, worth float32) int {
	i, whole := x/8, c.cols/8
	c.differs[i] &= 0xff << (x % 8)
	if hasCellVector && i < whole && p.fg&paintKind == paintRGB && p.bg&paintKind == paintRGB {
		from := row + i*8
		group, cells := seekVector(c.differs[i:whole], c.want[from:], c.gain[from:], c.memory[from:], p, worth)
		if cells != 0 {
			return (i+group)*8 + bits.TrailingZeros32(cells)
		}
		i = whole
	}
	for ; i < len(c.differs); i++ {
		if c.differs[i] != 0 {
			return i*8 + bits.TrailingZeros8(c.differs[i])
		}
	}
	return c.cols
}

// change writes cell x of the row that begins at cell row if that is worth it, where a byte is worth v.
func (c *Canvas) change(w *writer, row, x, y int, v float32) {
	shown, want, gain := &c.shown[row+x], &c.want[row+x], &c.gain[row+x]
	if want.span == tail || *gain < v {
		return // not worth a single byte
	}
	there := w.x == x && w.y == y
	if !there && *gain < v*(1+cursorBytes+colorBytes) && !w.pen.close(want) {
		return // nor going there with a new colour
	}
	fg, bg, left := want.FG, want.BG, float32(0)
	if v > 0 {
		var bytes float32
		if fg, bg, left, bytes = w.pen.near(want, v); !there {
			bytes += cursorBytes
		}
		if left+v*bytes >= *gain {
			return
		}
	}
	if !there {
		w.reach(x, y, c.shown[row:][:c.cols])
	}
	*gain = left
	if want.span|shown.span != narrow || w.repeat {
		c.reweigh(row, x+1, x+2+c.write(w, row, x, fg, bg))
		return
	}
	shown.dress(want, fg, bg)
	w.put(shown)
	c.memory[row+x].age = 0
}

// reweigh looks again at the cells from, included, to to, not included, of the row that begins at cell row: writing may
// have changed more than one.
func (c *Canvas) reweigh(row, from, to int) {
	for i := from; i < min(to, c.cols); i++ {
		bit := uint8(1) << (i % 8)
		if c.want[row+i] == c.shown[row+i] {
			c.gain[row+i] = 0
			c.differs[i/8] &^= bit
		} else {
			c.differs[i/8] |= bit
		}
	}
}

// dress makes s the cell that is wanted, in the colours given; a shape in one colour is flat.
func (s *Cell) dress(want *Cell, fg, bg Paint) {
	g := want.Glyph
	if fg == bg && fg != 0 && g&glyphKind == glyphShape {
		g, fg = blank, 0
	} else if g == blank {
		fg = want.FG
	}
	s.Glyph, s.FG, s.BG, s.Attr, s.span = g, fg, bg, want.Attr, want.span
}

// learn adapts the rate to what this update left of the pictures' error. Where nothing is left, as in a first picture
// or where none is live, there is nothing to learn.
func (c *Canvas) learn() {
	if mean, n := remains(c.gain, c.memory); n > 0 {
		c.rate.adapt(mean)
	}
}

// write puts the cell that is wanted at column x of the row that begins at cell row, in the colours given, and what
// belongs to it where it is wide, cuts something wide, or repeats. It returns how many cells behind it that wrote.
func (c *Canvas) write(w *writer, row, x int, fg, bg Paint) int {
	want, shown := c.want[row:][:c.cols], c.shown[row:][:c.cols]
	orphan(shown, x)
	cell := &shown[x]
	cell.dress(&want[x], fg, bg)
	w.put(cell)
	c.memory[row+x].age = 0
	if cell.span == lead {
		orphan(shown, x+1)
		shown[x+1] = want[x+1]
		return 1
	}
	n := w.run(cell, want[x+1:])
	if n > 0 {
		w.repeated(n)
		for i := x + 1; i <= x+n; i++ {
			orphan(shown, i)
			shown[i] = *cell
		}
	}
	return n
}

// orphan notes that a terminal blanks the other half of a wide glyph when one half is written over.
func orphan(shown []Cell, x int) {
	switch shown[x].span {
	case lead:
		shown[x+1] = Cell{Glyph: glyphUnknown}
	case tail:
		shown[x-1] = Cell{Glyph: glyphUnknown}
	}
}

// run is how often to repeat cell, which next begins with: 0 where that costs more than writing.
func (w *writer) run(cell *Cell, next []Cell) int {
	if !w.repeat || cell.Glyph&glyphKind == glyphCluster {
		return 0
	}
	n := 0
	for n < len(next) && next[n] == *cell {
		n++
	}
	if n*glyphBytes(cell.Glyph) <= 3+digits(n) {
		return 0
	}
	return n
}

// reach goes to x, y by the shorter way.
func (w *writer) reach(x, y int, shown []Cell) {
	if !w.bridge(x, y, shown) {
		w.moveTo(x, y)
	}
}

// bridge goes to x by writing again what stands in between, where the pen is right for it and that is no longer than
// moving. It reports whether the cursor is there.
func (w *writer) bridge(x, y int, shown []Cell) bool {
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

// free reports whether c is a narrow cell that needs no change of the pen.
func (w *writer) free(c *Cell) bool {
	if c.span != narrow || c.Attr != w.pen.attr || c.BG != w.pen.bg || c.Glyph&glyphKind > glyphShape {
		return false
	}
	return c.FG == w.pen.fg || c.Glyph == blank
}

func glyphBytes(g Glyph) int {
	switch {
	case g&glyphKind == glyphShape:
		return int(shapes[g&^glyphKind].n)
	case g < 0x80:
		return 1
	case g < 0x800:
		return 2
	case g < 0x10000:
		return 3
	}
	return 4
}
