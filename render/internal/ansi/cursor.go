package ansi

import "strconv"

// moveTo moves the cursor to x, y in the fewest bytes. It only moves forward or to an absolute position, and relies on
// the cursor's row only if it is known.
func (w *Writer) moveTo(x, y int) {
	switch {
	case w.X == x && w.Y == y:
		return
	case w.Y == y && w.X >= 0 && w.X < x:
		w.forward(x - w.X)
	case w.Y >= 0 && w.Y <= y && w.shorter(x, y):
		w.lines(x, y)
	default:
		w.Position(x, y)
	}
	w.X, w.Y = x, y
}

// shorter reports whether lines takes no more bytes than position.
func (w *Writer) shorter(x, y int) bool {
	relative := downBytes(y - w.Y)
	if x != w.X {
		relative = 1 + min(y-w.Y, relative) + forwardBytes(x)
	}
	position := 4 + digits(y+1)
	if x > 0 {
		position += 1 + digits(x+1)
	}
	return relative <= position
}

// lines moves down to row y, through the first column if the column differs. A line feed alone keeps the column on a
// raw terminal only; after a carriage return it means the same everywhere.
func (w *Writer) lines(x, y int) {
	n := y - w.Y
	if x == w.X {
		w.down(n)
		return
	}
	w.Bytes = append(w.Bytes, '\r')
	if n > downBytes(n) {
		w.down(n)
	} else {
		w.Bytes = append(w.Bytes, "\n\n\n\n"[:n]...)
	}
	if x > 0 {
		w.forward(x)
	}
}

func (w *Writer) down(n int) {
	w.Bytes = append(w.Bytes, CSI...)
	if n > 1 {
		w.Bytes = Number(w.Bytes, n)
	}
	w.Bytes = append(w.Bytes, FinalDown)
}

func downBytes(n int) int { return forwardBytes(n) }

func (w *Writer) forward(n int) {
	w.Bytes = append(w.Bytes, CSI...)
	if n > 1 {
		w.Bytes = Number(w.Bytes, n)
	}
	w.Bytes = append(w.Bytes, FinalForward)
}

func forwardBytes(n int) int {
	switch n {
	case 0:
		return 0
	case 1:
		return 3
	}
	return 3 + digits(n)
}

// Position moves the cursor to x, y, wherever it is.
func (w *Writer) Position(x, y int) {
	w.Bytes = append(w.Bytes, CSI...)
	if x > 0 || y > 0 {
		w.Bytes = Number(w.Bytes, y+1)
	}
	if x > 0 {
		w.Bytes = Number(append(w.Bytes, ';'), x+1)
	}
	w.Bytes = append(w.Bytes, finalPosition)
}

// Number appends n in decimal; it must not be negative.
func Number(b []byte, n int) []byte { return strconv.AppendUint(b, uint64(n), 10) }

func digits(n int) int {
	switch {
	case n < 10:
		return 1
	case n < 100:
		return 2
	}
	return 3
}
