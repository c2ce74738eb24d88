package capture

import (
	"errors"

	"acip/capture/internal/fail"
)

// ErrClosed is what Read returns after Close.
var ErrClosed = errors.New("capture: source is closed")

// Error says in a sentence what went wrong and in another what helps.
type Error = fail.Error

// Kind sorts errors by what can be done about them.
type Kind = fail.Kind

// Kinds of error.
const (
	Failed      = fail.Failed      // anything else
	Usage       = fail.Usage       // the request makes no sense
	Missing     = fail.Missing     // no such camera, file or device
	Busy        = fail.Busy        // another program has it
	Permission  = fail.Permission  // the system refuses access
	Lost        = fail.Lost        // it was there and went away; opening it again may work later
	Stalled     = fail.Stalled     // no picture came in time
	BadData     = fail.BadData     // the bytes are no picture
	TooLarge    = fail.TooLarge    // a picture beyond the limits
	Unsupported = fail.Unsupported // this build or this machine lacks what it takes
	Skipped     = fail.Skipped     // one picture was bad; the next Read goes on
)

// Reason names a situation in which a flag or a command of the program may help, which an error's Hint does not name.
type Reason = fail.Reason

// Reasons.
const (
	NoSuchCamera    = fail.NoSuchCamera    // the camera asked for is not there
	NoCameras       = fail.NoCameras       // no camera is attached
	NoCameraSupport = fail.NoCameraSupport // this build cannot read cameras
	CameraInUse     = fail.CameraInUse     // another program has it
	CameraDamaged   = fail.CameraDamaged   // it sends only damaged pictures
	NoCameraFormat  = fail.NoCameraFormat  // none of its formats can be read
	NoDisplay       = fail.NoDisplay       // it is not known which screen is meant
	ScreenForbidden = fail.ScreenForbidden // the system lets no program read the screen
	NotPictures     = fail.NotPictures     // standard input is no stream of pictures
)

// Limits on a picture, checked before memory is taken for it.
const (
	MaxSide   = fail.MaxSide   // the longest side of a picture that is read
	MaxPixels = fail.MaxPixels // the most pixels of a picture that is read: 8K has 33 million
)

// KindOf returns the kind of the first *Error in err's chain, and Failed if there is none.
func KindOf(err error) Kind { return fail.KindOf(err) }
