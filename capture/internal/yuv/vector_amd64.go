package yuv

import "golang.org/x/sys/cpu"

//go:generate go run ./internal/asm -out passes_amd64.s -stubs passes_amd64.go -pkg yuv

// hasVector reports whether this machine runs the vector passes.
var hasVector = cpu.X86.HasAVX2

// Fewest elements that the vector passes take.
const (
	vectorColumns = 32
	vectorPixels  = 16
)

func addRowsVector(dst []int16, rows []byte, stride int, w []int16) {
	addWeightedRows(dst, rows, stride, w)
}

func toRGBVector(dst []byte, y, cb, cr []int16, c *coefficients) {
	n := len(dst) / 3
	if n < vectorPixels {
		toRGB(dst, y, cb, cr, c)
		return
	}
	_, _, _ = y[n-1], cb[n-1], cr[n-1]
	k := c.pairs()
	toRGBAVX2(&dst[0], &y[0], &cb[0], &cr[0], n, &k[0], int(c.round))
}

// pairs returns the coefficients as the vector pass reads them.
func (c *coefficients) pairs() [12]int16 {
	const zero = 128 << coarseBits
	return [12]int16{c.y, c.rv, c.y, c.gu, c.gv, 0, c.y, c.bu, c.black, c.black, zero, zero}
}
