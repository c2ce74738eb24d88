package yuv

// The passes in plain Go. The vector ones agree with them bit by bit.

const (
	rowShift    = rowBits - coarseBits
	columnShift = columnBits
	colourShift = coefBits + coarseBits
)

// addColumns is the horizontal pass: dst[i] is the weighted sum of t.n words of row, a multiple of four, from
// t.start[i] on.
func addColumns(dst, row []int16, t taps) {
	const half = int32(1 << (columnShift - 1))
	if t.n == 4 {
		for i, start := range t.start {
			dst[i] = int16((half + dotFour(row[start:start+4], t.w[4*i:4*i+4])) >> columnShift)
		}
		return
	}
	for i, start := range t.start {
		x, w := row[start:][:t.n], t.w[i*t.n:][:t.n]
		sum := half
		for len(x) >= 8 && len(w) >= 8 {
			sum += dotFour(x, w) + dotFour(x[4:], w[4:])
			x, w = x[8:], w[8:]
		}
		dst[i] = int16(sum >> columnShift)
	}
}

func dotFour(x, w []int16) int32 {
	return int32(w[0])*int32(x[0]) + int32(w[1])*int32(x[1]) + int32(w[2])*int32(x[2]) + int32(w[3])*int32(x[3])
}

// toRGB is the last pass: luma and chroma words, as many of each as dst has pixels, into bytes. One multiplication by a
// chroma makes its shares of two colours, that of green in the upper half: what is below is never negative, and so
// borrows nothing.
func toRGB(dst []byte, y, cb, cr []int16, c *coefficients) {
	n := len(dst) / 3
	y, cb, cr = y[:n], cb[:n], cr[:n]
	const zero = 128 << coarseBits
	cy, u, v := int32(c.y), int64(c.bu)+int64(c.gu)<<32, int64(c.rv)+int64(c.gv)<<32
	base := c.round - cy*int32(c.black)
	red, green, blue := base-zero*int32(c.rv), base-zero*(int32(c.gu)+int32(c.gv)), base-zero*int32(c.bu)
	for i := range n {
		l, u, v := cy*int32(y[i]), u*int64(cb[i]), v*int64(cr[i])
		r := (l + red + int32(v)) >> colourShift
		g := (l + green + int32((u+v)>>32)) >> colourShift
		b := (l + blue + int32(u)) >> colourShift
		if uint32(r|g|b) > 255 {
			r, g, b = clamp(r), clamp(g), clamp(b)
		}
		px := dst[3*i : 3*i+3]
		px[0], px[1], px[2] = byte(r), byte(g), byte(b)
	}
}

// clamp is v between 0 and 255.
func clamp(v int32) int32 { return min(max(v, 0), 255) }

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
