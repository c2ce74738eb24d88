//go:build !amd64 && !arm64

package render

const hasVector = false

func searchLatticeVector(best, px []uint32, l *lattice) {}

func searchMasksVector(best []uint32, sums []maskSum, samples []byte, s *maskSet) {}
