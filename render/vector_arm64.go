package render

import "math/bits"

// hasVector reports whether this machine runs the vector search of lattices; NEON is part of every arm64.
const hasVector = true

// scoreLatticeNEON scores sixteen patterns for each of highs sums of high sub-cells, and returns the greatest score with
// its pattern in the lowest bits.
//
//go:noescape
func scoreLatticeNEON(low *[3][16]int32, high *[3]int32, weights *float32, highs int) uint32

// searchLatticeVector sums the patterns of the first four sub-cells and those of the others, and has them met.
func searchLatticeVector(best, px []uint32, l *lattice) {
	patterns := uint32(1) << (l.subs - 1)
	highs := max(patterns/16, 1)
	var d [maxSubs][3]int32
	var low [3][16]int32
	var high [8][3]int32
	for cell := range best {
		l.deviations(px[cell*pitch:][:pitch], &d)
		for ch := range 3 {
			for i := 1; i < 16; i++ {
				low[ch][i] = low[ch][i&(i-1)] + d[bits.TrailingZeros(uint(i))][ch]
			}
			for i := uint32(1); i < highs; i++ {
				high[i][ch] = high[i&(i-1)][ch] + d[4+bits.TrailingZeros32(i)][ch]
			}
		}
		best[cell] = scoreLatticeNEON(&low, &high[0], &l.table.weight[0], int(highs)) & (patterns - 1)
	}
}

// searchMasksVector is the plain search: only lattices have vectors here.
func searchMasksVector(best []uint32, sums []maskSum, samples []byte, s *maskSet) {
	s.searchPlain(best, sums, samples)
}
