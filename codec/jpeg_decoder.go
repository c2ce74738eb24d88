package codec

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"

	"acip/codec/internal/ycc"
	"acip/frame"
)

// jpegDecoder reads baseline JFIF, colour or grey.
type jpegDecoder struct {
	in     bytes.Reader
	planes planes
	row    ycc.Chroma
	closed bool
}

func (d *jpegDecoder) Decode(dst *frame.Frame, data []byte, want frame.Size) error {
	if d.closed {
		return ErrClosed
	}
	if err := checkSize(want.W, want.H); err != nil {
		return err
	}
	if err := checkJPEG(data, want); err != nil {
		return err
	}
	d.in.Reset(data)
	img, err := jpeg.Decode(&d.in)
	if err != nil {
		return fmt.Errorf("%w: jpeg: %w", ErrData, err)
	}
	dst.Resize(want.W, want.H)
	return d.convert(dst, img)
}

// convert writes what image/jpeg yields for a picture of one or three components.
func (d *jpegDecoder) convert(dst *frame.Frame, img image.Image) error {
	switch img := img.(type) {
	case *image.YCbCr:
		d.fromYCbCr(dst, img)
	case *image.Gray:
		fromGray(dst, img)
	default:
		return fmt.Errorf("%w: jpeg: colour model %T", ErrData, img)
	}
	return nil
}

func (d *jpegDecoder) fromYCbCr(dst *frame.Frame, img *image.YCbCr) {
	if img.SubsampleRatio != image.YCbCrSubsampleRatio420 {
		fromAnyRatio(dst, img)
		return
	}
	w, h := dst.Width, dst.Height
	d.planes = planes{w: w, h: h, cw: (w + 1) / 2, ch: (h + 1) / 2, y: img.Y, u: img.Cb, v: img.Cr, ys: img.YStride, cs: img.CStride}
	m := ycc.JFIF()
	d.planes.toRGB(&m, dst.Pix, &d.row)
	d.planes = planes{}
}

// fromAnyRatio is the plain way, for the subsamplings that our own encoder never makes.
func fromAnyRatio(dst *frame.Frame, img *image.YCbCr) {
	for y := range dst.Height {
		row := dst.Pix[y*dst.Width*3:]
		for x := range dst.Width {
			r, g, b, _ := img.YCbCrAt(x, y).RGBA()
			row[x*3], row[x*3+1], row[x*3+2] = byte(r>>8), byte(g>>8), byte(b>>8)
		}
	}
}

func fromGray(dst *frame.Frame, img *image.Gray) {
	for y := range dst.Height {
		row := dst.Pix[y*dst.Width*3:]
		for x := range dst.Width {
			g := img.Pix[y*img.Stride+x]
			row[x*3], row[x*3+1], row[x*3+2] = g, g, g
		}
	}
}

func (d *jpegDecoder) Close() error {
	d.closed = true
	return nil
}
