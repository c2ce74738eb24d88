package render

import (
	"slices"

	"acip/frame"
	"acip/render/internal/cell"
	"acip/render/internal/kitty"
)

// Pictures by kitty's graphics protocol: https://sw.kovidgoyal.net/kitty/graphics-protocol/.
//
// A picture is sent under one number and shown in pieces, which leave out the cells that text wants. It could lie below
// the text in one piece, but terminals then disagree about which backgrounds cover it, and kitty 0.26 leaves rubbish
// behind wherever cells have one. New pixels go under a second number, of which the pieces are then shown before the
// first one is removed: nothing flickers, however long the pixels take.

// kittyChanges shows every picture where it is wanted, new pixels being sent first, and removes those that are gone.
func (c *Canvas) kittyChanges(dst []byte) []byte {
	for n := range c.pictures {
		p := &c.pictures[n]
		c.kittyPieces = c.pieces(c.kittyPieces[:0], n)
		switch {
		case len(c.kittyPieces) == 0:
			dst = c.forget(dst, n)
			*p = picture{}
		case p.fresh || !p.placed:
			dst = c.sendKitty(dst, n)
		default:
			dst = c.placeAll(dst, n, p.kitty.Pieces)
		}
	}
	return dst
}

// sendKitty sends the pixels of picture n, shows them, and removes those before.
func (c *Canvas) sendKitty(dst []byte, n int) []byte {
	p := &c.pictures[n]
	old := p.kitty
	p.kitty.Sent, p.kitty.Second = true, old.Sent && !old.Second
	dst = c.wrapped(dst, func(b []byte) []byte { return c.kitty.Send(b, p.kitty.Number(n), p.pix, p.size) })
	dst = c.placeAll(dst, n, nil)
	if old.Sent {
		dst = c.wrapped(dst, func(b []byte) []byte { return kitty.Delete(b, old.Number(n)) })
	}
	p.placed, p.fresh = true, false
	return dst
}

// placeAll shows picture n in the pieces of c.kitty, of which the terminal has those in had, and takes away what had
// has beyond them.
func (c *Canvas) placeAll(dst []byte, n int, had []frame.Rect) []byte {
	p, pieces := &c.pictures[n], c.kittyPieces
	number := p.kitty.Number(n)
	for i, at := range pieces {
		if i >= len(had) || had[i] != at {
			dst = c.wrapped(dst, func(b []byte) []byte { return kitty.Place(b, number, i+1, p.size, p.at, at) })
		}
	}
	for i := len(pieces); i < len(had); i++ {
		dst = c.wrapped(dst, func(b []byte) []byte { return kitty.Remove(b, number, i+1) })
	}
	p.kitty.Pieces = append(p.kitty.Pieces[:0], pieces...)
	return dst
}

// forget removes picture n from the terminal, if it is there.
func (c *Canvas) forget(dst []byte, n int) []byte {
	k := &c.pictures[n].kitty
	if !k.Sent {
		return dst
	}
	return c.wrapped(dst, func(b []byte) []byte { return kitty.Delete(b, k.Number(n)) })
}

// pieces appends the rectangles of cells where picture n is wanted. Equal runs in rows below each other make one.
func (c *Canvas) pieces(dst []frame.Rect, n int) []frame.Rect {
	at, of := c.pictures[n].at, cell.Graphic(n)
	first := len(dst)
	for y := at.Y; y < at.Y+at.H; y++ {
		row := c.want[y*c.cols:][:at.X+at.W]
		for x := at.X; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] == of {
				x++
			}
			if x == from {
				continue
			}
			run := frame.Rect{X: from, Y: y, W: x - from, H: 1}
			above := slices.IndexFunc(dst[first:], func(r frame.Rect) bool { return r.X == run.X && r.W == run.W && r.Y+r.H == y })
			if above >= 0 {
				dst[first+above].H++
			} else {
				dst = append(dst, run)
			}
		}
	}
	return dst
}
