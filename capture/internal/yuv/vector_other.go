//go:build !amd64 && !arm64

package yuv

// hasVector is false, so that none of the vector passes is called.
const (
	hasVector     = false
	vectorColumns = 0
)

func addRowsVector([]int16, []byte, int, []int16) {}

func addColumnsVector([]int16, []int16, taps) {}

func toRGBVector([]byte, []int16, []int16, []int16, *coefficients) {}

func widenVector([]int16, []byte, int) {}
