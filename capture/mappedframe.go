package capture

import (
	"image"

	mdframe "github.com/pion/mediadevices/pkg/frame"

	"acip/capture/internal/yuv"
	"acip/frame"
)

// mappedFrame is a picture in a driver's memory. As an image.Image it has only bounds: it is drawn by draw, once it is
// known whether and at what size anybody wants it.
type mappedFrame struct {
	image.Rectangle
	planar  yuv.Picture
	jpeg    []byte // instead
	colour  yuv.Encoding
	decoder motionJPEG
}

// rawFormat is what a camera's pictures are in memory.
type rawFormat struct {
	kind   mdframe.Format
	size   frame.Size
	stride int // of a row of luma or of packed pixels in bytes; 0: no padding
	colour yuv.Encoding
}

// set makes it a picture of format f; errDamaged if there are too few bytes.
func (p *mappedFrame) set(f *rawFormat, pix []byte) error {
	p.Rectangle = image.Rect(0, 0, f.size.W, f.size.H)
	p.colour, p.jpeg = f.colour, nil
	if f.kind == mdframe.FormatMJPEG {
		if len(pix) < 4 || pix[0] != 0xFF || pix[1] != 0xD8 {
			return errDamaged
		}
		p.jpeg = pix
		return nil
	}
	ok := false
	if p.planar, ok = f.planar(pix); !ok {
		return errDamaged
	}
	return nil
}

// planar says where in pix luma and chroma are; ok is false if it is too short.
func (f *rawFormat) planar(pix []byte) (p yuv.Picture, ok bool) {
	c := yuv.ChromaSize(f.size, 2, 2)
	pair := c.W * 2 // bytes of a row of luma, or of both chromas
	switch f.kind {
	case mdframe.FormatYUYV, mdframe.FormatUYVY:
		stride := max(f.stride, pair*2)
		first := 0 // of luma
		if f.kind == mdframe.FormatUYVY {
			first = 1
		}
		return yuv.Packed(pix, stride, f.size, first, f.colour), len(pix) >= stride*(f.size.H-1)+pair*2
	case mdframe.FormatNV12, mdframe.FormatNV21:
		stride := max(f.stride, pair)
		first := 0 // of Cb
		if f.kind == mdframe.FormatNV21 {
			first = 1
		}
		if len(pix) < stride*(f.size.H+c.H-1)+pair {
			return p, false
		}
		return yuv.Biplanar(pix, stride, f.size, first, f.colour), true
	}
	stride := max(f.stride, f.size.W)
	if len(pix) < stride*f.size.H+(stride+1)/2*(2*c.H-1)+c.W {
		return p, false
	}
	return yuv.Triplanar(pix, stride, f.size, f.colour), true
}

// draw implements borrowed.
func (p *mappedFrame) draw(dst *frame.Frame, s *yuv.Shrinker, to frame.Size, wishes yuv.Encoding) (err error) {
	says := p.colour
	if p.jpeg != nil {
		if p.planar, err = p.decoder.decode(p.jpeg, frame.Size{W: p.Dx(), H: p.Dy()}, to); err != nil {
			return err
		}
		says = p.planar.Colour
	}
	p.planar.Colour = yuv.Encoding{Live: true, Matrix: max(says.Matrix, wishes.Matrix), Full: says.Full || wishes.Full}
	s.Draw(dst, &p.planar, to)
	return nil
}
