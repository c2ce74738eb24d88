package render

import (
	"acip/frame"
	"acip/render/internal/cell"
	"acip/render/internal/kitty"
	"acip/render/internal/sixel"
)

// Canvas is a screen of cells. It knows what is wanted and what the terminal shows, and computes the bytes from one to
// the other. It is not safe for concurrent use.
type Canvas struct {
	cols, rows  int
	style       Style
	want        []Cell    // what the screen should show
	shown       []Cell    // what the terminal shows
	differs     []uint8   // one bit per cell of a row: its change may pay
	gain        []float32 // mean squared error that writing a cell saves: 0 leaves it alone, incomparable forces it
	rate        rate
	recent      []drawn
	pictures    []picture // in pixels, where the style has them so
	imageSpare  []byte
	seen        []uint8
	inner       []byte
	removed     []byte // sequences that remove pictures no longer wanted
	kitty       kitty.Encoder
	kittyPieces []frame.Rect // where the picture at hand is to be shown
	sixel       sixel.Encoder
	history     []cellHistory
	clusters    []string
	painter     painter
	samples     []byte
	scaler      frame.Scaler
	budget      int
	costs       [buckets]uint32 // bytes of the cells that differ, by gain per byte
	stale       bool            // the terminal's content is unknown
}

// NewCanvas returns a blank screen of cols by rows cells; the terminal's content counts as unknown.
func NewCanvas(cols, rows int, s Style) *Canvas {
	c := &Canvas{style: s, painter: newPainter(s), rate: rate{errorPerByteStart, errorGoal}}
	c.Resize(cols, rows)
	return c
}

// Resize changes the size. It discards everything wanted, and the terminal's content counts as unknown.
func (c *Canvas) Resize(cols, rows int) {
	c.cols, c.rows = max(cols, 0), max(rows, 0)
	n := c.cols * c.rows
	c.want, c.shown = make([]Cell, n), make([]Cell, n)
	c.gain, c.history = make([]float32, n), make([]cellHistory, n)
	c.differs = make([]uint8, (c.cols+7)/8)
	c.clusters, c.recent = c.clusters[:0], c.recent[:0]
	c.dropPictures()
	for i := range c.want {
		c.want[i] = cell.Flat(0)
	}
	c.Invalidate()
}

// Size returns the number of columns and rows.
func (c *Canvas) Size() frame.Size { return frame.Size{W: c.cols, H: c.rows} }

// Style returns the style in force.
func (c *Canvas) Style() Style { return c.style }

// SetStyle changes the style of what is drawn from now on. What is on the screen stays until it is drawn over, except
// pictures in pixels, which are removed if Graphics changes.
func (c *Canvas) SetStyle(s Style) {
	if c.style.Graphics != s.Graphics || c.style.Tmux != s.Tmux {
		c.dropPictures()
	}
	if c.style != s {
		c.style, c.painter = s, newPainter(s)
	}
}

// Invalidate marks the terminal's content as unknown, so that the next Append paints every cell.
func (c *Canvas) Invalidate() {
	c.stale = true
	for i := range c.pictures {
		c.pictures[i].placed = false
	}
	for i := range c.shown {
		c.shown[i], c.gain[i], c.history[i].tolerance = Cell{Glyph: cell.Unknown}, incomparable, 0
	}
}

// At returns the wanted cell at column x, row y; the zero Cell outside the screen.
func (c *Canvas) At(x, y int) Cell {
	if x < 0 || y < 0 || x >= c.cols || y >= c.rows {
		return Cell{}
	}
	return c.want[y*c.cols+x]
}

// bounds returns the whole screen as a rectangle.
func (c *Canvas) bounds() frame.Rect { return frame.Rect{W: c.cols, H: c.rows} }
