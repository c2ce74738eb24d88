// Package frame holds one picture in pixels.
//
// A Frame is RGB24 with the time it was taken; beside it stand the geometry that places one rectangle in another
// and the Scaler that carries pixels from one size to another.
package frame

import "time"

// Frame is one picture: Height rows of Width pixels from the top, three bytes (red, green, blue) a pixel, no padding.
// len(Pix) is Width*Height*3. Pix belongs to whoever owns the Frame; it is reused by Resize and CopyFrom.
type Frame struct {
	Width, Height int
	Pix           []byte
	Time          time.Time // when the picture was taken, by the clock of the machine that took it; zero if unknown
	Seq           uint64    // number of the picture at its source, counted from 0 or 1; gaps are pictures that were dropped
}

// New returns a black picture of w by h pixels. Sizes below zero count as zero.
func New(w, h int) *Frame {
	f := &Frame{}
	f.Resize(w, h)
	return f
}

// Resize gives the picture another size. It reuses the memory where that is large enough; the pixels are then
// whatever was there before, so the caller must fill them. Sizes below zero count as zero.
func (f *Frame) Resize(w, h int) {
	w, h = max(w, 0), max(h, 0)
	n := w * h * 3
	if cap(f.Pix) < n {
		f.Pix = make([]byte, n)
	}
	f.Width, f.Height, f.Pix = w, h, f.Pix[:n]
}

// CopyFrom makes f an independent copy of src, reusing f's memory where it can.
func (f *Frame) CopyFrom(src *Frame) {
	f.Resize(src.Width, src.Height)
	copy(f.Pix, src.Pix)
	f.Time, f.Seq = src.Time, src.Seq
}

// Size returns the picture's size in pixels.
func (f *Frame) Size() Size { return Size{f.Width, f.Height} }

// Row is row y of the picture, Width*3 bytes, shared with Pix.
func (f *Frame) Row(y int) []byte {
	stride := f.Width * 3
	return f.Pix[y*stride : (y+1)*stride : (y+1)*stride]
}
