//go:build !amd64 && !arm64

package frame

const (
	hasVector     = false
	vectorColumns = 0
)

func addRowsVector(dst []int16, rows []byte, stride int, w []int16) { addRows(dst, rows, stride, w) }

func addColumnsVector(out []byte, row []int16, start []int32, w []int16, n, step int) {}

func vectorWeights(t taps) []int16 { return nil }
