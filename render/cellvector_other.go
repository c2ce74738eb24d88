//go:build !amd64 && !arm64

package render

import "acip/render/internal/ansi"

const hasCellVector = false

func paintHalvesVector(dst []Cell, gain []float32, top, bottom []byte, shown []Cell) {}

func updateHistoryVector(history []cellHistory, want []Cell, gain []float32, again bool) (moves bool) {
	return false
}

func selectChangesVector(differs []uint8, want, shown []Cell, gain []float32, history []cellHistory, errorPerByte float32) {
}

func remainingErrorVector(sums *[8]float32, counts *[8]int32, gain []float32, history []cellHistory) {
}

func nextCandidateVector(differs []uint8, want []Cell, gain []float32, history []cellHistory, p *ansi.Rendition, errorPerByte float32) (group int, cells uint32) {
	return 0, 0
}

func searchCornersVector(g *cornerGroup, t *cornerTable, samples []byte, stride int) {}

func finishGridVector(dst []Cell, gain []float32, samples []byte, best []uint32, shown []Cell, l *glyphGrid, cols int) {
}
