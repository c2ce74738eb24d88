package render

import (
	"bytes"

	"acip/frame"
	"acip/render/internal/ansi"
	"acip/render/internal/cell"
	"acip/render/internal/kitty"
	"acip/render/internal/sixel"
)

// picture is one picture on the screen as pixels, for terminals that take them. Its cells carry its number.
type picture struct {
	at      frame.Rect // cells
	size    frame.Size // pixels
	pix     []byte     // RGB24
	placed  bool       // the terminal shows it
	fresh   bool       // the terminal does not have these pixels
	kitty   kitty.Image
	colours *sixel.Quantiser // sixel
}

// graphics reports whether pictures go to the terminal as pixels.
func (c *Canvas) graphics() bool { return c.style.Graphics == Kitty || c.style.Graphics == Sixel }

// image draws f into the cells at as pixels. A picture keeps its number as long as it keeps its place.
func (c *Canvas) image(at frame.Rect, f *frame.Frame, o PictureOptions) {
	n := c.slot(at)
	p := &c.pictures[n]
	size, box := c.imageSize(at, p, f.Size())
	crop := frame.CropTo(f.Size(), box)
	x, y := frame.Even(size.W), frame.Even(size.H)
	c.samples = c.scaler.Sample(c.samples, frame.Grid{X: x, Y: y, Mirror: o.Mirror}, f, crop)
	dim(c.samples, o.Dim)
	pix := c.imageSpare[:0]
	for i := 0; i < len(c.samples); i += 4 {
		pix = append(pix, c.samples[i], c.samples[i+1], c.samples[i+2])
	}
	if !bytes.Equal(pix, p.pix) || size != p.size {
		p.pix, c.imageSpare = pix, p.pix
		p.size, p.fresh = size, true
	}
	for row := at.Y; row < at.Y+at.H; row++ {
		for col := at.X; col < at.X+at.W; col++ {
			c.set(col, row, cell.Graphic(n))
		}
	}
}

// slot returns the number of the picture at a place: that which has it, or one that is gone, or a new one.
func (c *Canvas) slot(at frame.Rect) int {
	free := -1
	for i := range c.pictures {
		p := &c.pictures[i]
		if p.at == at {
			return i
		}
		if free < 0 && !p.placed && p.at.Empty() {
			free = i
		}
	}
	if free < 0 {
		c.pictures = append(c.pictures, picture{})
		free = len(c.pictures) - 1
	}
	c.pictures[free] = picture{at: at, fresh: true}
	return free
}

// dropPictures forgets all pictures; the next Append removes them from the terminal.
func (c *Canvas) dropPictures() {
	if len(c.pictures) == 0 {
		return
	}
	for i := range c.want {
		if _, ok := c.want[i].PictureNumber(); ok {
			c.must(i, cell.Flat(0))
		}
	}
	for n := range c.pictures {
		c.removed = c.forget(c.removed, n)
	}
	c.pictures = nil
	c.Invalidate()
}

// imageSize returns how many pixels to send for the cells at, and the pixels of the screen that they are shown on. For
// sixel both are the same. Kitty scales each direction by itself, so that it is sent no more than the source has, in
// pixels that are seldom square: only the second size tells which part of the source keeps its shape there.
func (c *Canvas) imageSize(at frame.Rect, p *picture, src frame.Size) (send, box frame.Size) {
	cell := c.style.CellSize()
	box = frame.Size{W: at.W * cell.W, H: at.H * cell.H}
	if c.style.Graphics == Kitty {
		budget := c.budget / max(len(c.pictures), 1)
		return kitty.Size(at, cell, frame.CropTo(src, box), p.size, budget), box
	}
	return box, box
}

// imageChanges writes the pictures that changed or lost cells, and removes those of which no cell is wanted any more.
func (c *Canvas) imageChanges(dst []byte) []byte {
	dst = append(dst, c.removed...)
	c.removed = c.removed[:0]
	if len(c.pictures) == 0 {
		return dst
	}
	if c.style.Graphics == Kitty {
		return c.kittyChanges(dst)
	}
	seen := c.exposed()
	for i := range c.pictures {
		p := &c.pictures[i]
		switch {
		case seen[i] == 0:
			*p = picture{}
		case p.fresh || !p.placed || seen[i] == 2:
			dst = c.showSixel(dst, i, p)
		}
	}
	return dst
}

// exposed tells for each picture whether cells of it are wanted (1), and whether the terminal has lost some (2).
func (c *Canvas) exposed() []uint8 {
	if len(c.seen) < len(c.pictures) {
		c.seen = make([]uint8, len(c.pictures))
	}
	clear(c.seen)
	for i := range c.want {
		if n, ok := c.want[i].PictureNumber(); ok && n < len(c.seen) {
			c.seen[n] = max(c.seen[n], 1)
			if c.shown[i] != c.want[i] {
				c.seen[n] = 2
			}
		}
	}
	return c.seen
}

// showSixel sends picture n. It covers what was written there, which then counts as lost.
func (c *Canvas) showSixel(dst []byte, n int, p *picture) []byte {
	p.placed, p.fresh = true, false
	for y := p.at.Y; y < p.at.Y+p.at.H; y++ {
		for x := p.at.X; x < p.at.X+p.at.W; x++ {
			c.shown[y*c.cols+x] = cell.Graphic(n)
		}
	}
	if p.colours == nil {
		p.colours = &sixel.Quantiser{}
	}
	return c.wrapped(dst, func(b []byte) []byte {
		w := ansi.Writer{Bytes: b, X: ansi.Unknown, Y: ansi.Unknown}
		w.Position(p.at.X, p.at.Y)
		return c.sixel.Draw(w.Bytes, p.colours, p.pix, p.size)
	})
}

// wrapped appends what f appends, passed through tmux if the style says so: every escape doubled.
func (c *Canvas) wrapped(dst []byte, f func([]byte) []byte) []byte {
	if !c.style.Tmux {
		return f(dst)
	}
	c.inner = f(c.inner[:0])
	dst = append(dst, ansi.TmuxBegin...)
	for _, v := range c.inner {
		if v == ansi.Escape {
			dst = append(dst, ansi.Escape)
		}
		dst = append(dst, v)
	}
	return append(dst, ansi.StringEnd...)
}
