// Package fail says why a picture cannot be had: the errors of package capture, their kinds, and the limits on a
// picture.
//
// It stands below the readers of package capture, so that each of them can return the same errors.
package fail

import (
	"errors"

	"acip/frame"
)

// Limits on a picture, checked before memory is taken for it.
const (
	MaxSide   = 16384    // of a picture that is read
	MaxPixels = 36 << 20 // Width*Height of a picture that is read: 8K is 33 million
)

// MaxScaledPixels is the most of a picture that is decoded at a fraction of its size: cameras make 200 million.
const MaxScaledPixels = 400 << 20

// Oversized reports whether s is beyond the limits.
func Oversized(s frame.Size) bool {
	return s.W > MaxSide || s.H > MaxSide || s.W*s.H > MaxPixels
}

// Kind sorts errors by what can be done about them.
type Kind uint8

// Kinds of error.
const (
	Failed      Kind = iota // anything else
	Usage                   // what was asked for makes no sense
	Missing                 // no such camera, file or device
	Busy                    // someone else has it
	Permission              // the system says no
	Lost                    // it was there and went away; opening again may work later
	Stalled                 // no picture came in time
	BadData                 // what came is not a picture
	TooLarge                // a picture beyond the limits
	Unsupported             // this build or this machine lacks what it takes
	Skipped                 // one picture was bad; the next Read goes on
)

// String returns the kind's name in lower case.
func (k Kind) String() string {
	names := [...]string{
		"failed", "usage", "missing", "busy", "permission", "lost", "stalled", "bad data", "too large", "unsupported", "skipped",
	}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// Error says in a sentence what went wrong and in another what helps.
type Error struct {
	Op   string // "open", "read" or "list"
	Msg  string // a whole sentence without a full stop: "camera 0 is busy: held by zoom (pid 4211)"
	Hint string // what to do, may be empty: "close it"
	Err  error  // the cause, may be nil; not part of the sentence
	Kind Kind

	Reason Reason // the situation, if a program may know more that helps; else None
}

// Reason names a situation in which a flag or a command of the program may help, which Hint does not name.
type Reason uint8

// Reasons.
const (
	None            Reason = iota
	NoSuchCamera           // the camera asked for is not there
	NoCameras              // no camera is attached
	NoCameraSupport        // this build cannot read cameras
	CameraInUse            // another program has it
	CameraDamaged          // it sends only damaged pictures
	NoCameraFormat         // none of its formats can be read
	NoDisplay              // it is not known which screen is meant
	ScreenForbidden        // the system lets no program read the screen
	NotPictures            // standard input is no stream of pictures
)

// Error returns the sentence.
func (e *Error) Error() string { return e.Msg }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the first *Error in err's chain; Failed if there is none.
func KindOf(err error) Kind {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Kind
	}
	return Failed
}
