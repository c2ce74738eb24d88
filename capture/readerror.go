package capture

import (
	"errors"
	"image/jpeg"
	"io"
	"strings"
)

// mediadevices' own errors have no exported values, only texts.

// isTimeout reports whether no picture came in the time that the driver waits.
func isTimeout(err error) bool { return err != nil && err.Error() == "read timeout" }

// isBadPicture reports whether only this picture is lost: damaged JPEG, too few bytes, an empty buffer.
func isBadPicture(err error) bool {
	if err == nil {
		return true // no picture and no error
	}
	var format jpeg.FormatError
	var unsupported jpeg.UnsupportedError
	return errors.As(err, &format) || errors.As(err, &unsupported) || errors.Is(err, io.ErrUnexpectedEOF) ||
		err.Error() == "empty frame" || strings.HasPrefix(err.Error(), "frame length")
}
