//go:build !amd64

package ycc

const (
	hasVector    = false
	vectorPixels = 0
)

func (m *Matrix) fromRGBVector(y0, y1, u, v, top, bottom []byte) {}

func (m *Matrix) toRGBVector(pix, y []byte, u, v []int16) {}

func mixVector(dst []int16, near, far []byte) {}

func spreadVector(dst, mixed []int16) {}
