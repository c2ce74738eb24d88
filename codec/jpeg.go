package codec

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"

	"acip/frame"
)

// jpegEncoder writes baseline JFIF, 4:2:0.
type jpegEncoder struct {
	options jpeg.Options
	matrix  matrix
	planes  planes
	image   image.YCbCr
	out     sink
	closed  bool
}

func newJPEGEncoder(o Options) *jpegEncoder {
	if o.Quality == 0 {
		o.Quality = DefaultQuality
	}
	return &jpegEncoder{options: jpeg.Options{Quality: min(max(o.Quality, 1), 100)}, matrix: jfif()}
}

func (e *jpegEncoder) Encode(dst []byte, f *frame.Frame, _ bool) ([]byte, Info, error) {
	if e.closed {
		return dst, Info{}, ErrClosed
	}
	if err := checkFrame(f); err != nil {
		return dst, Info{}, err
	}
	e.matrix.fromRGB(&e.planes, f.Pix, f.Width, f.Height)
	e.image = image.YCbCr{
		Y: e.planes.y, Cb: e.planes.u, Cr: e.planes.v, YStride: e.planes.ys, CStride: e.planes.cs,
		SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, f.Width, f.Height),
	}
	e.out.b = dst
	err := jpeg.Encode(&e.out, &e.image, &e.options)
	out := e.out.b
	e.out.b = nil
	if err != nil {
		return dst, Info{}, fmt.Errorf("codec: jpeg: %w", err)
	}
	return out, Info{Key: true, Droppable: true}, nil
}

func (e *jpegEncoder) SetRate(int, float64) {}

func (e *jpegEncoder) Close() error {
	e.closed = true
	return nil
}

// sink appends what is written. Having WriteByte and Flush it spares image/jpeg a buffer of its own.
type sink struct{ b []byte }

func (s *sink) Write(p []byte) (int, error) {
	s.b = append(s.b, p...)
	return len(p), nil
}

func (s *sink) WriteByte(c byte) error {
	s.b = append(s.b, c)
	return nil
}

func (s *sink) Flush() error { return nil }

// jpegDecoder reads baseline JFIF, colour or grey.
type jpegDecoder struct {
	in     bytes.Reader
	planes planes
	row    chromaRow
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
	m := jfif()
	m.toRGB(dst.Pix, &d.planes, &d.row)
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
