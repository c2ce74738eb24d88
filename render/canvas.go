package render

import "acip/frame"

// Canvas is a screen of cells: what is wanted, what the terminal shows, and the way from the one to the other.
// Not for concurrent use.
type Canvas struct {
	cols, rows int
	style      Style
	want       []Cell    // what the screen should show
	shown      []Cell    // what the terminal shows
	differs    []uint8   // a bit for each cell of a row that may be written
	gain       []float32 // the error that writing a cell saves: 0 leaves it, anew must be written
	rate       rate
	recent     []drawn
	pictures   []picture // in pixels, where the style has them so
	imageSpare []byte
	seen       []uint8
	inner      []byte
	removed    []byte // what removes pictures that are gone from the terminal
	kitty      kitty
	sixel      sixel
	memory     []memory // of the pictures that a cell has shown
	clusters   []string
	painter    painter
	samples    []byte
	scaler     frame.Scaler
	budget     int
	costs      [buckets]uint32 // of the cells that differ, by gain
	stale      bool            // what the terminal shows is unknown
}

// NewCanvas returns a blank screen of cols by rows cells; the terminal's content counts as unknown.
func NewCanvas(cols, rows int, s Style) *Canvas {
	c := &Canvas{style: s, painter: newPainter(s), rate: rate{worthStart, errorGoal}}
	c.Resize(cols, rows)
	return c
}

// Resize gives the screen another size. Everything wanted is gone, and what the terminal shows counts as unknown.
func (c *Canvas) Resize(cols, rows int) {
	c.cols, c.rows = max(cols, 0), max(rows, 0)
	n := c.cols * c.rows
	c.want, c.shown = make([]Cell, n), make([]Cell, n)
	c.gain, c.memory = make([]float32, n), make([]memory, n)
	c.differs = make([]uint8, (c.cols+7)/8)
	c.clusters, c.recent = c.clusters[:0], c.recent[:0]
	c.dropPictures()
	for i := range c.want {
		c.want[i] = flat(0)
	}
	c.Invalidate()
}

// Size is the screen's columns and rows.
func (c *Canvas) Size() frame.Size { return frame.Size{W: c.cols, H: c.rows} }

// Style is how the canvas draws now.
func (c *Canvas) Style() Style { return c.style }

// SetStyle changes how the canvas draws from now on. What is on the screen stays until it is drawn over, but for pictures
// in pixels, which go when Graphics changes.
func (c *Canvas) SetStyle(s Style) {
	if c.style.Graphics != s.Graphics || c.style.Tmux != s.Tmux {
		c.dropPictures()
	}
	if c.style != s {
		c.style, c.painter = s, newPainter(s)
	}
}

// Invalidate says that the terminal's content is unknown: the next Append paints every cell.
func (c *Canvas) Invalidate() {
	c.stale = true
	for i := range c.pictures {
		c.pictures[i].placed = false
	}
	for i := range c.shown {
		c.shown[i], c.gain[i], c.memory[i].bears = Cell{Glyph: glyphUnknown}, anew, 0
	}
}

// At is the wanted cell at column x, row y; the zero Cell outside the screen.
func (c *Canvas) At(x, y int) Cell {
	if x < 0 || y < 0 || x >= c.cols || y >= c.rows {
		return Cell{}
	}
	return c.want[y*c.cols+x]
}

// bounds is the whole screen as a rectangle.
func (c *Canvas) bounds() frame.Rect { return frame.Rect{W: c.cols, H: c.rows} }
