package render

// What is done to every cell of every picture, eight cells at a time by vector instructions. The versions in plain Go
// agree with them bit for bit. They handle the rest of a row, and processors without these instructions.

// paintHalves chooses half blocks for a row of cells from two rows of samples.
func paintHalves(dst []Cell, gain []float32, top, bottom []byte, shown []Cell) {
	n := 0
	if hasCellVector && len(dst) >= 8 {
		n = len(dst) &^ 7
		paintHalvesVector(dst[:n], gain, top, bottom, shown)
	}
	halvesPlain(dst[n:], gain[n:], top[4*n:], bottom[4*n:], shown[n:])
}

// updateHistory records the best cells of a row, and sets how much error each tolerates. It reports whether any differs
// from the last picture's. If the frame is the same again, nothing ages.
func updateHistory(history []cellHistory, want []Cell, gain []float32, again bool) (moves bool) {
	n := 0
	if hasCellVector && len(history) >= 8 {
		n = len(history) &^ 7
		moves = updateHistoryVector(history[:n], want, gain, again)
	}
	return updateHistoryPlain(history[n:], want[n:], gain[n:], again) || moves
}

// selectChanges sets the bits of the cells that differ from what is shown and gain at least what they tolerate, and
// zeroes the gain of those that do not differ. errorPerByte is divided by fullTolerance.
func selectChanges(differs []uint8, want, shown []Cell, gain []float32, history []cellHistory, errorPerByte float32) {
	n := 0
	if hasCellVector && len(want) >= 8 {
		n = len(want) &^ 7
		selectChangesVector(differs, want[:n], shown, gain, history, errorPerByte)
	}
	selectChangesPlain(differs[n/8:], want[n:], shown[n:], gain[n:], history[n:], errorPerByte)
}

// selectChangesPlain is selectChanges in plain Go.
func selectChangesPlain(differs []uint8, want, shown []Cell, gain []float32, history []cellHistory, errorPerByte float32) {
	clear(differs)
	for i := range want {
		if want[i] == shown[i] {
			gain[i] = 0
		} else if !(gain[i] < errorPerByte*float32(history[i].tolerance)) {
			differs[i/8] |= 1 << (i % 8)
		}
	}
}

// remainingError returns the mean error left in the cells that tolerate any, and their number.
func remainingError(gain []float32, history []cellHistory) (mean float32, cells int) {
	var sums [8]float32
	var counts [8]int32
	n := 0
	if hasCellVector && len(gain) >= 8 {
		n = len(gain) &^ 7
		remainingErrorVector(&sums, &counts, gain[:n], history)
	}
	remainingErrorPlain(&sums, &counts, gain[n:], history[n:])
	var sum float32
	for i := range sums {
		sum, cells = sum+sums[i], cells+int(counts[i])
	}
	return sum / float32(max(cells, 1)), cells
}

// remainingErrorPlain adds every eighth cell to the same sum, as vector instructions do.
func remainingErrorPlain(sums *[8]float32, counts *[8]int32, gain []float32, history []cellHistory) {
	for i, g := range gain {
		if history[i].tolerance > 0 {
			sums[i%8] += max(g, 0)
			counts[i%8]++
		}
	}
}
