package frame

import "encoding/binary"

// The two passes in plain Go. The vector ones agree with them bit by bit.

const (
	rowShift    = weightBits - coarseBits
	columnShift = weightBits + coarseBits
)

// addRows is the vertical pass: dst[i] is the weighted sum of column i over len(w) rows, stride bytes apart, with
// coarseBits below the byte. Rows of the same weight, of which reducing has mostly such, are added up before they are
// weighted.
func addRows(dst []int16, rows []byte, stride int, w []int16) {
	var b bundles
	b.make(w, stride)
	i := 0
	for ; i+16 <= len(dst); i += 16 {
		b.add((*[16]int16)(dst[i:]), rows[i:])
	}
	for ; i < len(dst); i++ {
		sum := int32(1 << (rowShift - 1))
		for k, v := range w {
			sum += int32(v) * int32(rows[k*stride+i])
		}
		dst[i] = int16(sum >> rowShift)
	}
}

// addColumns is the horizontal pass: sample i is the weighted sum of t.n pixels of row, a multiple of four, from
// t.start[i] on. It writes step bytes a sample, and the fourth byte if there is space for it, as 0.
func addColumns(out []byte, row []int16, t taps, step int) {
	if t.n == 4 {
		addFours(out, row, t, step)
		return
	}
	for i, start := range t.start {
		r, g, b := int32(1<<(columnShift-1)), int32(1<<(columnShift-1)), int32(1<<(columnShift-1))
		px := row[start*3:]
		for w := t.w[i*t.n : (i+1)*t.n]; len(w) >= 4 && len(px) >= 12; w, px = w[4:], px[12:] {
			w0, w1, w2, w3 := int32(w[0]), int32(w[1]), int32(w[2]), int32(w[3])
			r += w0*int32(px[0]) + w1*int32(px[3]) + w2*int32(px[6]) + w3*int32(px[9])
			g += w0*int32(px[1]) + w1*int32(px[4]) + w2*int32(px[7]) + w3*int32(px[10])
			b += w0*int32(px[2]) + w1*int32(px[5]) + w2*int32(px[8]) + w3*int32(px[11])
		}
		binary.LittleEndian.PutUint32(out[i*step:], toPixel(r, g, b))
	}
}

// addFours is addColumns for four taps, which enlarging has.
func addFours(out []byte, row []int16, t taps, step int) {
	const half = 1 << (columnShift - 1)
	weights := t.w
	for _, start := range t.start {
		p, w := (*[12]int16)(row[start*3:]), (*[4]int16)(weights)
		weights = weights[4:]
		w0, w1, w2, w3 := int32(w[0]), int32(w[1]), int32(w[2]), int32(w[3])
		r := half + w0*int32(p[0]) + w1*int32(p[3]) + w2*int32(p[6]) + w3*int32(p[9])
		g := half + w0*int32(p[1]) + w1*int32(p[4]) + w2*int32(p[7]) + w3*int32(p[10])
		b := half + w0*int32(p[2]) + w1*int32(p[5]) + w2*int32(p[8]) + w3*int32(p[11])
		binary.LittleEndian.PutUint32(out, toPixel(r, g, b))
		out = out[step:]
	}
}

// addPairs is addColumns for two samples at a time: a pixel times both weights that it has is one product.
func addPairs(out []byte, row []int16, t pairs, step int) {
	const halves = 1<<(columnShift-1)<<32 + 1<<(columnShift-1)
	for i, start := range t.start {
		r, g, b := int64(halves), int64(halves), int64(halves)
		px := row[start*3:]
		for w := t.w[i*t.n : (i+1)*t.n]; len(w) >= 2 && len(px) >= 6; w, px = w[2:], px[6:] {
			r += w[0]*int64(px[0]) + w[1]*int64(px[3])
			g += w[0]*int64(px[1]) + w[1]*int64(px[4])
			b += w[0]*int64(px[2]) + w[1]*int64(px[5])
		}
		binary.LittleEndian.PutUint32(out, toPixel(int32(r), int32(g), int32(b)))
		out = out[step:]
		binary.LittleEndian.PutUint32(out, toPixel(upper(r), upper(g), upper(b)))
		out = out[step:]
	}
}

// upper returns the upper of two sums in a word. A negative lower one has borrowed from it.
func upper(s int64) int32 { return int32((s - int64(int32(s))) >> 32) }

// toPixel makes bytes of three sums. Few windows overshoot what a byte holds.
func toPixel(r, g, b int32) uint32 {
	if uint32(r|g|b) < 256<<columnShift {
		return uint32(r)>>columnShift | uint32(g)>>columnShift<<8 | uint32(b)>>columnShift<<16
	}
	return uint32(toByte(r)) | uint32(toByte(g))<<8 | uint32(toByte(b))<<16
}

func toByte(v int32) byte { return byte(min(max(v>>columnShift, 0), 255)) }
