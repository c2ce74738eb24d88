//go:build !amd64 && !arm64

package render

const hasCellVector = false

func paintHalvesVector(dst []Cell, gain []float32, top, bottom []byte, shown []Cell) {}

func settleVector(kept []memory, want []Cell, gain []float32, again bool) (moves bool) { return false }

func weighVector(differs []uint8, want, shown []Cell, gain []float32, kept []memory, worth float32) {}

func remainsVector(sums *[8]float32, counts *[8]int32, gain []float32, kept []memory) {}

func seekVector(differs []uint8, want []Cell, gain []float32, kept []memory, p *pen, worth float32) (group int, cells uint32) {
	return 0, 0
}

func searchCornersVector(g *cornerGroup, t *cornerTable, samples []byte, stride int) {}

func finishLatticeVector(dst []Cell, gain []float32, samples []byte, best []uint32, shown []Cell, l *lattice, cols int) {
}
