package stream

import (
	"context"
	"slices"
	"sync"
	"time"

	"acip/frame"
	"acip/internal/account"
	"acip/internal/call"
)

// grid streams everyone else side by side, or oneself when alone, at a fixed rate.
type grid struct {
	roster
	cfg  Config
	page page
	to   call.Controls // guarded by roster.mu
	over bool          // Run has ended; guarded by roster.mu

	rects []frame.Rect // of the last page; Run's
	tiles sync.Map     // uint32 → *frame.Latest; 0 is oneself
}

func newGrid(cfg Config, p page) *grid { return &grid{roster: newRoster(), cfg: cfg, page: p} }

func (g *grid) tile(id uint32) *frame.Latest {
	if t, ok := g.tiles.Load(id); ok {
		return t.(*frame.Latest)
	}
	t, _ := g.tiles.LoadOrStore(id, frame.NewLatest())
	return t.(*frame.Latest)
}

// Gone implements Output.
func (g *grid) Gone(id uint32, why call.Departure) {
	g.roster.Gone(id, why)
	if t, ok := g.tiles.LoadAndDelete(id); ok {
		if _, due := t.(*frame.Latest).Waiting(); due {
			g.controls().Dropped(id, account.Ended)
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
	g.tile(0).Put(f)
	g.wake.Notify()
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
		to.Dropped(id, account.Ended)
	case g.tile(id).Put(f):
		to.Dropped(id, account.ReplacedView)
	}
	g.wake.Notify()
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
			case <-g.wake.C():
				g.want(c)
			case <-tick.C:
				ticked = true
			}
		}
	}
}

// await waits for the first picture, for at most firstWithin. It returns false if ctx ended.
func (g *grid) await(ctx context.Context, c call.Controls) bool {
	limit := time.NewTimer(firstWithin)
	defer limit.Stop()
	for {
		g.want(c)
		for _, m := range g.members() {
			if f, _ := g.tile(m.ID).Waiting(); f {
				return true
			}
		}
		select {
		case <-ctx.Done():
			return false
		case <-g.wake.C():
		case <-limit.C:
			return true
		}
	}
}

// end reports the pictures that were not drawn.
func (g *grid) end(c call.Controls) {
	g.mu.Lock()
	g.over = true
	g.mu.Unlock()
	g.tiles.Range(func(id, t any) bool {
		if _, due := t.(*frame.Latest).Take(); due && id.(uint32) != 0 {
			c.Dropped(id.(uint32), account.Ended)
		}
		return true
	})
}

// members returns the peers with a tile: everyone who sends, else oneself with id 0.
func (g *grid) members() []call.Peer {
	if all := g.senders(g.cfg.Peer); len(all) > 0 || g.cfg.Peer != "" {
		return all
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return []call.Peer{{Name: g.self.Name, Self: true}}
}

// want asks for everyone's picture at the size of its tile.
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

// layout returns the rectangles of n tiles on the page, in its pixels.
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
		f, first := g.tile(m.ID).Take()
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
			c.Dropped(id, account.Ended)
		}
		return err
	}
	for i, id := range drawn {
		c.Drawn(id, call.StampOf(shown[i]))
	}
	return nil
}

// waitingFor returns the lines for a tile without a picture.
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
