package frame

// hasVector reports whether this machine runs the vector passes; NEON is part of every arm64.
const hasVector = true

// vectorColumns is the fewest columns that addRowsVector takes.
const vectorColumns = 16

// addRowsNEON is addRows for n columns, a multiple of sixteen, and count rows.
//
//go:noescape
func addRowsNEON(dst *int16, rows *byte, n int, stride int, w *int16, count int)

// addColumnsNEON is addColumns for count samples of 4*groups taps. It writes four bytes a sample, step apart.
//
//go:noescape
func addColumnsNEON(out *byte, row *int16, start *int32, w *int16, count int, groups int, step int)

func addRowsVector(dst []int16, rows []byte, stride int, w []int16) {
	_ = rows[(len(w)-1)*stride+len(dst)-1]
	n := len(dst) &^ (vectorColumns - 1)
	addRowsNEON(&dst[0], &rows[0], n, stride, &w[0], len(w))
	addRows(dst[n:], rows[n:], stride, w)
}

func addColumnsVector(out []byte, row []int16, start []int32, w []int16, n, step int) {
	_ = out[(len(start)-1)*step+3]
	addColumnsNEON(&out[0], &row[0], &start[0], &w[0], len(start), n/4, step)
}

// vectorWeights are the weights as addColumnsVector reads them.
func vectorWeights(t taps) []int16 { return t.w }
