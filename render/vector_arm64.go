package render

// hasVector and hasCellVector report whether this machine runs the vector passes; NEON is part of every arm64.
const (
	hasVector     = true
	hasCellVector = true
)

// laneCells is how many cells the passes over cells take at a time.
const laneCells = 4

func searchMasksVector(best []uint32, sums []maskSum, samples []byte, s *maskSet) {
	stride := len(best) * 8 * 4
	_, _, _ = samples[16*stride-1], sums[len(best)*len(s.masks)-1], s.table[len(s.groups)*8-1]
	sumMasksNEON(&sums[0][0], &samples[0], len(best), stride, &s.masks[0][0], len(s.masks))
	scoreMasksNEON(&best[0], &sums[0][0], len(best), len(s.masks), &s.table[0].area, len(s.groups)*2)
}
