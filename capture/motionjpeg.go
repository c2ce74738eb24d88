package capture

import (
	"fmt"
	"image"

	"acip/capture/internal/yuv"
	"acip/frame"
)

// fitsMode checks the size that a JPEG says it has against the one of the camera's mode, before memory is taken for it.
func fitsMode(got, mode frame.Size) error {
	const block = 15 // some cameras count whole blocks
	if got.Empty() || got.W > mode.W+block || got.H > mode.H+block {
		return fmt.Errorf("%w: %dx%d in a stream of %dx%d", errDamaged, got.W, got.H, mode.W, mode.H)
	}
	return nil
}

// fromJPEG returns a picture as a JPEG decoder yields it, in the colours of JFIF; errDamaged if those are others.
func fromJPEG(m image.Image) (yuv.Picture, error) {
	full := yuv.Encoding{Matrix: yuv.BT601, Full: true}
	switch m := m.(type) {
	case *image.Gray:
		return yuv.FromGrey(m.Pix, m.Stride, frame.Size{W: m.Rect.Dx(), H: m.Rect.Dy()}, full), nil
	case *image.YCbCr:
		if p, ok := yuv.FromYCbCr(m, full); ok {
			return p, nil
		}
	}
	return yuv.Picture{}, fmt.Errorf("%w: colours as %T", errDamaged, m)
}
