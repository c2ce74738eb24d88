package stream

import (
	"acip/capture"
	"acip/frame"
	"acip/render"
)

// page is a surface for tiles.
type page interface {
	// area returns the page's size in distinguishable pixels, and the unit that rectangles must be multiples of.
	area() (size, unit frame.Size)
	// begin clears the page; the layout is another if fresh.
	begin(fresh bool)
	// draw puts a picture, or without one the lines, into a part of the page.
	draw(at frame.Rect, f *frame.Frame, lines ...string)
	// flush writes the page out.
	flush() error
}

// framePage is a page of pixels for y4m and rgb.
type framePage struct {
	sink   sink
	fit    frame.Fit
	sheet  frame.Frame
	card   frame.Frame
	scaler map[frame.Rect]*frame.Scaler
}

// defaultPage returns the default size of a stream's pictures.
func defaultPage() frame.Size { return frame.Size{W: 640, H: 480} }

func newFramePage(s sink, cfg Config) *framePage {
	p := &framePage{sink: s, fit: cfg.Fit, scaler: map[frame.Rect]*frame.Scaler{}}
	size := s.size(defaultPage())
	p.sheet.Resize(size.W, size.H)
	return p
}

func (p *framePage) area() (size, unit frame.Size) { return p.sheet.Size(), frame.Size{W: 1, H: 1} }

func (p *framePage) begin(bool) { clear(p.sheet.Pix) }

func (p *framePage) draw(at frame.Rect, f *frame.Frame, lines ...string) {
	if at.Empty() {
		return
	}
	if f == nil {
		f = &p.card
		capture.Card(f, at.Size(), lines...)
	}
	crop, place := p.fit.Place(f.Size(), at.Size())
	place.X, place.Y = place.X+at.X, place.Y+at.Y
	if len(p.scaler) > 64 {
		clear(p.scaler) // layouts of the past
	}
	s := p.scaler[at]
	if s == nil {
		s = &frame.Scaler{}
		p.scaler[at] = s
	}
	s.Scale(&p.sheet, place, f, crop)
}

func (p *framePage) flush() error { return p.sink.write(&p.sheet) }

// cellPage is a page of character cells for ansi.
type cellPage struct {
	*ansiSink
	covered map[frame.Rect]frame.Rect // cells that the picture of a tile covered last
}

func (p *cellPage) area() (size, unit frame.Size) {
	return p.pixels(), squarePixels(p.canvas.Style())
}

func (p *cellPage) begin(fresh bool) {
	if fresh {
		p.canvas.Fill(frame.Rect{W: p.canvas.Size().W, H: p.canvas.Size().H}, render.TextStyle{})
		p.covered = map[frame.Rect]frame.Rect{}
	}
}

func (p *cellPage) draw(at frame.Rect, f *frame.Frame, lines ...string) {
	_, unit := p.area()
	cells := frame.Rect{X: at.X / unit.W, Y: at.Y / unit.H, W: at.W / unit.W, H: at.H / unit.H}
	if f == nil {
		p.canvas.Fill(cells, render.TextStyle{})
		for i, l := range lines {
			p.canvas.Text(cells.X+max(0, (cells.W-render.TextWidth(l))/2), cells.Y+cells.H/2+i, l, render.TextStyle{})
		}
		return
	}
	o := render.PictureOptions{Fit: p.fit}
	if covered := p.canvas.Picture(cells, f, o); covered != p.covered[cells] {
		p.covered[cells] = covered
		p.canvas.Fill(cells, render.TextStyle{}) // the bars of the last picture, or a card
		p.canvas.Picture(cells, f, o)
	}
}
