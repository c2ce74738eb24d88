package render

import "acip/frame"

// Canvas is a screen of cells: what is wanted, what the terminal shows, and the way from the one to the other.
// Not for concurrent use.
type Canvas struct {
	cols, rows int
	style      Style
	want       []Cell
	shown      []Cell
	clusters   []string
	samples    []byte
	scaler     frame.Scaler
	scaled     frame.Frame
	budget     int
}

// NewCanvas returns a blank screen of cols by rows cells; the terminal's content counts as unknown.
func NewCanvas(cols, rows int, s Style) *Canvas {
	c := &Canvas{style: s}
	c.Resize(cols, rows)
	return c
}

// Resize gives the screen another size. Everything wanted is gone, and what the terminal shows counts as unknown.
func (c *Canvas) Resize(cols, rows int) {
	c.cols, c.rows = max(cols, 0), max(rows, 0)
	n := c.cols * c.rows
	c.want, c.shown = make([]Cell, n), make([]Cell, n)
	c.clusters = c.clusters[:0]
	for i := range c.want {
		c.want[i] = flat(0)
	}
	c.Invalidate()
}

// Size is the screen's columns and rows.
func (c *Canvas) Size() frame.Size { return frame.Size{W: c.cols, H: c.rows} }

// Style is how the canvas draws now.
func (c *Canvas) Style() Style { return c.style }

// SetStyle changes how the canvas draws from now on. What is on the screen stays until it is drawn over.
func (c *Canvas) SetStyle(s Style) { c.style = s }

// Invalidate says that the terminal's content is unknown: the next Append paints every cell.
func (c *Canvas) Invalidate() {
	for i := range c.shown {
		c.shown[i] = Cell{Glyph: glyphUnknown}
	}
}

// Budget limits what the following Appends write to about bytes each; 0 is no limit. What does not fit waits for the
// next one.
func (c *Canvas) Budget(bytes int) { c.budget = bytes }

// At is the wanted cell at column x, row y; the zero Cell outside the screen.
func (c *Canvas) At(x, y int) Cell {
	if x < 0 || y < 0 || x >= c.cols || y >= c.rows {
		return Cell{}
	}
	return c.want[y*c.cols+x]
}

// bounds is the whole screen as a rectangle.
func (c *Canvas) bounds() frame.Rect { return frame.Rect{W: c.cols, H: c.rows} }
