package client

import (
	"context"
	"slices"
	"sync"
	"time"

	"acip/capture"
	"acip/frame"
	"acip/internal/call"
	"acip/render"
)

// grid streams everybody else side by side, or oneself when alone, by the clock.
type grid struct {
	roster
	cfg  Config
	page page
	to   call.Controls // guarded by roster.mu
	over bool          // Run has ended; guarded by roster.mu

	rects []frame.Rect // of the last page; Run's
	tiles sync.Map     // uint32 → *tile; 0 is oneself
}

// tile keeps the newest picture of one member, and lets it be read while the next is written.
type tile struct {
	mu    sync.Mutex
	front *frame.Frame // being drawn
	fresh *frame.Frame // the newest
	back  *frame.Frame // being written
	any   bool
	due   bool // fresh was not drawn yet
}

func newTile() *tile {
	return &tile{front: &frame.Frame{}, fresh: &frame.Frame{}, back: &frame.Frame{}}
}

// put makes f the newest picture and reports whether one that was never drawn had to go. One goroutine puts.
func (t *tile) put(f *frame.Frame) (lost bool) {
	t.back.CopyFrom(f)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.back, t.fresh = t.fresh, t.back
	lost = t.due
	t.any, t.due = true, true
	return lost
}

// take is the newest picture, nil before the first, and whether it is drawn for the first time. One goroutine takes.
func (t *tile) take() (f *frame.Frame, first bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.any {
		return nil, false
	}
	if first = t.due; first {
		t.front, t.fresh = t.fresh, t.front
		t.due = false
	}
	return t.front, first
}

// page is what tiles are drawn on.
type page interface {
	// area is the page's size in pixels that can be told apart, and the units that rectangles must be multiples of.
	area() (size, unit frame.Size)
	// begin clears the page; the layout is another if fresh.
	begin(fresh bool)
	// draw puts a picture, or without one the lines, into a part of the page.
	draw(at frame.Rect, f *frame.Frame, lines ...string)
	// flush writes the page out.
	flush() error
}

func newGrid(cfg Config, p page) *grid { return &grid{roster: newRoster(), cfg: cfg, page: p} }

func (g *grid) tile(id uint32) *tile {
	if t, ok := g.tiles.Load(id); ok {
		return t.(*tile)
	}
	t, _ := g.tiles.LoadOrStore(id, newTile())
	return t.(*tile)
}

// Gone implements Output.
func (g *grid) Gone(id uint32, reason string) {
	g.roster.Gone(id, reason)
	if t, ok := g.tiles.LoadAndDelete(id); ok {
		if _, due := t.(*tile).peek(); due {
			g.controls().Dropped(id, call.Ended)
		}
	}
}

func (g *grid) controls() call.Controls {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.to
}

// Self implements Output.
func (g *grid) Self(f *frame.Frame) {
	g.tile(0).put(f)
	g.poke()
}

// Picture implements Output.
func (g *grid) Picture(id uint32, f *frame.Frame) {
	g.mu.Lock()
	to, over := g.to, g.over
	g.mu.Unlock()
	switch {
	case to == nil:
		return // before Run nothing was asked for
	case over:
		to.Dropped(id, call.Ended)
	case g.tile(id).put(f):
		to.Dropped(id, call.ReplacedView)
	}
	g.poke()
}

// firstWithin is how long a stream waits for a picture before it begins with a card.
const firstWithin = time.Second

// Run implements Output.
func (g *grid) Run(ctx context.Context, c call.Controls) error {
	g.mu.Lock()
	g.to = c
	g.mu.Unlock()
	defer g.end(c)
	if !g.await(ctx, c) {
		return nil
	}
	tick := time.NewTicker(time.Duration(float64(time.Second) / g.cfg.FPS))
	defer tick.Stop()
	for n := 0; ; {
		if err := g.paint(c); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		if n++; g.cfg.Frames > 0 && n >= g.cfg.Frames {
			return nil
		}
		for ticked := false; !ticked; {
			select {
			case <-ctx.Done():
				return nil
			case <-g.wake:
				g.want(c)
			case <-tick.C:
				ticked = true
			}
		}
	}
}

