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
		widenNEON(&dst[0], &rows[only*stride], len(dst))
		return
	}
	if len(dst) >= 2*vectorColumns {
		addManyRowsNEON(&dst[0], &rows[0], len(dst), stride, &w[0], len(w))
		return
	}
	addRowsNEON(&dst[0], &rows[0], len(dst), stride, &w[0], len(w))
}

// addColumnsVector makes up to seven words more than t has windows, and reads as far as windows at position 0 and up to
// the end of the last one do.
func addColumnsVector(dst, row []int16, t taps) {
	n := len(t.start)
	eights := (n + 7) / 8
	_, _ = dst[:eights*8], t.start[:eights*8]
	_ = t.w[:eights*8*t.n]
	switch {
	case t.even && t.n == 2:
		_ = row[eights*16-1]
		addPairsNEON(&dst[0], &row[0], eights)
	case t.even:
		_ = row[eights*32-1]
		addQuadsNEON(&dst[0], &row[0], eights)
	case t.n == 4:
		addFoursNEON(&dst[0], &row[0], &t.start[0], &t.w[0], eights)
	default:
		addEightsNEON(&dst[0], &row[0], &t.start[0], &t.w[0], (n+3)/4, t.n/8)
	}
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

func widenVector(dst []int16, src []byte, sx int) {
	n := (len(dst) + sx - 1) / sx
	switch {
	case sx == 1 && n >= 16:
		_ = src[n-1]
		widenNEON(&dst[0], &src[0], n)
	case sx == 2 && n >= 8:
		_, _ = src[n-1], dst[:2*n]
		widenTwiceNEON(&dst[0], &src[0], n)
	default:
		widen(dst, src, sx)
	}
}
