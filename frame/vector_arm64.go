package frame

// hasVector reports whether this machine runs the vector passes; NEON is part of every arm64.
const hasVector = true

// vectorColumns is the fewest columns that addRowsVector takes.
const vectorColumns = 32

func addRowsVector(dst []int16, rows []byte, stride int, w []int16) {
	_ = rows[(len(w)-1)*stride+len(dst)-1]
	from, to := longestRun(w)
	if from == to {
		to++ // one row is as many of a weight
	}
	addRowsNEON(&dst[0], &rows[0], len(dst), stride, &w[0], from, to-from, len(w)-to)
}

// longestRun returns the longest run of equal weights that saves work, or none. Words of 16 bits hold 257 bytes, far
// more than a window has.
func longestRun(w []int16) (from, to int) {
	const worthwhile = 3
	for i := 0; i < len(w); {
		n := i + 1
		for n < len(w) && w[n] == w[i] {
			n++
		}
		if n-i >= worthwhile && n-i > to-from {
			from, to = i, n
		}
		i = n
	}
	return from, to
}

func addColumnsVector(out []byte, row []int16, start []int32, w []int16, n, step int) {
	_ = out[(len(start)-1)*step+3]
	addColumnsNEON(&out[0], &row[0], &start[0], &w[0], len(start), n/4, step)
}

// vectorWeights returns the weights as addColumnsVector reads them.
func vectorWeights(t taps) []int16 { return t.w }
