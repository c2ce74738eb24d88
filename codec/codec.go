// Package codec turns a picture into a payload and back.
//
// Each codec has a file: raw RGB24, media.JPEG, VP8. VP8 needs libvpx through cgo and the build tag "vpx". A build without it
// leaves VP8 out of Available and gives the reason in Missing.
package codec

import (
	"errors"
	"fmt"

	"acip/frame"
	"acip/media"
)

// Sentinels for errors.Is.
var (
	ErrUnknown = errors.New("codec: unknown")          // no such codec
	ErrMissing = errors.New("codec: not built in")     // known, but left out of this build
	ErrSize    = errors.New("codec: wrong size")       // outside 1..media.MaxSide, or not what was declared
	ErrData    = errors.New("codec: broken data")      // the bytes are not a picture in this codec
	ErrNoKey   = errors.New("codec: needs a keyframe") // an inter-coded picture came before any keyframe
	ErrClosed  = errors.New("codec: closed")           // use after Close
)

// Encoder turns pictures into payloads; it is not safe for concurrent use.
type Encoder interface {
	// Encode appends the coded picture to dst, and returns the longer slice and the frame's flags. It makes a keyframe if
	// key is set, of the first picture, and at every change of size. Errors: ErrSize, ErrClosed, or the codec's own.
	Encode(dst []byte, f *frame.Frame, key bool) ([]byte, media.Flags, error)
	// SetRate changes the ceiling in kbit/s (0: by size) and the rate in pictures a second (0: as before) without making a
	// keyframe. Codecs without rate control ignore it.
	SetRate(kbps int, fps float64)
	// SetShare makes pictures coarser from the next one on, without making a keyframe, so that they take about that share of
	// the usual bytes. It is 1 initially. Codecs without a quality setting ignore it.
	SetShare(share float64)
	// Close frees the encoder. Closing again does nothing.
	Close() error
}

// Decoder turns payloads into pictures; it is not safe for concurrent use.
type Decoder interface {
	// Decode replaces dst's picture. want is the size that the packet declares: it is compared with the size in the data
	// before anything is allocated for it. dst's Time and Seq are left alone. Errors: ErrSize, ErrData, ErrNoKey, ErrClosed;
	// dst's pixels are unspecified after one.
	Decode(dst *frame.Frame, data []byte, want frame.Size) error
	// Close frees the decoder. Closing again does nothing.
	Close() error
}

// Options choose how an encoder trades bytes for quality; the zero value suits a call.
type Options struct {
	Quality int     // media.JPEG: 1..100, 0 is DefaultQuality
	KBPS    int     // media.VP8: ceiling in kbit/s, 0 chooses by size
	FPS     float64 // media.VP8: expected pictures a second, 0 is 30
	Solid   bool    // media.VP8: no discardable pictures, some tenths fewer bytes
}

// DefaultQuality is the JPEG quality used where none is chosen.
const DefaultQuality = 75

// Available lists the codecs of this build, best first.
func Available() []media.Codec {
	if vp8Missing == "" {
		return []media.Codec{media.VP8, media.JPEG, media.Raw}
	}
	return []media.Codec{media.JPEG, media.Raw}
}

// Missing returns the codecs that this build lacks, each with the reason and a remedy.
func Missing() map[media.Codec]string {
	if vp8Missing == "" {
		return map[media.Codec]string{}
	}
	return map[media.Codec]string{media.VP8: vp8Missing}
}

// NewEncoder makes an encoder for id. Errors: ErrUnknown, ErrMissing.
func NewEncoder(id media.Codec, o Options) (Encoder, error) {
	switch id {
	case media.Raw:
		return &rawEncoder{}, nil
	case media.JPEG:
		return newJPEGEncoder(o), nil
	case media.VP8:
		return newVP8Encoder(o)
	}
	return nil, fmt.Errorf("%w: %v", ErrUnknown, id)
}

// NewDecoder makes a decoder for id. Errors: ErrUnknown, ErrMissing.
func NewDecoder(id media.Codec) (Decoder, error) {
	switch id {
	case media.Raw:
		return &rawDecoder{}, nil
	case media.JPEG:
		return &jpegDecoder{}, nil
	case media.VP8:
		return newVP8Decoder()
	}
	return nil, fmt.Errorf("%w: %v", ErrUnknown, id)
}

// checkSize refuses sizes outside the protocol's limits.
func checkSize(w, h int) error {
	if w < 1 || h < 1 || w > media.MaxSide || h > media.MaxSide {
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
