package codec

import (
	"fmt"

	"acip/frame"
	"acip/media"
)

// rawEncoder copies rows of RGB24.
type rawEncoder struct{ closed bool }

func (e *rawEncoder) Encode(dst []byte, f *frame.Frame, _ bool) ([]byte, media.Flags, error) {
	if e.closed {
		return dst, 0, ErrClosed
	}
	if err := checkFrame(f); err != nil {
		return dst, 0, err
	}
	return append(dst, f.Pix[:f.Width*f.Height*3]...), media.Key | media.Discardable, nil
}

func (e *rawEncoder) SetRate(int, float64) {}

func (e *rawEncoder) SetShare(float64) {}

func (e *rawEncoder) Close() error {
	e.closed = true
	return nil
}

// rawDecoder copies rows of RGB24 back.
type rawDecoder struct{ closed bool }

func (d *rawDecoder) Decode(dst *frame.Frame, data []byte, want frame.Size) error {
	if d.closed {
		return ErrClosed
	}
	if err := checkSize(want.W, want.H); err != nil {
		return err
	}
	if len(data) != want.W*want.H*3 {
		return fmt.Errorf("%w: %dx%d in %d bytes", ErrSize, want.W, want.H, len(data))
	}
	dst.Resize(want.W, want.H)
	copy(dst.Pix, data)
	return nil
}

func (d *rawDecoder) Close() error {
	d.closed = true
	return nil
}
