package render

// What is done to every cell of every picture, for vectors eight at a time. The plain Go twins agree with them bit by
// bit, take what is left over at a row's end, and serve processors without vectors.

// paintHalves chooses half blocks for a row of cells from two rows of samples.
func paintHalves(dst []Cell, gain []float32, top, bottom []byte, shown []Cell) {
	n := 0
	if hasCellVector && len(dst) >= 8 {
		n = len(dst) &^ 7
		paintHalvesVector(dst[:n], gain, top, bottom, shown)
	}
	halvesPlain(dst[n:], gain[n:], top[4*n:], bottom[4*n:], shown[n:])
}

// settle takes note of what cells want, and of how much error each bears then. It reports whether any wants something
// else than last time. The same frame again is no news, and does not make anything older.
func settle(kept []memory, want []Cell, gain []float32, again bool) (moves bool) {
	n := 0
	if hasCellVector && len(kept) >= 8 {
		n = len(kept) &^ 7
		moves = settleVector(kept[:n], want, gain, again)
	}
	return settlePlain(kept[n:], want[n:], gain[n:], again) || moves
}

// weigh sets the bits of the cells that differ from what is shown and gain at least what they bear, where a byte's worth
// is worth of bearsAll. Those that are the same gain nothing.
func weigh(differs []uint8, want, shown []Cell, gain []float32, kept []memory, worth float32) {
	n := 0
	if hasCellVector && len(want) >= 8 {
		n = len(want) &^ 7
		weighVector(differs, want[:n], shown, gain, kept, worth)
	}
	weighPlain(differs[n/8:], want[n:], shown[n:], gain[n:], kept[n:], worth)
}

// weighPlain is weigh in plain Go.
func weighPlain(differs []uint8, want, shown []Cell, gain []float32, kept []memory, worth float32) {
	clear(differs)
	for i := range want {
		if want[i] == shown[i] {
			gain[i] = 0
		} else if !(gain[i] < worth*float32(kept[i].bears)) {
			differs[i/8] |= 1 << (i % 8)
		}
	}
}

// remains is the mean error that is left of the cells that bear any; 0 cells if there are none.
func remains(gain []float32, kept []memory) (mean float32, cells int) {
	var sums [8]float32
	var counts [8]int32
	n := 0
	if hasCellVector && len(gain) >= 8 {
		n = len(gain) &^ 7
		remainsVector(&sums, &counts, gain[:n], kept)
	}
	remainsPlain(&sums, &counts, gain[n:], kept[n:])
	var sum float32
	for i := range sums {
		sum, cells = sum+sums[i], cells+int(counts[i])
	}
	return sum / float32(max(cells, 1)), cells
}

// remainsPlain adds every eighth cell to the same sum, as vectors do.
func remainsPlain(sums *[8]float32, counts *[8]int32, gain []float32, kept []memory) {
	for i, g := range gain {
		if kept[i].bears > 0 {
			sums[i%8] += max(g, 0)
			counts[i%8]++
		}
	}
}
