package render

import "strconv"

// moveTo moves the cursor to x, y in the fewest bytes. It only moves forward or to an absolute position, and relies on the
// cursor's row only if it is known.
func (w *writer) moveTo(x, y int) {
	switch {
	case w.x == x && w.y == y:
		return
	case w.y == y && w.x >= 0 && w.x < x:
		w.forward(x - w.x)
	case w.y >= 0 && w.y <= y && w.shorter(x, y):
		w.lines(x, y)
	default:
		w.position(x, y)
	}
	w.x, w.y = x, y
}

// shorter reports whether lines takes no more bytes than position.
func (w *writer) shorter(x, y int) bool {
	relative := downBytes(y - w.y)
	if x != w.x {
		relative = 1 + min(y-w.y, relative) + forwardBytes(x)
	}
	position := 4 + digits(y+1)
	if x > 0 {
		position += 1 + digits(x+1)
	}
	return relative <= position
}

// lines moves down to row y, through the first column if the column differs. A line feed alone keeps the column on a raw
// terminal only; after a carriage return it means the same everywhere.
func (w *writer) lines(x, y int) {
	n := y - w.y
	if x == w.x {
		w.down(n)
		return
	}
	w.b = append(w.b, '\r')
	if n > downBytes(n) {
		w.down(n)
	} else {
		w.b = append(w.b, "\n\n\n\n"[:n]...)
	}
	if x > 0 {
		w.forward(x)
	}
}

func (w *writer) down(n int) {
	w.b = append(w.b, csi...)
	if n > 1 {
		w.b = number(w.b, n)
	}
	w.b = append(w.b, finalDown)
}

func downBytes(n int) int { return forwardBytes(n) }

func (w *writer) forward(n int) {
	w.b = append(w.b, csi...)
	if n > 1 {
		w.b = number(w.b, n)
	}
	w.b = append(w.b, finalForward)
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

func (w *writer) position(x, y int) {
	w.b = append(w.b, csi...)
	if x > 0 || y > 0 {
		w.b = number(w.b, y+1)
	}
	if x > 0 {
		w.b = number(append(w.b, ';'), x+1)
	}
	w.b = append(w.b, finalPosition)
}

func number(b []byte, n int) []byte { return strconv.AppendUint(b, uint64(n), 10) }

func digits(n int) int {
	switch {
	case n < 10:
		return 1
	case n < 100:
		return 2
	}
	return 3
}
