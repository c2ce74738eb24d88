//go:build !cgo || !turbojpeg

package imagefile

import (
	"acip/frame"
)

// DecodeTurbo is libjpeg-turbo's decoder, which this build has not.
func DecodeTurbo(*frame.Frame, []byte) error { return errNotDecoded }
