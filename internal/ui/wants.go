package ui

import (
	"time"

	"acip/frame"
	"acip/render"
)

// Want is what should be sent of one peer: a box in square pixels and a rate, 0 for the call's.
type Want struct {
	ID   uint32
	Size frame.Size
	FPS  int
}

type want struct {
	size frame.Size
	fps  int
}

// shrinkAfter is how long a tile must have been smaller before less is asked for: growing back would cost a key frame.
const shrinkAfter = 2 * time.Second

// Wants is the whole wish for a canvas of this style, and the size for one's own picture, zero when it is not shown.
// Growing is asked for at once, shrinking when it has lasted; Next tells when to ask again.
func (m *Model) Wants(s render.Style, now time.Time) (self frame.Size, list []Want) {
	for _, t := range m.slots.all() {
		if t.watch || t.lost() {
			continue
		}
		t.wanted = want{pixels(t.rect, s), m.opts.FPS}
		t.settle(now)
		if !t.asked.size.Empty() {
			list = append(list, Want{ID: t.id, Size: t.asked.size, FPS: t.asked.fps})
		}
	}
	m.self.wanted = want{pixels(m.self.rect, s), 0}
	m.self.settle(now)
	return m.self.asked.size, list
}

// settle decides what is asked for, of what is wanted now.
func (t *tile) settle(now time.Time) {
	have, next := t.asked.size, t.wanted.size
	grows := next.W > have.W || next.H > have.H
	hidden := next.Empty() != have.Empty()
	switch {
	case t.wanted == t.asked:
		t.shrinkAt = time.Time{}
		return
	case grows || hidden || have == next:
	case t.shrinkAt.IsZero():
		t.shrinkAt = now.Add(shrinkAfter)
		return
	case now.Before(t.shrinkAt):
		return
	}
	t.asked, t.shrinkAt = t.wanted, time.Time{}
}

// pixels is the smallest box of square pixels that has at least as many each way as the cells can show.
func pixels(r frame.Rect, s render.Style) frame.Size {
	if r.Empty() {
		return frame.Size{}
	}
	cell := s.CellSize()
	if s.Graphics == render.Kitty || s.Graphics == render.Sixel {
		return frame.Size{W: r.W * cell.W, H: r.H * cell.H}
	}
	g := render.CellPixels(s.Glyphs)
	// g.W pixels per cell.W, or g.H per cell.H, whichever is finer.
	num, den := g.W, cell.W
	if g.H*cell.W > g.W*cell.H {
		num, den = g.H, cell.H
	}
	up := func(v int) int { return (v*num + den - 1) / den }
	return frame.Size{W: up(r.W * cell.W), H: up(r.H * cell.H)}
}