// await waits for the first picture that will be shown, for a while; false when ctx ended.
func (g *grid) await(ctx context.Context, c call.Controls) bool {
	limit := time.NewTimer(firstWithin)
	defer limit.Stop()
	for {
		g.want(c)
		for _, m := range g.members() {
			if f, _ := g.tile(m.ID).peek(); f {
				return true
			}
		}
		select {
		case <-ctx.Done():
			return false
		case <-g.wake:
		case <-limit.C:
			return true
		}
	}
}

// peek reports whether there is a picture, and whether it was not drawn yet.
func (t *tile) peek() (any, due bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.any, t.due
}

// end counts what was not drawn.
func (g *grid) end(c call.Controls) {
	g.mu.Lock()
	g.over = true
	g.mu.Unlock()
	g.tiles.Range(func(id, t any) bool {
		if _, due := t.(*tile).take(); due && id.(uint32) != 0 {
			c.Dropped(id.(uint32), call.Ended)
		}
		return true
	})
}

// members is who has a tile: all who send, else oneself with the id 0.
func (g *grid) members() []call.Peer {
	if all := g.senders(g.cfg.Peer); len(all) > 0 || g.cfg.Peer != "" {
		return all
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return []call.Peer{{Name: g.self.Name, Self: true}}
}

// want asks for everybody's picture at its tile's size.
func (g *grid) want(c call.Controls) {
	members := g.members()
	rects := g.layout(len(members))
	var self frame.Size
	var w []call.Want
	for i, m := range members {
		if m.Self {
			self = rects[i].Size()
			continue
		}
		w = append(w, call.Want{ID: m.ID, Size: rects[i].Size()})
	}
	c.Want(self, w)
}

// layout is the rectangles of n tiles on the page, in its pixels.
func (g *grid) layout(n int) []frame.Rect {
	size, unit := g.page.area()
	return tileRects(size, unit, n)
}

// paint writes one page and counts the pictures that are on it for the first time.
func (g *grid) paint(c call.Controls) error {
	members := g.members()
	rects := g.layout(len(members))
	g.page.begin(!slices.Equal(rects, g.rects))
	g.rects = rects
	var drawn []uint32
	var shown []*frame.Frame
	for i, m := range members {
		f, first := g.tile(m.ID).take()
		if f == nil {
			g.page.draw(rects[i], nil, waitingFor(m)...)
			continue
		}
		g.page.draw(rects[i], f)
		if first && !m.Self {
			drawn, shown = append(drawn, m.ID), append(shown, f)
		}
	}
	if err := g.page.flush(); err != nil {
		for _, id := range drawn {
			c.Dropped(id, call.Ended)
		}
		return err
	}
	for i, id := range drawn {
		c.Drawn(id, shown[i])
	}
	return nil
}

// waitingFor is what a tile without a picture says.
func waitingFor(m call.Peer) []string {
	switch {
	case m.Self:
		return []string{"nobody else is here yet"}
	case m.Paused:
		return []string{m.Name, "paused"}
	}
	return []string{m.Name, "no picture yet"}
}

// tileRects lays n tiles out so that pictures of 4:3 come out largest; edges lie on multiples of unit.
func tileRects(size, unit frame.Size, n int) []frame.Rect {
	if n == 0 {
		return nil
	}
	best, most := 1, 0
	for cols := 1; cols <= n; cols++ {
		rows := (n + cols - 1) / cols
		if seen := min(size.W/cols*3, size.H/rows*4); seen > most {
			best, most = cols, seen
		}
	}
	rows := (n + best - 1) / best
	edge := func(i, n, whole, unit int) int { return i * (whole / unit) / n * unit }
	rects := make([]frame.Rect, n)
	for i := range rects {
		x, y := i%best, i/best
		left, top := edge(x, best, size.W, unit.W), edge(y, rows, size.H, unit.H)
		rects[i] = frame.Rect{
			X: left, Y: top, W: edge(x+1, best, size.W, unit.W) - left, H: edge(y+1, rows, size.H, unit.H) - top,
		}
	}
	return rects
}

// framePage is a page of pixels for y4m and rgb.
type framePage struct {
	sink   sink
	fit    frame.Fit
	sheet  frame.Frame
	card   frame.Frame
	scaler map[frame.Rect]*frame.Scaler
}

// defaultPage is the size of a stream's pictures where nobody said another.
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
