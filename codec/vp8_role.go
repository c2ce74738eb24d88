//go:build vpx && cgo

package codec

// role says which later frames may refer to a frame.
type role int

const (
	normal      role = iota // later frames refer to it; libvpx decides which reference buffers to update
	discardable             // no frame refers to it
	last                    // later frames refer to it; the alternate reference is left alone
	altRef                  // like last, and it replaces the alternate reference
	key                     // a keyframe
)

// flags returns libvpx's frame flags for the role.
func (r role) flags() int {
	switch r {
	case discardable:
		return vpxDiscardable
	case last:
		return vpxLast
	case altRef:
		return vpxAltRef
	case key:
		return vpxKey
	}
	return 0
}
