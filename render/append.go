package render

import "math/bits"

// Append appends to dst the bytes that update the terminal from what it shows to what is wanted, and assumes that the
// caller writes them. It appends nothing if nothing differs. The terminal must not wrap at the last column: the first
// Append after Invalidate turns wrapping off, and the terminal's owner turns it on again at the end.
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

// AppendFrame is like Append, for files and pipes. Each frame begins with a cursor move to the home position, which
// separates it from the one before. The first frame after Invalidate paints every cell. Wrapping at the last column is
// off within a frame.
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

// AppendLines appends the wanted screen as lines of text that a terminal can print inline: without cursor movement, each
// line ending with a reset of its colours and a newline. Trailing blanks in the terminal's default colours are omitted.
func (c *Canvas) AppendLines(dst []byte) []byte {
	w := c.writer(dst, 0, 0)
	w.repeat = false // not every program that shows such text knows REP
	for y := range c.rows {
		row := c.want[y*c.cols:][:c.cols]
		for len(row) > 0 && row[len(row)-1] == flat(0) {
			row = row[:len(row)-1]
		}
		w.grow(len(row) * cellBytes)
		for x := range row {
			if row[x].span != tail {
				w.put(&row[x])
			}
		}
		if w.sgr != (sgrState{}) {
			w.b, w.sgr = append(w.b, sgrReset...), sgrState{}
		}
		w.b = append(w.b, '\n')
	}
	return w.b
}

// writer returns a writer that appends to dst in the canvas's style, with the cursor at x, y and default rendition.
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

// changes writes every cell whose change pays for its bytes, row by row.
func (c *Canvas) changes(w writer) []byte {
	began := len(w.b)
	errorPerByte, most := c.limits()
	for y := range c.rows {
		w.grow(c.cols * cellBytes)
		if c.rowChanges(&w, y, errorPerByte, began+most); len(w.b) > began+most {
			break
		}
	}
	if w.sgr != (sgrState{}) {
		w.b = append(w.b, sgrReset...)
	}
	c.learn()
	return w.b
}

// rowChanges writes the cells of a row whose change saves more error than errorPerByte demands for their bytes, until w
// holds more than most bytes.
func (c *Canvas) rowChanges(w *writer, y int, errorPerByte float32, most int) {
	row := y * c.cols
	want, shown := c.want[row:][:c.cols], c.shown[row:][:c.cols]
	gain, history := c.gain[row:][:c.cols], c.history[row:][:c.cols]
	errorPerByte *= 1. / fullTolerance
	selectChanges(c.differs, want, shown, gain, history, errorPerByte)
	for x := 0; x < c.cols && len(w.b) <= most; x++ {
		if w.x != x || w.y != y || c.differs[x/8]>>(x%8)&1 == 0 {
			if x = c.nextCandidate(&w.sgr, row, x, errorPerByte); x == c.cols {
				return
			}
		}
		c.change(w, row, x, y, errorPerByte*float32(history[x].tolerance))
	}
}

// nextCandidate returns the next column from x on, in the row that begins at cell index row, whose change may pay, given
// the writer's rendition; the number of columns if there is none. errorPerByte is divided by fullTolerance.
func (c *Canvas) nextCandidate(p *sgrState, row, x int, errorPerByte float32) int {
	i, whole := x/8, c.cols/8
	c.differs[i] &= 0xff << (x % 8)
	if hasCellVector && i < whole && p.fg&paintKind == paintRGB && p.bg&paintKind == paintRGB {
		from := row + i*8
		group, cells := nextCandidateVector(c.differs[i:whole], c.want[from:], c.gain[from:], c.history[from:], p, errorPerByte)
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

// change writes the cell at column x of the row that begins at cell index row if that pays, v being the error that a byte
// must save.
func (c *Canvas) change(w *writer, row, x, y int, v float32) {
	shown, want, gain := &c.shown[row+x], &c.want[row+x], &c.gain[row+x]
	if want.span == tail || *gain < v {
		return // does not pay for a single byte
	}
	there := w.x == x && w.y == y
	if !there && *gain < v*(1+cursorBytes+colorBytes) && !w.sgr.close(want) {
		return // nor for moving there with a new colour
	}
	fg, bg, left := want.FG, want.BG, float32(0)
	if v > 0 {
		var bytes float32
		if fg, bg, left, bytes = w.sgr.near(want, v); !there {
			bytes += cursorBytes
		}
		if left+v*bytes >= *gain {
			return
		}
	}
	if !there {
		w.goTo(x, y, c.shown[row:][:c.cols])
	}
	*gain = left
	if want.span|shown.span != narrow || w.repeat {
		c.refreshChanges(row, x+1, x+2+c.write(w, row, x, fg, bg))
		return
	}
	shown.assign(want, fg, bg)
	w.put(shown)
	c.history[row+x].age = 0
}

// refreshChanges compares again the cells [from, to) of the row that begins at cell index row, because writing may have
// changed more than one.
func (c *Canvas) refreshChanges(row, from, to int) {
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

// assign sets s to the wanted cell in the given colours; a shape in one colour becomes a blank.
func (s *Cell) assign(want *Cell, fg, bg Paint) {
	g := want.Glyph
	if fg == bg && fg != 0 && g&glyphKind == glyphShape {
		g, fg = blank, 0
	} else if g == blank {
		fg = want.FG
	}
	s.Glyph, s.FG, s.BG, s.Attr, s.span = g, fg, bg, want.Attr, want.span
}

// learn adapts the rate to the error that this update left. There is none to learn from after a first picture, or where
// no picture is live.
func (c *Canvas) learn() {
	if mean, n := remainingError(c.gain, c.history); n > 0 {
		c.rate.adapt(mean)
	}
}

// write writes the wanted cell at column x of the row that begins at cell index row, in the given colours, and updates
// the cells that this affects: the other half of a wide glyph, or repetitions. It returns how many further cells it wrote.
func (c *Canvas) write(w *writer, row, x int, fg, bg Paint) int {
	want, shown := c.want[row:][:c.cols], c.shown[row:][:c.cols]
	splitWide(shown, x)
	cell := &shown[x]
	cell.assign(&want[x], fg, bg)
	w.put(cell)
	c.history[row+x].age = 0
	if cell.span == lead {
		splitWide(shown, x+1)
		shown[x+1] = want[x+1]
		return 1
	}
	n := w.run(cell, want[x+1:])
	if n > 0 {
		w.repeated(n)
		for i := x + 1; i <= x+n; i++ {
			splitWide(shown, i)
			shown[i] = *cell
		}
	}
	return n
}

// splitWide marks the other half of a wide glyph as unknown, because terminals blank it when one half is overwritten.
func splitWide(shown []Cell, x int) {
	switch shown[x].span {
	case lead:
		shown[x+1] = Cell{Glyph: glyphUnknown}
	case tail:
		shown[x-1] = Cell{Glyph: glyphUnknown}
	}
}

// run returns how often to repeat cell, whose copies next begins with; 0 if writing them out is shorter.
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
	if c.span != narrow || c.Attr != w.sgr.attr || c.BG != w.sgr.bg || c.Glyph&glyphKind > glyphShape {
		return false
	}
	return c.FG == w.sgr.fg || c.Glyph == blank
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
