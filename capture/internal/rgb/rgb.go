// Package rgb makes RGB24 frames of the pictures that image decoders return.
package rgb

import (
	"image"
	"image/color"
	"image/draw"

	"acip/capture/internal/yuv"
	"acip/frame"
)

// FromImage draws any picture into dst, which it resizes; what is transparent shows black.
func FromImage(dst *frame.Frame, m image.Image) {
	if y, ok := m.(*image.YCbCr); ok && fromYCbCr(dst, y, true) {
		return
	}
	b := m.Bounds()
	rgba, ok := m.(*image.RGBA)
	if !ok || b.Min != (image.Point{}) {
		rgba = image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
		draw.Draw(rgba, rgba.Rect, image.NewUniform(color.Black), image.Point{}, draw.Src)
		draw.Draw(rgba, rgba.Rect, m, b.Min, draw.Over)
	}
	FromRGBA(dst, rgba.Pix, rgba.Stride, frame.Size{W: b.Dx(), H: b.Dy()})
}

// fromYCbCr makes RGB of BT.601 in full range, as JFIF has it, or in limited range.
func fromYCbCr(dst *frame.Frame, m *image.YCbCr, full bool) bool {
	p, ok := yuv.FromYCbCr(m, yuv.Encoding{Matrix: yuv.BT601, Full: full, Live: true})
	if ok {
		var s yuv.Shrinker
		s.Draw(dst, &p, p.Size)
	}
	return ok
}

// FromRGBA draws a picture of that size into dst from pixels of four bytes; premultiplied ones then lie on black.
func FromRGBA(dst *frame.Frame, pix []byte, stride int, size frame.Size) {
	dst.Resize(size.W, size.H)
	for y := range size.H {
		row, src := dst.Row(y), pix[y*stride:][:size.W*4]
		for len(row) >= 3 && len(src) >= 4 {
			row[0], row[1], row[2] = src[0], src[1], src[2]
			row, src = row[3:], src[4:]
		}
	}
}

// FromWebP corrects a WebP picture as golang.org/x/image/webp yields it, whose type says JFIF's full range while VP8's
// numbers have the limited one of BT.601 (RFC 6386, section 9.2). The result is premultiplied.
func FromWebP(m image.Image) *image.RGBA {
	b := m.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	var colours frame.Frame
	alpha := func(int, int) byte { return 255 }
	switch m := m.(type) {
	case *image.NYCbCrA:
		fromYCbCr(&colours, &m.YCbCr, false)
		alpha = func(x, y int) byte { return m.A[m.AOffset(b.Min.X+x, b.Min.Y+y)] }
	case *image.YCbCr:
		fromYCbCr(&colours, m, false)
	default:
		draw.Draw(out, out.Rect, m, b.Min, draw.Src)
		return out
	}
	for y := range b.Dy() {
		row, src := out.Pix[y*out.Stride:], colours.Row(y)
		for x := range b.Dx() {
			a := uint32(alpha(x, y))
			for i := range 3 {
				row[4*x+i] = byte((uint32(src[3*x+i])*a + 127) / 255)
			}
			row[4*x+3] = byte(a)
		}
	}
	return out
}
