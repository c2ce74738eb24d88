package frame

import "encoding/binary"

// The two passes in plain Go. The vector ones agree with them bit by bit.

const (
	rowShift    = weightBits - coarseBits
	columnShift = weightBits + coarseBits
)

// addRows is the vertical pass: dst[i] is the weighted sum of column i over len(w) rows, stride bytes apart, with
// coarseBits below the byte. Eight columns at a time, as four words of two sums each. Rows of the same weight, of which
// reducing has mostly such, are added up before they are weighted, as two words of four sums each.
func addRows(dst []int16, rows []byte, stride int, w []int16) {
	const pair = 1<<32 + 1
	from, to := longestRun(w)
	common := int64(w[from])
	i := 0
	for ; i+8 <= len(dst); i += 8 {
		var s0, s1, s2, s3 int64 = pair << (rowShift - 1), pair << (rowShift - 1), pair << (rowShift - 1), pair << (rowShift - 1)
		at := i
		for _, v := range w[:from] {
			x, k := binary.LittleEndian.Uint64(rows[at:at+8]), int64(v)
			s0 += int64(x&lanes) * k
			s1 += int64(x>>8&lanes) * k
			s2 += int64(x>>16&lanes) * k
			s3 += int64(x>>24&lanes) * k
			at += stride
		}
		if to > from {
			var even, odd uint64
			for range to - from {
				x := binary.LittleEndian.Uint64(rows[at : at+8])
				even += x & evenBytes
				odd += x >> 8 & evenBytes
				at += stride
			}
			s0 += int64(even&evenWords) * common
			s1 += int64(odd&evenWords) * common
			s2 += int64(even>>16&evenWords) * common
			s3 += int64(odd>>16&evenWords) * common
		}
		for _, v := range w[to:] {
			x, k := binary.LittleEndian.Uint64(rows[at:at+8]), int64(v)
			s0 += int64(x&lanes) * k
			s1 += int64(x>>8&lanes) * k
			s2 += int64(x>>16&lanes) * k
			s3 += int64(x>>24&lanes) * k
			at += stride
		}
		d := dst[i : i+8]
		d[0], d[4] = parted(s0)
		d[1], d[5] = parted(s1)
		d[2], d[6] = parted(s2)
		d[3], d[7] = parted(s3)
	}
	for ; i < len(dst); i++ {
		sum := int32(1 << (rowShift - 1))
		for k, v := range w {
			sum += int32(v) * int32(rows[k*stride+i])
		}
		dst[i] = int16(sum >> rowShift)
	}
}

// longestRun is the longest run of equal weights that saves work, or none. Words of 16 bits hold 257 bytes, far more than
// a window has.
func longestRun(w []int16) (from, to int) {
	const worthwhile = 3
	for i := 0; i < len(w); {
		n := i + 1
		for n < len(w) && w[n] == w[i] {
			n++
		}
		if n-i >= worthwhile && n-i > to-from {
			from, to = i, n
		}
		i = n
	}
	return from, to
}

// lanes are every fourth byte of eight.
const lanes = 0x000000ff000000ff

const (
	evenBytes = 0x00ff00ff00ff00ff
	evenWords = 0x0000ffff0000ffff
)

// parted takes two sums out of one word. A negative lower one has borrowed from the upper.
func parted(s int64) (lower, upper int16) {
	low := int32(s)
	return int16(low >> rowShift), int16(int32((s-int64(low))>>32) >> rowShift)
}

// addColumns is the horizontal pass: sample i is the weighted sum of t.n pixels of row, a multiple of four, from
// t.start[i] on. It writes step bytes a sample, and the fourth byte, where there is room for it, as 0.
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

// addPairs is addColumns for two samples of four taps a time, with weights as pairWeights lays them out: a pixel times
// both weights that it has is one product.
func addPairs(out []byte, row []int16, start []int32, w []int64, step int) {
	const halves = 1<<(columnShift-1)<<32 + 1<<(columnShift-1)
	for i := 0; i+1 < len(start); i += 2 {
		p, k := (*[15]int16)(row[start[i]*3:]), (*[5]int64)(w)
		w = w[5:]
		r := halves + k[0]*int64(p[0]) + k[1]*int64(p[3]) + k[2]*int64(p[6]) + k[3]*int64(p[9]) + k[4]*int64(p[12])
		g := halves + k[0]*int64(p[1]) + k[1]*int64(p[4]) + k[2]*int64(p[7]) + k[3]*int64(p[10]) + k[4]*int64(p[13])
		b := halves + k[0]*int64(p[2]) + k[1]*int64(p[5]) + k[2]*int64(p[8]) + k[3]*int64(p[11]) + k[4]*int64(p[14])
		binary.LittleEndian.PutUint32(out, toPixel(int32(r), int32(g), int32(b)))
		out = out[step:]
		binary.LittleEndian.PutUint32(out, toPixel(upper(r), upper(g), upper(b)))
		out = out[step:]
	}
}

// upper is the upper of two sums in a word. A negative lower one has borrowed from it.
func upper(s int64) int32 { return int32((s - int64(int32(s))) >> 32) }

// toPixel makes bytes of three sums. Few windows overshoot what a byte holds.
func toPixel(r, g, b int32) uint32 {
	if uint32(r|g|b) < 256<<columnShift {
		return uint32(r)>>columnShift | uint32(g)>>columnShift<<8 | uint32(b)>>columnShift<<16
	}
	return uint32(toByte(r)) | uint32(toByte(g))<<8 | uint32(toByte(b))<<16
}

func toByte(v int32) byte { return byte(min(max(v>>columnShift, 0), 255)) }
