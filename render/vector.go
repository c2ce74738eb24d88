//go:build amd64 || arm64

package render

import "acip/render/internal/ansi"

func searchGridVector(best, px []uint32, l *glyphGrid) {
	_ = px[len(best)*cellStride-1]
	searchGridPass(&best[0], &px[0], len(best), &l.table.area[0], 1<<(l.subs-1))
}

func paintHalvesVector(dst []Cell, gain []float32, top, bottom []byte, shown []Cell) {
	n := len(dst)
	_, _, _, _ = gain[n-1], top[4*n-1], bottom[4*n-1], shown[n-1]
	paintHalvesPass(cellWords(dst), &gain[0], &top[0], &bottom[0], cellWords(shown), n/laneCells)
}

func updateHistoryVector(history []cellHistory, want []Cell, gain []float32, again bool) (moves bool) {
	n, older := len(history), 1
	if again {
		older = 0
	}
	_, _ = want[n-1], gain[n-1]
	return updateHistoryPass(&history[0].best, cellWords(want), &gain[0], n/laneCells, older) != 0
}

func selectChangesVector(differs []uint8, want, shown []Cell, gain []float32, history []cellHistory, errorPerByte float32) {
	n := len(want)
	_, _, _, _ = differs[n/8-1], shown[n-1], gain[n-1], history[n-1]
	selectChangesPass(&differs[0], cellWords(want), cellWords(shown), &gain[0], &history[0].best, n/8, errorPerByte)
}

func remainingErrorVector(sums *[8]float32, counts *[8]int32, gain []float32, history []cellHistory) {
	_ = history[len(gain)-1]
	remainingErrorPass(&sums[0], &counts[0], &gain[0], &history[0].best, len(gain)/8)
}

// cellWords returns where cells begin.
func cellWords(c []Cell) *uint32 { return (*uint32)(&c[0].Glyph) }

// nextCandidateVector returns the first group of eight cells in which bits of differs are set that may be worth going
// to, and the first of those bits, with more of them on amd64. It lets all pass that change would write.
func nextCandidateVector(differs []uint8, want []Cell, gain []float32, history []cellHistory, p *ansi.Rendition, errorPerByte float32) (group int, cells uint32) {
	n := len(differs)
	_, _, _ = want[8*n-1], gain[8*n-1], history[8*n-1]
	return nextCandidatePass(&differs[0], cellWords(want), &gain[0], &history[0].best, &shares[0], (*uint32)(&p.FG), errorPerByte, n)
}

func searchCornersVector(g *cornerGroup, t *cornerTable, samples []byte, stride int) {
	_ = samples[15*stride+8*8*4-1]
	sumCornersPass(&samples[0], stride, &g.pairs[0], &g.rb[0][0], &g.g[0][0], &g.px[0][0])
	scoreCornersPass(&g.best[0], &g.deviations[0], &g.pairs[0], &t.steps[0].at, &t.heads[0].steps, len(t.heads))
}

// finishGridVector finishes the first cells of a row of cols.
func finishGridVector(dst []Cell, gain []float32, samples []byte, best []uint32, shown []Cell, l *glyphGrid, cols int) {
	n, rows := len(dst), len(l.ys)
	_, _, _, _ = gain[n-1], samples[(rows-1)*cols*8+n*8-1], best[n-1], shown[n-1]
	finishGridPass(cellWords(dst), &gain[0], &samples[0], cols*8, rows, &best[0], cellWords(shown), &l.table.area[0], n/laneCells)
}
