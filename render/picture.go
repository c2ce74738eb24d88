package render

import "acip/frame"

// PictureOptions says how a picture meets its place.
type PictureOptions struct {
	Fit    frame.Fit
	Mirror bool  // left and right exchanged
	Dim    uint8 // 0 full brightness … 255 black, for a picture that is no longer live
}

// Picture draws f into the cells at, which are clipped to the screen. The whole picture is placed by o.Fit with square
// pixels; bars are left as they are, so fill them first. The cells that still show nearly the same stay as they are
// (see docs/rendering.md); a Frame without pixels draws nothing. It returns the cells that the picture covers.
func (c *Canvas) Picture(at frame.Rect, f *frame.Frame, o PictureOptions) frame.Rect {
	at, crop := c.place(at, f.Size(), o.Fit)
	if at.Empty() || at.Intersect(c.bounds()) != at {
		return frame.Rect{}
	}
	c.scaled.Resize(at.W, at.H*2)
	c.scaler.Scale(&c.scaled, frame.Rect{W: at.W, H: at.H * 2}, f, crop)
	for y := range at.H {
		top, bottom := c.scaled.Row(2*y), c.scaled.Row(2*y+1)
		row := c.want[(at.Y+y)*c.cols+at.X:]
		for x := range at.W {
			a := RGB(top[x*3], top[x*3+1], top[x*3+2])
			b := RGB(bottom[x*3], bottom[x*3+1], bottom[x*3+2])
			if row[x] = flat(a); a != b {
				row[x] = Cell{Glyph: glyphShape | upperHalf, FG: a, BG: b}
			}
		}
	}
	return at
}

func (c *Canvas) place(at frame.Rect, src frame.Size, fit frame.Fit) (cells, crop frame.Rect) {
	px := c.style.CellSize()
	crop, in := fit.Place(src, frame.Size{W: at.W * px.W, H: at.H * px.H})
	if in.Empty() {
		return frame.Rect{}, crop
	}
	w, h := max(1, (in.W+px.W/2)/px.W), max(1, (in.H+px.H/2)/px.H)
	return frame.Rect{X: at.X + (at.W-w)/2, Y: at.Y + (at.H-h)/2, W: w, H: h}, crop
}
