package capture

import "acip/frame"

// Limits on a picture, checked before memory is taken for it.
const (
	MaxSide   = 16384    // of a picture that is read
	MaxPixels = 36 << 20 // Width*Height of a picture that is read: 8K is 33 million
)

// maxScaledPixels is the most of a picture that is decoded at a fraction of its size: cameras make 200 million.
const maxScaledPixels = 400 << 20

// tooLarge reports whether s is beyond the limits.
func tooLarge(s frame.Size) bool {
	return s.W > MaxSide || s.H > MaxSide || s.W*s.H > MaxPixels
}
