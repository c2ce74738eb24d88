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
	_ = rows[(len(w)-1)*stride+len(dst)-1]
	if len(dst) >= 2*vectorColumns {
		addManyRowsAVX2(&dst[0], &rows[0], len(dst), stride, &w[0], len(w))
		return
	}
	addRowsAVX2(&dst[0], &rows[0], len(dst), stride, &w[0], len(w))
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
		addPairsAVX2(&dst[0], &row[0], eights)
		return
	case t.even:
		_ = row[eights*32-1]
		addQuadsAVX2(&dst[0], &row[0], eights)
		return
	case t.n == 4:
		addFoursAVX2(&dst[0], &row[0], &t.start[0], &t.w[0], eights)
		return
	}
	addEightsAVX2(&dst[0], &row[0], &t.start[0], &t.w[0], (n+3)/4, t.n/8)
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

// pairs is the coefficients as the vector pass reads them.
func (c *coefficients) pairs() [12]int16 {
	const zero = 128 << coarseBits
	return [12]int16{c.y, c.rv, c.y, c.gu, c.gv, 0, c.y, c.bu, c.black, c.black, zero, zero}
}

func widenVector(dst []int16, src []byte, sx int) {
	n := (len(dst) + sx - 1) / sx
	switch {
	case sx == 1 && n >= 16:
		_ = src[n-1]
		widenAVX2(&dst[0], &src[0], n)
	case sx == 2 && n >= 8:
		_, _ = src[n-1], dst[:2*n]
		widenTwiceAVX2(&dst[0], &src[0], n)
	default:
		widen(dst, src, sx)
	}
}
