package yuv

import "slices"

// hasVector reports whether this machine runs the vector passes; NEON is part of every arm64.
const hasVector = true

// Fewest elements that the vector passes take.
const (
	vectorColumns = 32
	vectorPixels  = 8
)

// wholeRow is the weight of a row that is the mean alone: one more than a byte holds.
const wholeRow = 1 << rowBits

func addRowsVector(dst []int16, rows []byte, stride int, w []int16) {
	_ = rows[(len(w)-1)*stride+len(dst)-1]
	if only := slices.Index(w, wholeRow); only >= 0 {
		widenPass(&dst[0], &rows[only*stride], len(dst))
		return
	}
	addWeightedRows(dst, rows, stride, w)
}

func toRGBVector(dst []byte, y, cb, cr []int16, c *coefficients) {
	n := len(dst) / 3
	if n < vectorPixels {
		toRGB(dst, y, cb, cr, c)
		return
	}
	_, _, _ = y[n-1], cb[n-1], cr[n-1]
	k := [8]int16{c.y, c.rv, c.gu, c.gv, c.bu, c.black, 128 << coarseBits}
	toRGBNEON(&dst[0], &y[0], &cb[0], &cr[0], n, &k[0], int(c.round))
}
