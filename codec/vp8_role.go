//go:build vpx && cgo

package codec

// role is what a picture is to those after it.
type role int

const (
	plain     role = iota // they depend on it; libvpx keeps what it finds worth keeping
	droppable             // nothing depends on it
	last                  // they depend on it; the third reference stays
	stock                 // the same, and it becomes the third reference
	key                   // stands alone
)

// flags for libvpx.
func (r role) flags() int {
	switch r {
	case droppable:
		return vpxDroppable
	case last:
		return vpxLast
	case stock:
		return vpxStock
	case key:
		return vpxKey
	}
	return 0
}
