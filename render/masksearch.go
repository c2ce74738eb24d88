package render

// searchRow sums and searches every cell of a row of 8x16 samples.
func (s *maskSet) searchRow(best []uint32, sums, totals []maskSum, samples []byte) {
	n := len(best)
	stride := n * 8 * 4
	var px [cellPixels]packed
	for i := range n {
		totals[i] = cellOf(&px, samples[i*8*4:], stride)
		under := sums[i*len(s.masks):][:len(s.masks)]
		s.sum(under, &px)
		best[i] = s.best(under, totals[i])
	}
}

// cellOf takes the pixels of one cell out of rows of them, and sums them.
func cellOf(px *[cellPixels]packed, samples []byte, stride int) maskSum {
	var total packed
	for y := range 16 {
		row := samples[y*stride:][:32]
		for x := range 8 {
			v := pack(le32(row[x*4:]))
			px[y*8+x] = v
			total += v
		}
	}
	return total.sum()
}
