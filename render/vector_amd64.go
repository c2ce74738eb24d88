package render

import "golang.org/x/sys/cpu"

//go:generate go run ./internal/asm -out search_amd64.s -stubs search_amd64.go -pkg render

// hasVector reports whether this machine runs the vector searches.
var hasVector = cpu.X86.HasAVX2

// hasCellVector reports whether there are vectors for what is done to cells.
var hasCellVector = hasVector

// laneCells is how many cells the passes over cells take at a time.
const laneCells = 8

func searchMasksVector(best []uint32, sums []maskSum, samples []byte, s *maskSet) {
	stride := len(best) * 8 * 4
	_, _ = samples[16*stride-1], sums[len(best)*len(s.masks)-1]
	sumMasksAVX2(&sums[0][0], &samples[0], len(best), stride, &s.laid[0], len(s.masks))
	scoreMasksAVX2(&best[0], &sums[0][0], len(best), len(s.masks), &s.groups[0].area[0], len(s.groups))
}
