package render

import "acip/render/internal/ansi"

// hasVector and hasCellVector report whether this machine runs the vector passes; NEON is part of every arm64.
const (
	hasVector     = true
	hasCellVector = true
)

func searchGridVector(best, px []uint32, l *glyphGrid) {
	_ = px[len(best)*cellStride-1]
	searchGridNEON(&best[0], &px[0], len(best), &l.table.area[0], 1<<(l.subs-1))
}

func searchMasksVector(best []uint32, sums []maskSum, samples []byte, s *maskSet) {
	stride := len(best) * 8 * 4
	_, _, _ = samples[16*stride-1], sums[len(best)*len(s.masks)-1], s.table[len(s.groups)*8-1]
	sumMasksNEON(&sums[0][0], &samples[0], len(best), stride, &s.masks[0][0], len(s.masks))
	scoreMasksNEON(&best[0], &sums[0][0], len(best), len(s.masks), &s.table[0].area, len(s.groups)*2)
}

func paintHalvesVector(dst []Cell, gain []float32, top, bottom []byte, shown []Cell) {
	n := len(dst)
	_, _, _, _ = gain[n-1], top[4*n-1], bottom[4*n-1], shown[n-1]
	paintHalvesNEON(cellWords(dst), &gain[0], &top[0], &bottom[0], cellWords(shown), n/4)
}

func updateHistoryVector(history []cellHistory, want []Cell, gain []float32, again bool) (moves bool) {
	n, older := len(history), 1
	if again {
		older = 0
	}
	_, _ = want[n-1], gain[n-1]
	return updateHistoryNEON(&history[0].best, cellWords(want), &gain[0], n/4, older) != 0
}

func selectChangesVector(differs []uint8, want, shown []Cell, gain []float32, history []cellHistory, errorPerByte float32) {
	n := len(want)
	_, _, _, _ = differs[n/8-1], shown[n-1], gain[n-1], history[n-1]
	selectChangesNEON(&differs[0], cellWords(want), cellWords(shown), &gain[0], &history[0].best, n/8, errorPerByte)
}

func remainingErrorVector(sums *[8]float32, counts *[8]int32, gain []float32, history []cellHistory) {
	_ = history[len(gain)-1]
	remainingErrorNEON(&sums[0], &counts[0], &gain[0], &history[0].best, len(gain)/8)
}

// cellWords is where cells begin.
func cellWords(c []Cell) *uint32 { return (*uint32)(&c[0].Glyph) }

// nextCandidateVector returns the first group of eight cells in which bits of differs are set that may be worth going to, and the
// first of those bits. It lets all pass that change would write.
func nextCandidateVector(differs []uint8, want []Cell, gain []float32, history []cellHistory, p *ansi.Rendition, errorPerByte float32) (group int, cells uint32) {
	n := len(differs)
	_, _, _ = want[8*n-1], gain[8*n-1], history[8*n-1]
	return nextCandidateNEON(&differs[0], cellWords(want), &gain[0], &history[0].best, &shares[0], (*uint32)(&p.FG), errorPerByte, n)
}

func searchCornersVector(g *cornerGroup, t *cornerTable, samples []byte, stride int) {
	_ = samples[15*stride+8*8*4-1]
	sumCornersNEON(&samples[0], stride, &g.pairs[0], &g.rb[0][0], &g.g[0][0], &g.px[0][0])
	scoreCornersNEON(&g.best[0], &g.deviations[0], &g.pairs[0], &t.steps[0].at, &t.heads[0].steps, len(t.heads))
}

// finishGridVector finishes the first cells of a row of cols.
func finishGridVector(dst []Cell, gain []float32, samples []byte, best []uint32, shown []Cell, l *glyphGrid, cols int) {
	n, rows := len(dst), len(l.ys)
	_, _, _, _ = gain[n-1], samples[(rows-1)*cols*8+n*8-1], best[n-1], shown[n-1]
	finishGridNEON(cellWords(dst), &gain[0], &samples[0], cols*8, rows, &best[0], cellWords(shown), &l.table.area[0], n/4)
}
