//go:build cgo && turbojpeg

package imagefile

import (
	"acip/capture/internal/fail"
	"acip/capture/internal/turbo"
	"acip/frame"
)

// DecodeTurbo decodes whatever libjpeg-turbo reads into dst: every legal sampling, arithmetic coding, CMYK; what is cut
// short or damaged as far as it goes; what is beyond the limits at a fraction of its size.
func DecodeTurbo(dst *frame.Frame, data []byte) error {
	var d turbo.Decoder
	defer d.Close()
	fits := func(s frame.Size) bool { return !fail.Oversized(s) }
	size, err := d.RGB(data, fits, fail.MaxScaledPixels, func(s frame.Size) []byte {
		dst.Resize(s.W, s.H)
		return dst.Pix
	})
	if err != nil {
		return err
	}
	if dst.Size() != size {
		return errNotDecoded
	}
	return nil
}
