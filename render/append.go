package render

import (
	"math/bits"

	"acip/render/internal/ansi"
	"acip/render/internal/cell"
	"acip/render/internal/paint"
)

// Append appends to dst the bytes that update the terminal from what it shows to what is wanted, and assumes that the
// caller writes them. It appends nothing if nothing differs. The terminal must not wrap at the last column: the first
// Append after Invalidate turns wrapping off, and the terminal's owner turns it on again at the end.
func (c *Canvas) Append(dst []byte) []byte {
	start := len(dst)
	if c.style.Sync {
		dst = append(dst, ansi.SyncBegin...)
	}
	began := len(dst)
	if c.stale {
		dst = append(append(append(dst, ansi.WrapOff...), ansi.Reset...), ansi.ClearAll...)
		c.cleared()
	}
	dst = c.imageChanges(dst)
	dst = c.changes(c.writer(dst, ansi.Unknown, ansi.Unknown))
	if len(dst) == began {
		return dst[:start]
	}
	if c.style.Sync {
		dst = append(dst, ansi.SyncEnd...)
	}
	return dst
}

// AppendFrame is like Append, for files and pipes. Each frame begins with a cursor move to the home position, which
// separates it from the one before. The first frame after Invalidate paints every cell. Wrapping at the last column is
// off within a frame.
func (c *Canvas) AppendFrame(dst []byte) []byte {
	if c.stale {
		dst = append(dst, ansi.Reset...)
		c.stale = false
	}
	dst = append(append(dst, ansi.Home...), ansi.WrapOff...)
	images := len(dst)
	if dst = c.imageChanges(dst); len(dst) > images {
		dst = append(dst, ansi.Home...)
	}
	dst = c.changes(c.writer(dst, 0, 0))
	return append(dst, ansi.WrapOn...)
}

// AppendLines appends the wanted screen as lines of text that a terminal can print inline: without cursor movement,
// each line ending with a reset of its colours and a newline. Trailing blanks in the terminal's default colours are
// omitted.
func (c *Canvas) AppendLines(dst []byte) []byte {
	w := c.writer(dst, 0, 0)
	w.Repeat = false // not every program that shows such text knows REP
	for y := range c.rows {
		row := c.want[y*c.cols:][:c.cols]
		for len(row) > 0 && row[len(row)-1] == cell.Flat(0) {
			row = row[:len(row)-1]
		}
		w.Grow(len(row) * ansi.CellBytes)
		for x := range row {
			if row[x].Part != cell.Tail {
				w.Put(&row[x])
			}
		}
		if w.SGR != (ansi.Rendition{}) {
			w.Bytes, w.SGR = append(w.Bytes, ansi.Reset...), ansi.Rendition{}
		}
		w.Bytes = append(w.Bytes, '\n')
	}
	return w.Bytes
}

// writer returns a writer that appends to dst in the canvas's style, with the cursor at x, y and default rendition.
func (c *Canvas) writer(dst []byte, x, y int) ansi.Writer {
	return ansi.Writer{Bytes: dst, X: x, Y: y, Repeat: c.style.Repeat, Letters: c.style.Glyphs == ASCII, Clusters: c.clusters}
}

// cleared notes that the terminal shows nothing.
func (c *Canvas) cleared() {
	c.stale = false
	for i := range c.shown {
		c.shown[i] = cell.Flat(0)
	}
}

// changes writes every cell whose change pays for its bytes, row by row.
func (c *Canvas) changes(w ansi.Writer) []byte {
	began := len(w.Bytes)
	errorPerByte, most := c.limits()
	for y := range c.rows {
		w.Grow(c.cols * ansi.CellBytes)
		if c.rowChanges(&w, y, errorPerByte, began+most); len(w.Bytes) > began+most {
			break
		}
	}
	if w.SGR != (ansi.Rendition{}) {
		w.Bytes = append(w.Bytes, ansi.Reset...)
	}
	c.learn()
	return w.Bytes
}

