// Package kitty writes pictures by kitty's graphics protocol: https://sw.kovidgoyal.net/kitty/graphics-protocol/.
package kitty

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"

	"acip/frame"
	"acip/render/internal/ansi"
)

// Encoder writes the pixels of pictures. It keeps its buffers.
type Encoder struct {
	packed bytes.Buffer
	zip    *zlib.Writer
	text   []byte
}

const (
	first = 0x41434950 // image numbers of ours begin here, out of the way of other programs'
	Chunk = 4096       // base64 bytes in one sequence
	// pixelBytes is what a pixel takes on the way: three bytes, a third saved by zlib, a third added by base64.
	pixelBytes = 3
)

// leastPixels is how many pixels of one picture are worth sending even if its source has fewer, where the screen does:
// kitty makes blocks of them, which are seen below this.
const leastPixels = 120_000

// Size returns how many pixels to send for the cells at: a whole number a cell, so that pieces end between pixels; no
// more than the screen has, and the source but for kittyLeast; and as many as the budget takes, 0 being no limit. The
// size that a picture had is kept where it serves about as well.
func Size(at frame.Rect, cell frame.Size, src frame.Window, had frame.Size, budget int) frame.Size {
	each := frame.Size{
		W: min(max(int(src.W/float64(at.W)+.5), 1), cell.W),
		H: min(max(int(src.H/float64(at.H)+.5), 1), cell.H),
	}
	most := budget / pixelBytes
	area := func() int { return at.W * each.W * at.H * each.H }
	for area() < leastPixels && each != cell {
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

// Send sends the pixels of a picture in RGB24 under a number, and shows nothing yet.
func (k *Encoder) Send(dst []byte, image int, pix []byte, size frame.Size) []byte {
	k.pack(pix)
	dst = ansi.Number(append(dst, ansi.KittyBegin+"a=t,f=24,o=z,q=2,i="...), image)
	return k.pixels(dst, size)
}

// Print shows the pixels of a picture on cells columns and rows at the cursor, which stays, without a number: nothing
// later replaces them.
func (k *Encoder) Print(dst []byte, pix []byte, size, cells frame.Size) []byte {
	k.pack(pix)
	dst = ansi.Number(append(dst, ansi.KittyBegin+"a=T,f=24,o=z,q=2,C=1,c="...), cells.W)
	dst = ansi.Number(append(dst, ",r="...), cells.H)
	return k.pixels(dst, size)
}

// pixels ends a sequence with what was packed, in as many sequences as that takes.
func (k *Encoder) pixels(dst []byte, size frame.Size) []byte {
	dst = ansi.Number(append(dst, ",s="...), size.W)
	dst = ansi.Number(append(dst, ",v="...), size.H)
	for rest := k.text; ; {
		chunk := rest[:min(len(rest), Chunk)]
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
func (k *Encoder) pack(pix []byte) {
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

// Place shows, at the cells at, what a picture of size pixels on cells has for them. The terminal replaces what had the
// placement's number before in one go. The cursor stays.
func Place(dst []byte, image, placement int, size frame.Size, cells, at frame.Rect) []byte {
	w := ansi.Writer{Bytes: append(dst, ansi.CursorSave...), X: ansi.Unknown, Y: ansi.Unknown}
	w.Position(at.X, at.Y)
	dst = append(w.Bytes, ansi.KittyBegin+"a=p,q=2,C=1"...)
	each := frame.Size{W: size.W / cells.W, H: size.H / cells.H}
	for _, f := range [...]struct {
		key   string
		value int
	}{
		{",i=", image}, {",p=", placement}, {",c=", at.W}, {",r=", at.H},
		{",x=", (at.X - cells.X) * each.W}, {",y=", (at.Y - cells.Y) * each.H}, {",w=", at.W * each.W}, {",h=", at.H * each.H},
	} {
		dst = ansi.Number(append(dst, f.key...), f.value)
	}
	return append(append(dst, ansi.StringEnd...), ansi.CursorRestore...)
}

// Remove takes one placement away.
func Remove(dst []byte, image, placement int) []byte {
	dst = ansi.Number(append(dst, ansi.KittyBegin+"a=d,d=i,q=2,i="...), image)
	dst = ansi.Number(append(dst, ",p="...), placement)
	return append(dst, ansi.StringEnd...)
}

// Delete removes an image from screen and memory.
func Delete(dst []byte, image int) []byte {
	dst = ansi.Number(append(dst, ansi.KittyBegin+"a=d,d=I,q=2,i="...), image)
	return append(dst, ansi.StringEnd...)
}

// Image is what the terminal has of a picture.
type Image struct {
	Sent   bool         // it has an image under the picture's number
	Second bool         // that number is the second of the picture's two
	Pieces []frame.Rect // the cells where it is shown; piece i is placement i+1
}

// Number returns the number under which the terminal has picture n.
func (k *Image) Number(n int) int {
	if k.Second {
		return first + 2*n + 1
	}
	return first + 2*n
}
