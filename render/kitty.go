package render

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"slices"

	"acip/frame"
	"acip/render/internal/ansi"
	"acip/render/internal/cell"
)

// Pictures by kitty's graphics protocol: https://sw.kovidgoyal.net/kitty/graphics-protocol/.
//
// A picture is sent under one number and shown in pieces, which leave out the cells that text wants. It could lie below
// the text in one piece, but terminals then disagree about which backgrounds cover it, and kitty 0.26 leaves rubbish
// behind wherever cells have one. New pixels go under a second number, of which the pieces are then shown before the
// first one is removed: nothing flickers, however long the pixels take.

// kittyImage is what the terminal has of a picture.
type kittyImage struct {
	sent   bool         // it has an image under the picture's number
	second bool         // that number is the second of the picture's two
	pieces []frame.Rect // the cells where it is shown; piece i is placement i+1
}

// kitty writes pictures.
type kitty struct {
	packed bytes.Buffer
	zip    *zlib.Writer
	text   []byte
	pieces []frame.Rect
}

const (
	kittyFirst = 0x41434950 // image numbers of ours begin here, out of the way of other programs'
	kittyChunk = 4096       // base64 bytes in one sequence
	// kittyBytes is what a pixel takes on the way: three bytes, a third saved by zlib, a third added by base64.
	kittyBytes = 3
)

// number is the number under which the terminal has picture n.
func (k *kittyImage) number(n int) int {
	if k.second {
		return kittyFirst + 2*n + 1
	}
	return kittyFirst + 2*n
}

// kittyLeast is how many pixels of one picture are worth sending even if its source has fewer, where the screen does: kitty
// makes blocks of them, which are seen below this.
const kittyLeast = 120_000

// kittySize is how many pixels to send for the cells at: a whole number a cell, so that pieces end between pixels; no
// more than the screen has, and the source but for kittyLeast; and as many as the budget takes, 0 being no limit. The size
// that a picture had is kept where it serves about as well.
func kittySize(at frame.Rect, cell frame.Size, src frame.Window, had frame.Size, budget int) frame.Size {
	each := frame.Size{
		W: min(max(int(src.W/float64(at.W)+.5), 1), cell.W),
		H: min(max(int(src.H/float64(at.H)+.5), 1), cell.H),
	}
	most := budget / kittyBytes
	area := func() int { return at.W * each.W * at.H * each.H }
	for area() < kittyLeast && each != cell {
		if each.H == cell.H || each.W < cell.W && cell.W*each.H > cell.H*each.W {
			each.W++
		} else {
			each.H++
		}
	}
	for budget > 0 && area() > most && each.W > 2 && each.H > 4 {
		each.W, each.H = each.W*4/5, each.H*4/5
	}
	if old := had.W * had.H; had.W%at.W == 0 && had.H%at.H == 0 && old*2 > area() && old <= max(area(), most*5/4) {
		return had
	}
	return frame.Size{W: at.W * each.W, H: at.H * each.H}
}

// kittyChanges shows every picture where it is wanted, new pixels being sent first, and removes those that are gone.
func (c *Canvas) kittyChanges(dst []byte) []byte {
	for n := range c.pictures {
		p := &c.pictures[n]
		c.kitty.pieces = c.pieces(c.kitty.pieces[:0], n)
		switch {
		case len(c.kitty.pieces) == 0:
			dst = c.forget(dst, n)
			*p = picture{}
		case p.fresh || !p.placed:
			dst = c.sendKitty(dst, n)
		default:
			dst = c.placeAll(dst, n, p.kitty.pieces)
		}
	}
	return dst
}

// sendKitty sends the pixels of picture n, shows them, and removes those before.
func (c *Canvas) sendKitty(dst []byte, n int) []byte {
	p := &c.pictures[n]
	old := p.kitty
	p.kitty.sent, p.kitty.second = true, old.sent && !old.second
	dst = c.wrapped(dst, func(b []byte) []byte { return c.kitty.send(b, p.kitty.number(n), p) })
	dst = c.placeAll(dst, n, nil)
	if old.sent {
		dst = c.wrapped(dst, func(b []byte) []byte { return kittyDelete(b, old.number(n)) })
	}
	p.placed, p.fresh = true, false
	return dst
}

