//go:build amd64 || arm64

package yuv

// addWeightedRows adds up rows by their weights, which on arm64 are less than 256.
func addWeightedRows(dst []int16, rows []byte, stride int, w []int16) {
	_ = rows[(len(w)-1)*stride+len(dst)-1]
	if len(dst) >= 2*vectorColumns {
		addManyRowsPass(&dst[0], &rows[0], len(dst), stride, &w[0], len(w))
		return
	}
	addRowsPass(&dst[0], &rows[0], len(dst), stride, &w[0], len(w))
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
		addPairsPass(&dst[0], &row[0], eights)
	case t.even:
		_ = row[eights*32-1]
		addQuadsPass(&dst[0], &row[0], eights)
	case t.n == 4:
		addFoursPass(&dst[0], &row[0], &t.start[0], &t.w[0], eights)
	default:
		addEightsPass(&dst[0], &row[0], &t.start[0], &t.w[0], (n+3)/4, t.n/8)
	}
}

func widenVector(dst []int16, src []byte, sx int) {
	n := (len(dst) + sx - 1) / sx
	switch {
	case sx == 1 && n >= 16:
		_ = src[n-1]
		widenPass(&dst[0], &src[0], n)
	case sx == 2 && n >= 8:
		_, _ = src[n-1], dst[:2*n]
		widenTwicePass(&dst[0], &src[0], n)
	default:
		widen(dst, src, sx)
	}
}
