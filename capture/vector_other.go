//go:build !amd64

package capture

const (
	hasVector     = false
	vectorColumns = 0
)

func addRowsVector(dst []int16, rows []byte, stride int, w []int16) { addRows(dst, rows, stride, w) }

func addColumnsVector(dst, row []int16, t taps) { addColumns(dst, row, t) }

func toRGBVector(dst []byte, y, cb, cr []int16, c *coefficients) { toRGB(dst, y, cb, cr, c) }

func widenVector(dst []int16, src []byte, sx int) { widen(dst, src, sx) }