// placeAll shows picture n in the pieces of c.kitty, of which the terminal has those in had, and takes away what had has
// beyond them.
func (c *Canvas) placeAll(dst []byte, n int, had []frame.Rect) []byte {
	p, pieces := &c.pictures[n], c.kitty.pieces
	number := p.kitty.number(n)
	for i, at := range pieces {
		if i >= len(had) || had[i] != at {
			dst = c.wrapped(dst, func(b []byte) []byte { return kittyPlace(b, number, i+1, p, at) })
		}
	}
	for i := len(pieces); i < len(had); i++ {
		dst = c.wrapped(dst, func(b []byte) []byte { return kittyRemove(b, number, i+1) })
	}
	p.kitty.pieces = append(p.kitty.pieces[:0], pieces...)
	return dst
}

// forget removes picture n from the terminal, if it is there.
func (c *Canvas) forget(dst []byte, n int) []byte {
	k := &c.pictures[n].kitty
	if !k.sent {
		return dst
	}
	return c.wrapped(dst, func(b []byte) []byte { return kittyDelete(b, k.number(n)) })
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

// send sends the pixels of p under a number, and shows nothing yet.
func (k *kitty) send(dst []byte, image int, p *picture) []byte {
	k.pack(p.pix)
	dst = ansi.Number(append(dst, ansi.KittyBegin+"a=t,f=24,o=z,q=2,i="...), image)
	return k.pixels(dst, p.size)
}

// print shows the pixels of p at the cursor, which stays, without a number: nothing later replaces them.
func (k *kitty) print(dst []byte, p *picture) []byte {
	k.pack(p.pix)
	dst = ansi.Number(append(dst, ansi.KittyBegin+"a=T,f=24,o=z,q=2,C=1,c="...), p.at.W)
	dst = ansi.Number(append(dst, ",r="...), p.at.H)
	return k.pixels(dst, p.size)
}

// pixels ends a sequence with what was packed, in as many sequences as that takes.
func (k *kitty) pixels(dst []byte, size frame.Size) []byte {
	dst = ansi.Number(append(dst, ",s="...), size.W)
	dst = ansi.Number(append(dst, ",v="...), size.H)
	for rest := k.text; ; {
		chunk := rest[:min(len(rest), kittyChunk)]
		rest = rest[len(chunk):]
		if len(rest) > 0 {
			dst = append(dst, ",m=1"...)
		} else {
			dst = append(dst, ",m=0"...)
		}
		dst = append(append(append(dst, ';'), chunk...), ansi.StringEnd...)
		if len(rest) == 0 {
			return dst
		}
		dst = append(dst, ansi.KittyBegin+"q=2"...)
	}
}

// pack compresses pixels for speed, and makes them base64.
func (k *kitty) pack(pix []byte) {
	k.packed.Reset()
	if k.zip == nil {
		k.zip, _ = zlib.NewWriterLevel(&k.packed, zlib.BestSpeed) // the level is right, so there is no error
	} else {
		k.zip.Reset(&k.packed)
	}
	k.zip.Write(pix) // a bytes.Buffer takes everything
	k.zip.Close()
	k.text = base64.StdEncoding.AppendEncode(k.text[:0], k.packed.Bytes())
}

// kittyPlace shows what p has for the cells at there. The terminal replaces what had the placement's number before in one
// go. The cursor stays.
func kittyPlace(dst []byte, image, placement int, p *picture, at frame.Rect) []byte {
	w := ansi.Writer{Bytes: append(dst, ansi.CursorSave...), X: ansi.Unknown, Y: ansi.Unknown}
	w.Position(at.X, at.Y)
	dst = append(w.Bytes, ansi.KittyBegin+"a=p,q=2,C=1"...)
	each := frame.Size{W: p.size.W / p.at.W, H: p.size.H / p.at.H}
	for _, f := range [...]struct {
		key   string
		value int
	}{
		{",i=", image}, {",p=", placement}, {",c=", at.W}, {",r=", at.H},
		{",x=", (at.X - p.at.X) * each.W}, {",y=", (at.Y - p.at.Y) * each.H}, {",w=", at.W * each.W}, {",h=", at.H * each.H},
	} {
		dst = ansi.Number(append(dst, f.key...), f.value)
	}
	return append(append(dst, ansi.StringEnd...), ansi.CursorRestore...)
}

// kittyRemove takes one placement away.
func kittyRemove(dst []byte, image, placement int) []byte {
	dst = ansi.Number(append(dst, ansi.KittyBegin+"a=d,d=i,q=2,i="...), image)
	dst = ansi.Number(append(dst, ",p="...), placement)
	return append(dst, ansi.StringEnd...)
}

// kittyDelete removes an image from screen and memory.
func kittyDelete(dst []byte, image int) []byte {
	dst = ansi.Number(append(dst, ansi.KittyBegin+"a=d,d=I,q=2,i="...), image)
	return append(dst, ansi.StringEnd...)
}
