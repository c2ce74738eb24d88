package vt

import (
	"strconv"
	"strings"
)

// escape takes one escape sequence.
func (t *Terminal) escape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '7':
		t.savedX, t.savedY = t.x, t.y
		return 2
	case '8':
		t.x, t.y, t.pending = t.savedX, t.savedY, false
		return 2
	case '[':
		for i := 2; i < len(b); i++ {
			if b[i] >= 0x40 && b[i] <= 0x7e {
				t.control(string(b[2:i]), b[i])
				return i + 1
			}
		}
		return 0
	case '_', 'P', ']':
		return t.str(b)
	}
	t.fail("unknown escape %q", b[:2])
	return 2
}

// str takes a string up to its end. Within one for tmux escapes are doubled, and a single one can only begin the end.
func (t *Terminal) str(b []byte) int {
	for i := 2; i+1 < len(b); i++ {
		if b[i] != 0x1b {
			continue
		}
		if b[i+1] == '\\' {
			t.graphics = append(t.graphics, string(b[1:i]))
			if b[1] == '_' {
				t.apc(string(b[2:i]))
			}
			return i + 2
		}
		if b[i+1] != 0x1b {
			t.fail("escape inside a string: %q", b[i:i+2])
			return i + 2
		}
		i++
	}
	return 0
}

// control takes a CSI sequence: its parameters and its last byte.
func (t *Terminal) control(s string, final byte) {
	if strings.HasPrefix(s, "?") {
		t.mode(s[1:], final)
		return
	}
	p, ok := numbers(s)
	if !ok {
		t.fail("unknown parameters in CSI %s %c", s, final)
		return
	}
	if final == 'm' {
		t.sgr(p)
		return
	}
	n := 1
	if len(p) > 0 && p[0] > 0 {
		n = p[0]
	}
	if final == 'b' {
		for range n {
			t.put(t.last, 1)
		}
		return
	}
	t.pending = false
	t.move(p, n, final)
}

// move takes a cursor movement or an erasure; n is the first parameter, at least 1.
func (t *Terminal) move(p []int, n int, final byte) {
	switch final {
	case 'A':
		t.y = max(t.y-n, 0)
	case 'B':
		t.y = min(t.y+n, t.rows-1)
	case 'C':
		t.x = min(t.x+n, t.cols-1)
	case 'D':
		t.x = max(t.x-n, 0)
	case 'G':
		t.x = min(n, t.cols) - 1
	case 'd':
		t.y = min(n, t.rows) - 1
	case 'H':
		column := 1
		if len(p) > 1 {
			column = max(p[1], 1)
		}
		if n > t.rows || column > t.cols {
			t.fail("position %d;%d is outside %dx%d", n, column, t.cols, t.rows)
		}
		t.x, t.y = min(column, t.cols)-1, min(n, t.rows)-1
	case 'J', 'K':
		t.erase(p, final)
	default:
		t.fail("unknown CSI … %c", final)
	}
}

func (t *Terminal) erase(p []int, final byte) {
	what := 0
	if len(p) > 0 {
		what = p[0]
	}
	blank := t.pen
	blank.Text, blank.FG, blank.Underline = " ", Color{}, false
	from, to := t.y*t.cols+t.x, (t.y+1)*t.cols
	if final == 'J' {
		to = len(t.cells)
	}
	switch {
	case what == 2 && final == 'J':
		from = 0
		t.kitty.places = nil
	case what == 2:
		from = t.y * t.cols
	case what != 0:
		t.fail("erase %d is not known", what)
	}
	for i := from; i < to; i++ {
		t.cells[i] = blank
	}
}

func (t *Terminal) mode(s string, final byte) {
	n, err := strconv.Atoi(s)
	if err != nil || final != 'h' && final != 'l' {
		t.fail("unknown CSI ? %s %c", s, final)
		return
	}
	on := final == 'h'
	switch n {
	case 7:
		t.wrap = on
	case 25, 1049, 2026:
		t.modes[n] = on
	default:
		t.fail("unknown mode %d", n)
	}
}

// sgr sets the pen.
func (t *Terminal) sgr(p []int) {
	if len(p) == 0 {
		p = []int{0}
	}
	for len(p) > 0 {
		n := p[0]
		p = p[1:]
		switch {
		case n == 0:
			t.pen = Cell{}
		case n == 38 || n == 48:
			p = t.extended(p, n == 38)
		case n >= 30 && n <= 39:
			t.pen.FG = basic(n-30, 0)
		case n >= 40 && n <= 49:
			t.pen.BG = basic(n-40, 0)
		case n >= 90 && n <= 97:
			t.pen.FG = basic(n-90, 8)
		case n >= 100 && n <= 107:
			t.pen.BG = basic(n-100, 8)
		default:
			t.attribute(n)
		}
	}
}

func basic(n, bright int) Color {
	if n == 9 {
		return Color{}
	}
	return Color{Kind: Palette, R: uint8(n + bright)}
}

func (t *Terminal) attribute(n int) {
	on := map[int]*bool{1: &t.pen.Bold, 2: &t.pen.Dim, 3: &t.pen.Italic, 4: &t.pen.Underline, 7: &t.pen.Reverse}
	if b := on[n]; b != nil {
		*b = true
		return
	}
	t.fail("unknown SGR %d", n)
}

// extended takes the parameters of a colour after 38 or 48 and returns what follows them.
func (t *Terminal) extended(p []int, foreground bool) []int {
	var c Color
	var n int
	switch {
	case len(p) >= 2 && p[0] == 5 && p[1] < 256:
		c, n = Color{Kind: Palette, R: uint8(p[1])}, 2
	case len(p) >= 4 && p[0] == 2 && max(p[1], p[2], p[3]) < 256:
		c, n = Color{RGB, uint8(p[1]), uint8(p[2]), uint8(p[3])}, 4
	default:
		t.fail("unknown colour %v", p)
		return nil
	}
	if foreground {
		t.pen.FG = c
	} else {
		t.pen.BG = c
	}
	return p[n:]
}

// numbers are the parameters of a sequence, 0 where one is left out.
func numbers(s string) ([]int, bool) {
	if s == "" {
		return nil, true
	}
	var out []int
	for f := range strings.SplitSeq(s, ";") {
		n := 0
		if f != "" {
			var err error
			if n, err = strconv.Atoi(f); err != nil || n < 0 {
				return nil, false
			}
		}
		out = append(out, n)
	}
	return out, true
}
