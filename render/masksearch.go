package render

// searchRow sums every cell of a row of 8x16 samples under every mask, and finds the mask with the greatest score.
func (s *maskSet) searchRow(best []uint32, sums []maskSum, samples []byte) {
	if hasVector {
		searchMasksVector(best, sums, samples, s)
		return
	}
	s.searchPlain(best, sums, samples)
}

// searchPlain is searchRow in plain Go; the vector one agrees with it bit by bit.
func (s *maskSet) searchPlain(best []uint32, sums []maskSum, samples []byte) {
	n := len(best)
	var px [cellPixels]packed
	for i := range n {
		cellOf(&px, samples[i*8*4:], n*8*4)
		under := sums[i*len(s.masks):][:len(s.masks)]
		s.sum(under, &px)
		best[i] = s.best(under, under[len(under)-1].whole())
	}
}

// cellOf takes the pixels of one cell out of rows of them.
func cellOf(px *[cellPixels]packed, samples []byte, stride int) {
	for y := range 16 {
		row := samples[y*stride:][:32]
		for x := range 8 {
			px[y*8+x] = pack(le32(row[x*4:]))
		}
	}
}
