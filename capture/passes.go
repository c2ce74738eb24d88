package capture

import "encoding/binary"

// The passes in plain Go. The vector ones agree with them bit by bit.

const (
	rowShift    = rowBits - coarseBits
	columnShift = columnBits
	colourShift = coefBits + coarseBits
)

// run is rows of the same weight, one under the other.
type run struct {
	first, n int
	weight   uint64
}

// runs appends the runs in the weights of a window to dst.
func runs(dst []run, w []int16) []run {
	for k, v := range w {
		if k > 0 && w[k-1] == v {
			dst[len(dst)-1].n++
			continue
		}
		dst = append(dst, run{k, 1, uint64(v)})
	}
	return dst
}

// Lanes of 16 bits in 64-bit words: rounding, and what is left of a lane after shifting.
const (
	laneRound = 0x0001000100010001 << (rowShift - 1)
	laneMask  = 0x3FFF3FFF3FFF3FFF
)

// addRows is the vertical pass: dst[i] is the weighted sum of column i over len(w) rows, stride bytes apart, with
// coarseBits below the byte. Four columns share a 64-bit word, as lanes of 16 bits that weights cannot overflow; rows of
// the same weight are added up first and multiplied once.
func addRows(dst []int16, rows []byte, stride int, w []int16) {
	var some [16]run
	all := runs(some[:0], w)
	at := 0
	for ; at+16 <= len(dst); at += 16 {
		a, b, c, d := addRuns(rows[at:], stride, all)
		out := dst[at : at+16 : at+16]
		out[0], out[1], out[2], out[3] = int16(a), int16(b), int16(a>>16), int16(b>>16)
		out[4], out[5], out[6], out[7] = int16(a>>32), int16(b>>32), int16(a>>48), int16(b>>48)
		out[8], out[9], out[10], out[11] = int16(c), int16(d), int16(c>>16), int16(d>>16)
		out[12], out[13], out[14], out[15] = int16(c>>32), int16(d>>32), int16(c>>48), int16(d>>48)
	}
	for ; at < len(dst); at++ {
		dst[at] = addColumn(rows[at:], stride, w)
	}
}

// addColumn is the vertical pass over one column.
func addColumn(rows []byte, stride int, w []int16) int16 {
	sum := uint32(1 << (rowShift - 1))
	for k, v := range w {
		sum += uint32(v) * uint32(rows[k*stride])
	}
	return int16(sum >> rowShift)
}

// addRowsAndColumns is both passes at once where windows across are pairs or fours of columns side by side: the sums are
// made in the lanes. n is 2 or 4, and dst has a word for each n columns.
func addRowsAndColumns(dst []int16, rows []byte, stride int, w []int16, n int) {
	const pairs = 0x0000FFFF0000FFFF
	var some [16]run
	all := runs(some[:0], w)
	i := 0
	for each := 16 / n; i+each <= len(dst); i += each {
		a, b, c, d := addRuns(rows[i*n:], stride, all)
		a, c = a+b, c+d // columns 0+1, 2+3, 4+5, 6+7 of each eight
		out := dst[i : i+each : i+each]
		if n == 2 {
			a, c = a+laneRound>>(rowShift-1), c+laneRound>>(rowShift-1)
			out[0], out[1], out[2], out[3] = int16(a>>1&0x7FFF), int16(a>>17&0x7FFF), int16(a>>33&0x7FFF), int16(a>>49)
			out[4], out[5], out[6], out[7] = int16(c>>1&0x7FFF), int16(c>>17&0x7FFF), int16(c>>33&0x7FFF), int16(c>>49)
			continue
		}
		a, c = a&pairs+a>>16&pairs, c&pairs+c>>16&pairs
		out[0], out[1] = int16((uint32(a)+2)>>2), int16((a>>32+2)>>2)
		out[2], out[3] = int16((uint32(c)+2)>>2), int16((c>>32+2)>>2)
	}
	for ; i < len(dst); i++ {
		sum := int32(n / 2)
		for k := range n {
			sum += int32(addColumn(rows[i*n+k:], stride, w))
		}
		dst[i] = int16(sum / int32(n))
	}
}

// addRuns is the vertical pass over 16 columns: the even and the odd ones of each eight, in lanes.
func addRuns(rows []byte, stride int, all []run) (a, b, c, d uint64) {
	a, b, c, d = laneRound, laneRound, laneRound, laneRound
	for i := range all {
		r := &all[i]
		e, f, g, h := addLanes(rows[r.first*stride:], stride, r.n)
		a, b, c, d = a+e*r.weight, b+f*r.weight, c+g*r.weight, d+h*r.weight
	}
	return a >> rowShift & laneMask, b >> rowShift & laneMask, c >> rowShift & laneMask, d >> rowShift & laneMask
}

// addLanes adds up 16 columns of n rows, at most 256: the even and the odd ones of each eight, in lanes. Words shifted
// by a column are added whole, and what the even columns put into them is taken off at the end. Inlined, the sums would
// not stay in registers, which takes twice the time.
//
//go:noinline
func addLanes(rows []byte, stride, n int) (a, b, c, d uint64) {
	const lanes = 0x00FF00FF00FF00FF
	for p := 0; n > 0; n-- {
		px := rows[p:][:16]
		left, right := binary.LittleEndian.Uint64(px), binary.LittleEndian.Uint64(px[8:])
		a += left & lanes
		b += left >> 8
		c += right & lanes
		d += right >> 8
		p += stride
	}
	return a, b - a>>16<<8, c, d - c>>16<<8
}

// addColumns is the horizontal pass: dst[i] is the weighted sum of t.n words of row from t.start[i] on.
func addColumns(dst, row []int16, t taps) {
	n, half := t.n, int32(1<<(columnShift-1))
	for i, start := range t.start {
		x, w := row[start:][:n], t.w[i*n:][:n]
		sum := half
		for len(x) >= 4 && len(w) >= 4 {
			sum += int32(w[0])*int32(x[0]) + int32(w[1])*int32(x[1]) + int32(w[2])*int32(x[2]) + int32(w[3])*int32(x[3])
			x, w = x[4:], w[4:]
		}
		dst[i] = int16(sum >> columnShift)
	}
}

// toRGB is the last pass: luma and chroma words, as many of each as dst has pixels, into bytes.
func toRGB(dst []byte, y, cb, cr []int16, c *coefficients) {
	n := len(dst) / 3
	y, cb, cr = y[:n], cb[:n], cr[:n]
	cy, rv, gu, gv, bu := int32(c.y), int32(c.rv), int32(c.gu), int32(c.gv), int32(c.bu)
	const zero = 128 << coarseBits
	base := c.round - cy*int32(c.black)
	for i := range n {
		l := cy*int32(y[i]) + base
		u, v := int32(cb[i])-zero, int32(cr[i])-zero
		px := dst[:3:3]
		px[0] = clamp((l + rv*v) >> colourShift)
		px[1] = clamp((l + gu*u + gv*v) >> colourShift)
		px[2] = clamp((l + bu*u) >> colourShift)
		dst = dst[3:]
	}
}

// clamp is v between 0 and 255. Most values are, so that the branch is foreseen.
func clamp(v int32) byte {
	if uint32(v) > 255 {
		return byte(^v >> 31)
	}
	return byte(v)
}

// widen is both passes where nothing is averaged: a sample becomes a word for each of the sx columns it stands for.
func widen(dst []int16, src []byte, sx int) {
	if sx == 1 {
		for i, v := range src[:len(dst)] {
			dst[i] = int16(v) << coarseBits
		}
		return
	}
	for i := range dst {
		dst[i] = int16(src[i/sx]) << coarseBits
	}
}
