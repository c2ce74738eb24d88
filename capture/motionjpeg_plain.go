//go:build !cgo || !turbojpeg

package capture

import (
	"bytes"
	"image/jpeg"

	mdframe "github.com/pion/mediadevices/pkg/frame"

	"acip/capture/internal/imagefile"
	"acip/capture/internal/yuv"
	"acip/frame"
)

// jpegCost is what decoding a pixel takes in nanoseconds, measured.
const jpegCost = 18

// motionJPEG decodes a camera's JPEGs with image/jpeg.
type motionJPEG struct{}

// decode yields the picture at its own size, in memory that the garbage collector takes back. It is errDamaged, or one
// of image/jpeg's errors, where it is none, or not one of a stream of such a size.
func (*motionJPEG) decode(data []byte, mode, _ frame.Size) (yuv.Picture, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return yuv.Picture{}, err
	}
	if err := fitsMode(frame.Size{W: c.Width, H: c.Height}, mode); err != nil {
		return yuv.Picture{}, err
	}
	d, err := mdframe.NewDecoder(mdframe.FormatMJPEG) // it adds the tables that cameras leave out
	if err != nil {
		return yuv.Picture{}, err
	}
	m, _, err := d.Decode(imagefile.WithEnd(data), mode.W, mode.H)
	if err != nil {
		return yuv.Picture{}, err
	}
	return fromJPEG(m)
}

// Close does nothing.
func (*motionJPEG) Close() {}
