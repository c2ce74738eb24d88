//go:build vpx && cgo

package codec

import (
	"fmt"

	"acip/codec/internal/ycc"
	"acip/frame"
)

// vp8Decoder decodes VP8 (RFC 6386).
type vp8Decoder struct {
	matrix   ycc.Matrix
	vpx      *vpxDecoder
	size     frame.Size // of the newest keyframe; empty while one is needed
	planes   planes
	row      ycc.Chroma
	closed   bool
	contexts *tally // tests only
}

func newVP8Decoder() (Decoder, error) { return &vp8Decoder{matrix: ycc.BT601()}, nil }

func (d *vp8Decoder) Decode(dst *frame.Frame, data []byte, want frame.Size) error {
	if d.closed {
		return ErrClosed
	}
	if err := checkSize(want.W, want.H); err != nil {
		return err
	}
	if err := d.prepare(data, want); err != nil {
		return err
	}
	if err := d.vpx.decode(&d.planes, data); err != nil {
		d.free() // libvpx's state after an error cannot be trusted
		return fmt.Errorf("%w: vp8: %w", ErrData, err)
	}
	defer func() { d.planes = planes{} }()
	if d.planes.w != want.W || d.planes.h != want.H {
		got := frame.Size{W: d.planes.w, H: d.planes.h}
		d.free()
		return fmt.Errorf("%w: vp8 yields %dx%d, declared %dx%d", ErrSize, got.W, got.H, want.W, want.H)
	}
	dst.Resize(want.W, want.H)
	d.planes.toRGB(&d.matrix, dst.Pix, &d.row)
	return nil
}

// prepare compares the coded size with the declared one and makes sure that there is a context for it.
func (d *vp8Decoder) prepare(data []byte, want frame.Size) error {
	size, key, err := vp8Tag(data)
	if err != nil {
		return err
	}
	if !key {
		return d.continues(want)
	}
	if size != want {
		return fmt.Errorf("%w: vp8 is %dx%d, declared %dx%d", ErrSize, size.W, size.H, want.W, want.H)
	}
	if size != d.size {
		d.free() // libvpx has had vulnerabilities in changing size within a context
	}
	if d.vpx == nil {
		if d.vpx, err = openVPXDecoder(d.contexts); err != nil {
			return fmt.Errorf("codec: vp8: open decoder: %w", err)
		}
	}
	d.size = size
	return nil
}

// continues returns an error unless an inter-coded frame of size want can follow.
func (d *vp8Decoder) continues(want frame.Size) error {
	if d.vpx == nil {
		return ErrNoKey
	}
	if want != d.size {
		return fmt.Errorf("%w: vp8 goes on at %dx%d, declared %dx%d", ErrSize, d.size.W, d.size.H, want.W, want.H)
	}
	return nil
}

func (d *vp8Decoder) Close() error {
	d.closed = true
	d.free()
	return nil
}

func (d *vp8Decoder) free() {
	if d.vpx != nil {
		d.vpx.close()
		d.vpx = nil
	}
	d.size = frame.Size{}
}
