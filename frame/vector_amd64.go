package frame

import "golang.org/x/sys/cpu"

//go:generate go run ./internal/asm -out passes_amd64.s -stubs passes_amd64.go -pkg frame

// hasVector reports whether this machine runs the vector passes.
var hasVector = cpu.X86.HasAVX2

// vectorColumns is the fewest columns that addRowsVector takes.
const vectorColumns = 32

func addRowsVector(dst []int16, rows []byte, stride int, w []int16) {
	_ = rows[(len(w)-1)*stride+len(dst)-1]
	addRowsAVX2(&dst[0], &rows[0], len(dst), stride, &w[0], len(w)/2)
}

func addColumnsVector(out []byte, row []int16, start []int32, w []int16, n, step int) {
	_ = out[(len(start)-1)*step+3]
	addColumnsAVX2(&out[0], &row[0], &start[0], &w[0], len(start), n/4, step)
}

// vectorWeights returns the weights as addColumnsVector reads them.
func vectorWeights(t taps) []int16 { return t.spread() }
