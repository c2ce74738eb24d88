//go:build cgo && turbojpeg

package capture

import (
	"errors"
	"fmt"

	"acip/capture/internal/imagefile"
	"acip/capture/internal/turbo"
	"acip/capture/internal/yuv"
	"acip/frame"
)

// jpegCost is what decoding a pixel takes in nanoseconds, measured.
const jpegCost = 2

// motionJPEG decodes a camera's JPEGs with libjpeg-turbo. The zero value is ready.
type motionJPEG struct{ turbo.Decoder }

// decode yields the picture at a size that fills to, in memory that is good until the next call. It is errDamaged where
// it is no picture, or not one of a stream of such a size.
func (d *motionJPEG) decode(data []byte, mode, to frame.Size) (yuv.Picture, error) {
	m, err := d.Decode(imagefile.WithEnd(data), to, func(got frame.Size) error { return fitsMode(got, mode) })
	if err != nil && !errors.Is(err, errDamaged) {
		err = fmt.Errorf("%w: %w", errDamaged, err)
	}
	if err != nil {
		return yuv.Picture{}, err
	}
	return fromJPEG(m)
}
