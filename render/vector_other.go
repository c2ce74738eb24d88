//go:build !amd64 && !arm64

package render

const hasVector = false

func searchGridVector(best, px []uint32, l *glyphGrid) {}

func searchMasksVector(best []uint32, sums []maskSum, samples []byte, s *maskSet) {}
