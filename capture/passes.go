package capture

import "encoding/binary"

// The passes in plain Go. The vector ones agree with them bit by bit.

const (
	rowShift    = rowBits - coarseBits
	columnShift = columnBits
	colourShift = coefBits + coarseBits
)

// addRows is the vertical pass: dst[i] is the weighted sum of column i over len(w) rows, stride bytes apart, with
// coarseBits below the byte. Four columns share a 64-bit word, as lanes of 16 bits that weights cannot overflow.
func addRows(dst []int16, rows []byte, stride int, w []int16) {
	const lanes, half, mask = 0x00FF00FF00FF00FF, 0x0002000200020002, 0x3FFF3FFF3FFF3FFF
	at := 0
	for ; at+16 <= len(dst); at += 16 {
		a, b, c, d := uint64(half), uint64(half), uint64(half), uint64(half)
		p := at
		for _, v := range w {
			px, w := rows[p:p+16:p+16], uint64(v)
			left, right := binary.LittleEndian.Uint64(px), binary.LittleEndian.Uint64(px[8:])
			a += left & lanes * w
			b += left >> 8 & lanes * w
			c += right & lanes * w
			d += right >> 8 & lanes * w
			p += stride
		}
		spread(dst[at:at+8:at+8], a>>rowShift&mask, b>>rowShift&mask)
		spread(dst[at+8:at+16:at+16], c>>rowShift&mask, d>>rowShift&mask)
	}
	for ; at < len(dst); at++ {
		sum := uint32(1 << (rowShift - 1))
		for k, v := range w {
			sum += uint32(v) * uint32(rows[at+k*stride])
		}
		dst[at] = int16(sum >> rowShift)
	}
}

// spread is the lanes of two words in turn.
func spread(out []int16, even, odd uint64) {
	_ = out[7]
	out[0], out[1], out[2], out[3] = int16(even), int16(odd), int16(even>>16), int16(odd>>16)
	out[4], out[5], out[6], out[7] = int16(even>>32), int16(odd>>32), int16(even>>48), int16(odd>>48)
}

// addColumns is the horizontal pass: dst[i] is the weighted sum of t.n words of row from t.start[i] on.
func addColumns(dst, row []int16, t taps) {
	switch {
	case t.even && t.n == 2:
		dst, row = dst[:len(t.start)], row[:2*len(t.start)]
		for i := range dst {
			dst[i] = int16((int32(row[2*i]) + int32(row[2*i+1]) + 1) >> 1)
		}
	case t.even && t.n == 4:
		for i := range dst[:len(t.start)] {
			x := row[4*i : 4*i+4 : 4*i+4]
			dst[i] = int16((int32(x[0]) + int32(x[1]) + int32(x[2]) + int32(x[3]) + 2) >> 2)
		}
	default:
		addWindows(dst, row, t)
	}
}

func addWindows(dst, row []int16, t taps) {
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
	for i := range n {
		l := cy*int32(y[i]-c.black) + c.round
		u, v := int32(cb[i]-128<<coarseBits), int32(cr[i]-128<<coarseBits)
		px := dst[i*3 : i*3+3 : i*3+3]
		px[0] = clamp((l + rv*v) >> colourShift)
		px[1] = clamp((l + gu*u + gv*v) >> colourShift)
		px[2] = clamp((l + bu*u) >> colourShift)
	}
}

func clamp(v int32) byte { return byte(min(max(v, 0), 255)) }

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
