package capture

import (
	"errors"
	"image/jpeg"
	"io"
	"strings"
)

// What our own reader says. mediadevices' own errors have no exported values, only texts.
var (
	errNoPicture = errors.New("no picture came")
	errDamaged   = errors.New("damaged picture")
)

// isTimeout reports whether no picture came in the time that the driver waits.
func isTimeout(err error) bool {
	return errors.Is(err, errNoPicture) || err != nil && err.Error() == "read timeout"
}

// isBadPicture reports whether only this picture is lost: damaged JPEG, too few bytes, an empty buffer.
func isBadPicture(err error) bool {
	if err == nil {
		return true // no picture and no error
	}
	var format jpeg.FormatError
	var unsupported jpeg.UnsupportedError
	return errors.Is(err, errDamaged) || errors.As(err, &format) || errors.As(err, &unsupported) || errors.Is(err, io.ErrUnexpectedEOF) ||
		err.Error() == "empty frame" || strings.HasPrefix(err.Error(), "frame length")
}
