package frame

// The two passes in plain Go. The vector ones agree with them bit by bit.

const (
	rowShift    = weightBits - coarseBits
	columnShift = weightBits + coarseBits
)

// addRows is the vertical pass: dst[i] is the weighted sum of column i over len(w) rows (an even number), stride
// bytes apart, with coarseBits below the byte. A block of columns at a time, so that the sums stay near.
func addRows(dst []int16, rows []byte, stride int, w []int16) {
	const block = 256
	var sums [block]int32
	for len(dst) > 0 {
		n := min(block, len(dst))
		addTwoRows(sums[:n], rows[:n], rows[stride:][:n], int32(w[0]), int32(w[1]), 1<<(rowShift-1), 0)
		for k := 2; k < len(w); k += 2 {
			addTwoRows(sums[:n], rows[k*stride:][:n], rows[(k+1)*stride:][:n], int32(w[k]), int32(w[k+1]), 0, -1)
		}
		for i, v := range sums[:n] {
			dst[i] = int16(v >> rowShift)
		}
		dst, rows = dst[n:], rows[min(n, len(rows)):]
	}
}

// addTwoRows sets sums to themselves under mask keep, plus two weighted rows and bias.
func addTwoRows(sums []int32, a, b []byte, wa, wb, bias, keep int32) {
	a, b = a[:len(sums)], b[:len(sums)]
	for i := range sums {
		sums[i] = sums[i]&keep + wa*int32(a[i]) + wb*int32(b[i]) + bias
	}
}

// addColumns is the horizontal pass: sample i is the weighted sum of t.n pixels of row from t.start[i] on. It writes
// step bytes a sample, and the fourth byte, where there is room for it, as 0.
func addColumns(out []byte, row []int16, t taps, step int) {
	for i, start := range t.start {
		r, g, b := int32(1<<(columnShift-1)), int32(1<<(columnShift-1)), int32(1<<(columnShift-1))
		px := row[start*3:]
		for _, v := range t.w[i*t.n : (i+1)*t.n] {
			w := int32(v)
			r += w * int32(px[0])
			g += w * int32(px[1])
			b += w * int32(px[2])
			px = px[3:]
		}
		o := out[i*step : i*step+4]
		o[0], o[1], o[2], o[3] = toByte(r), toByte(g), toByte(b), 0
	}
}

func toByte(v int32) byte { return byte(min(max(v>>columnShift, 0), 255)) }
