package render

import (
	"acip/frame"
	"acip/render/internal/cell"
)

// PictureOptions says how a picture is fitted into its place and drawn.
type PictureOptions struct {
	Fit    frame.Fit
	Mirror bool  // left and right exchanged
	Dim    uint8 // 0 full brightness to 255 black, for a picture that is no longer live
}

// Picture draws f into the cells at, clipped to the screen, and returns the cells that it covers. The picture is
// centred and keeps its aspect ratio. Bars beside it are left alone, so fill them first. Cells that show nearly the
// same stay as they are (docs/rendering.md says for how long). A Frame without pixels draws nothing.
func (c *Canvas) Picture(at frame.Rect, f *frame.Frame, o PictureOptions) frame.Rect {
	at = c.place(at.Intersect(c.drawable()), f.Size(), o.Fit)
	if at.Empty() {
		return at
	}
	if c.graphics() {
		c.image(at, f, o)
		return at
	}
	cell := c.style.CellSize()
	x, y := c.painter.axes(at.W, at.H)
	grid := frame.Grid{X: x, Y: y, Filter: c.filter(), Mirror: o.Mirror}
	crop := frame.CropTo(f.Size(), frame.Size{W: at.W * cell.W, H: at.H * cell.H})
	each := y.Len() / at.H
	again := c.again(at, f)
	moves := again
	for row := range at.H {
		c.samples = c.scaler.Rows(c.samples, grid, f, crop, row*each, (row+1)*each)
		dim(c.samples, o.Dim)
		if c.paint(at.X, at.Y+row, at.W, again) {
			moves = true
		}
	}
	if !moves {
		c.exact(at)
	}
	return at
}

// drawable returns where pictures may lie. Below a sixel picture terminals put the cursor on the next row, and scroll
// where there is none: foot, Konsole and mlterm do, xterm does not. The last row therefore stays free of them.
func (c *Canvas) drawable() frame.Rect {
	all := c.bounds()
	if c.style.Graphics == Sixel {
		all.H = max(all.H-1, 0)
	}
	return all
}

// exact lets the cells of a still picture tolerate no error.
func (c *Canvas) exact(at frame.Rect) {
	for y := at.Y; y < at.Y+at.H; y++ {
		for x := at.X; x < at.X+at.W; x++ {
			c.history[y*c.cols+x].tolerance = 0
		}
	}
}

// place returns the cells within at that a picture of size src covers.
func (c *Canvas) place(at frame.Rect, src frame.Size, fit frame.Fit) frame.Rect {
	cell := c.style.CellSize()
	_, in := fit.Place(src, frame.Size{W: at.W * cell.W, H: at.H * cell.H})
	if in.Empty() {
		return frame.Rect{}
	}
	w, h := max(1, (in.W+cell.W/2)/cell.W), max(1, (in.H+cell.H/2)/cell.H)
	return frame.Rect{X: at.X + (at.W-w)/2, Y: at.Y + (at.H-h)/2, W: w, H: h}
}

func (c *Canvas) filter() frame.Filter {
	if c.style.Filter == Sharp {
		return frame.Sharp
	}
	return frame.Smooth
}

// paint draws n cells of one row from the samples, and reports whether any differs from the last picture's.
func (c *Canvas) paint(x, y, n int, again bool) (moves bool) {
	from := y*c.cols + x
	want, gain := c.want[from:][:n], c.gain[from:][:n]
	if want[0].Part == cell.Tail {
		c.set(x, y, Cell{})
	}
	if want[n-1].Part == cell.Lead {
		c.set(x+n-1, y, Cell{})
	}
	c.painter.row(want, gain, c.samples, c.shown[from:][:n], x, y)
	return updateHistory(c.history[from:][:n], want, gain, again)
}

// dim darkens samples; 255 makes them black.
func dim(samples []byte, by uint8) {
	if by == 0 {
		return
	}
	keep := uint16(255 - by)
	for i, v := range samples {
		samples[i] = byte(uint16(v) * keep / 255)
	}
}