// rowChanges writes the cells of a row whose change saves more error than errorPerByte demands for their bytes, until w
// holds more than most bytes.
func (c *Canvas) rowChanges(w *ansi.Writer, y int, errorPerByte float32, most int) {
	row := y * c.cols
	want, shown := c.want[row:][:c.cols], c.shown[row:][:c.cols]
	gain, history := c.gain[row:][:c.cols], c.history[row:][:c.cols]
	errorPerByte *= 1. / fullTolerance
	selectChanges(c.differs, want, shown, gain, history, errorPerByte)
	for x := 0; x < c.cols && len(w.Bytes) <= most; x++ {
		if w.X != x || w.Y != y || c.differs[x/8]>>(x%8)&1 == 0 {
			if x = c.nextCandidate(&w.SGR, row, x, errorPerByte); x == c.cols {
				return
			}
		}
		c.change(w, row, x, y, errorPerByte*float32(history[x].tolerance))
	}
}

// nextCandidate returns the next column from x on, in the row that begins at cell index row, whose change may pay,
// given the writer's rendition; the number of columns if there is none. errorPerByte is divided by fullTolerance.
func (c *Canvas) nextCandidate(p *ansi.Rendition, row, x int, errorPerByte float32) int {
	i, whole := x/8, c.cols/8
	c.differs[i] &= 0xff << (x % 8)
	if hasCellVector && i < whole && p.FG&paint.KindMask == paint.KindRGB && p.BG&paint.KindMask == paint.KindRGB {
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

// change writes the cell at column x of the row that begins at cell index row if that pays, v being the error that a
// byte must save.
func (c *Canvas) change(w *ansi.Writer, row, x, y int, v float32) {
	shown, want, gain := &c.shown[row+x], &c.want[row+x], &c.gain[row+x]
	if want.Part == cell.Tail || *gain < v {
		return // does not pay for a single byte
	}
	there := w.X == x && w.Y == y
	if !there && *gain < v*(1+cursorBytes+colorBytes) && !isClose(&w.SGR, want) {
		return // nor for moving there with a new colour
	}
	fg, bg, left := want.FG, want.BG, float32(0)
	if v > 0 {
		var bytes float32
		if fg, bg, left, bytes = near(&w.SGR, want, v); !there {
			bytes += cursorBytes
		}
		if left+v*bytes >= *gain {
			return
		}
	}
	if !there {
		w.GoTo(x, y, c.shown[row:][:c.cols])
	}
	*gain = left
	if want.Part|shown.Part != cell.Narrow || w.Repeat {
		c.refreshChanges(row, x+1, x+2+c.write(w, row, x, fg, bg))
		return
	}
	shown.Assign(want, fg, bg)
	w.Put(shown)
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

// learn adapts the rate to the error that this update left. There is none to learn from after a first picture, or where
// no picture is live.
func (c *Canvas) learn() {
	if mean, n := remainingError(c.gain, c.history); n > 0 {
		c.rate.adapt(mean)
	}
}

// write writes the wanted cell at column x of the row that begins at cell index row, in the given colours, and updates
// the cells that this affects: the other half of a wide glyph, or repetitions. It returns how many further cells it
// wrote.
func (c *Canvas) write(w *ansi.Writer, row, x int, fg, bg Paint) int {
	want, shown := c.want[row:][:c.cols], c.shown[row:][:c.cols]
	splitWide(shown, x)
	char := &shown[x]
	char.Assign(&want[x], fg, bg)
	w.Put(char)
	c.history[row+x].age = 0
	if char.Part == cell.Lead {
		splitWide(shown, x+1)
		shown[x+1] = want[x+1]
		return 1
	}
	n := w.Run(char, want[x+1:])
	if n > 0 {
		w.Repeated(n)
		for i := x + 1; i <= x+n; i++ {
			splitWide(shown, i)
			shown[i] = *char
		}
	}
	return n
}

// splitWide marks the other half of a wide glyph as unknown, because terminals blank it when one half is overwritten.
func splitWide(shown []Cell, x int) {
	switch shown[x].Part {
	case cell.Lead:
		shown[x+1] = Cell{Glyph: cell.Unknown}
	case cell.Tail:
		shown[x-1] = Cell{Glyph: cell.Unknown}
	}
}
