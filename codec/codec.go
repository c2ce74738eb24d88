// Package codec turns a picture into a payload and back.
//
// Each coding has a file: raw RGB24, JPEG, VP8. VP8 needs libvpx through cgo and the build tag "vpx"; a build without it
// leaves VP8 out of Available and says why in Missing.
package codec

import (
	"errors"
	"fmt"

	"acip/frame"
)

// ID names a coding. JPEG and VP8 have the numbers that they have on the wire; Raw travels as a packet type of its own.
type ID uint8

// The codings that the protocol knows.
const (
	Raw  ID = 0 // rows of RGB24 from the top
	JPEG ID = 1 // baseline JFIF, each picture alone
	VP8  ID = 2 // RFC 6386, pictures depend on those before
)

// MaxSide bounds the width and the height of every picture, in pixels.
const MaxSide = 4096

// Sentinels for errors.Is.
var (
	ErrUnknown = errors.New("codec: unknown")      // no such coding
	ErrMissing = errors.New("codec: not built in") // known, but left out of this build
	ErrSize    = errors.New("codec: wrong size")   // outside 1..MaxSide, or not what was declared
	ErrData    = errors.New("codec: broken data")  // the bytes are not a picture of this coding
	ErrNoKey   = errors.New("codec: needs a key")  // an inter-coded picture came before any key picture
	ErrClosed  = errors.New("codec: closed")       // use after Close
)

// Info tells what one coded picture is to those after it.
type Info struct {
	Key       bool // stands alone
	Droppable bool // nothing depends on it
	Spare     bool // the picture just before was droppable: its loss needs no repair (see Chain)
}

// Encoder turns pictures into payloads; it is not safe for concurrent use.
type Encoder interface {
	// Encode appends the coded picture to dst and returns the longer slice. A key picture is made where asked for, at the
	// first picture and at every change of size. Errors: ErrSize, ErrClosed, or what the coder says.
	Encode(dst []byte, f *frame.Frame, key bool) ([]byte, Info, error)
	// SetRate changes the ceiling in kbit/s (0: by size) and the rate in pictures a second (0: as before) without a key
	// picture. Codings without a rate ignore it.
	SetRate(kbps int, fps float64)
	// SetShare makes pictures coarser, from the next on and without a key picture: about that share of the bytes of the finest
	// ones worth while, 1 before it is called. Codings without a quality ignore it.
	SetShare(share float64)
	// Close frees what the encoder holds; again is harmless.
	Close() error
}

// Decoder turns payloads into pictures; it is not safe for concurrent use.
type Decoder interface {
	// Decode replaces dst's picture. want is the size that the packet declares: it is compared with the size in the data
	// before anything is allocated for it. dst's Time and Seq are left alone. Errors: ErrSize, ErrData, ErrNoKey, ErrClosed;
	// dst's pixels are unspecified after one.
	Decode(dst *frame.Frame, data []byte, want frame.Size) error
	// Close frees what the decoder holds; again is harmless.
	Close() error
}

// Options choose how an encoder trades bytes for quality; the zero value suits a call.
type Options struct {
	Quality int     // JPEG: 1..100, 0 is DefaultQuality
	KBPS    int     // VP8: ceiling in kbit/s, 0 chooses by size
	FPS     float64 // VP8: expected pictures a second, 0 is 30
	Solid   bool    // VP8: no droppable pictures, some tenths fewer bytes
}

// DefaultQuality is the JPEG quality used where none is chosen.
const DefaultQuality = 75

// String is the name used in flags and control bodies.
func (id ID) String() string {
	switch id {
	case Raw:
		return "raw"
	case JPEG:
		return "jpeg"
	case VP8:
		return "vp8"
	}
	return fmt.Sprintf("codec(%d)", uint8(id))
}

// Available lists the codings of this build, best first.
func Available() []ID {
	if vp8Missing == "" {
		return []ID{VP8, JPEG, Raw}
	}
	return []ID{JPEG, Raw}
}

// Missing says, for each coding that this build lacks, why, and what to do.
func Missing() map[ID]string {
	if vp8Missing == "" {
		return map[ID]string{}
	}
	return map[ID]string{VP8: vp8Missing}
}

// NewEncoder makes an encoder for id. Errors: ErrUnknown, ErrMissing.
func NewEncoder(id ID, o Options) (Encoder, error) {
	switch id {
	case Raw:
		return &rawEncoder{}, nil
	case JPEG:
		return newJPEGEncoder(o), nil
	case VP8:
		return newVP8Encoder(o)
	}
	return nil, fmt.Errorf("%w: %v", ErrUnknown, id)
}

// NewDecoder makes a decoder for id. Errors: ErrUnknown, ErrMissing.
func NewDecoder(id ID) (Decoder, error) {
	switch id {
	case Raw:
		return &rawDecoder{}, nil
	case JPEG:
		return &jpegDecoder{}, nil
	case VP8:
		return newVP8Decoder()
	}
	return nil, fmt.Errorf("%w: %v", ErrUnknown, id)
}

// checkSize refuses sizes outside the protocol's limits.
func checkSize(w, h int) error {
	if w < 1 || h < 1 || w > MaxSide || h > MaxSide {
		return fmt.Errorf("%w: %dx%d", ErrSize, w, h)
	}
	return nil
}

// checkFrame refuses a frame whose pixels do not fill its size.
func checkFrame(f *frame.Frame) error {
	if err := checkSize(f.Width, f.Height); err != nil {
		return err
	}
	if len(f.Pix) < f.Width*f.Height*3 {
		return fmt.Errorf("%w: %dx%d in %d bytes", ErrSize, f.Width, f.Height, len(f.Pix))
	}
	return nil
}
