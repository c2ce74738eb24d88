//go:build !vpx || !cgo

package codec

import "fmt"

const vp8Missing = "built without libvpx: install libvpx-dev and pkg-config (brew install libvpx), then make build"

func newVP8Encoder(Options) (Encoder, error) {
	return nil, fmt.Errorf("%w: vp8: %s", ErrMissing, vp8Missing)
}

func newVP8Decoder() (Decoder, error) { return nil, fmt.Errorf("%w: vp8: %s", ErrMissing, vp8Missing) }
