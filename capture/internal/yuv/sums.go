package yuv

import "encoding/binary"

// Lanes of 16 bits in 64-bit words: every other byte of eight, rounding, and what is left of a lane after shifting.
const (
	lanes     = 0x00FF00FF00FF00FF
	laneRound = 0x0001000100010001 << (rowShift - 1)
	laneMask  = 0x3FFF3FFF3FFF3FFF
)

// strip is how many columns are added up at a time: their sums stay in the nearest cache.
const strip = 1024

// sums are weighted sums of columns in lanes that weights cannot overflow: for each eight columns a word of the even
// ones and one of all shifted by a column, from which odd takes off what the even ones put into it. They have rowShift
// bits too many.
type sums [strip / 4]uint64

// add makes the sums of n columns, a multiple of 16, over len(w) rows, stride bytes apart. Four rows of the same
// weight, of which a mean has many, are added up before they are multiplied; the others go by twos.
func (s *sums) add(rows []byte, stride, n int, w []int16) []uint64 {
	words := s[:n/4]
	clear(words)
	row := func(k int) []byte { return rows[k*stride:][:n] }
	single := -1
	for k := 0; k < len(w); k++ {
		switch v := w[k]; {
		case v == 0:
		case k+3 < len(w) && w[k+1] == v && w[k+2] == v && w[k+3] == v:
			addFourRows(words, row(k), row(k+1), row(k+2), row(k+3), uint64(v), lanes)
			k += 3
		case single < 0:
			single = k
		default:
			addTwoRows(words, row(single), row(k), uint64(w[single]), uint64(v), lanes)
			single = -1
		}
	}
	if single >= 0 {
		addTwoRows(words, row(single), row(single), uint64(w[single]), 0, lanes)
	}
	return words
}

// even and odd are the sums of such columns, with coarseBits below the byte.
func even(e uint64) uint64   { return (e + laneRound) >> rowShift & laneMask }
func odd(e, o uint64) uint64 { return even(o - e>>16<<8) }

// addTwoRows adds two weighted rows to the sums. mask is lanes, as an argument so that it stays in a register.
//
//go:noinline
func addTwoRows(words []uint64, row, more []byte, v, w, mask uint64) {
	for i := 0; i < len(words)-1; i += 2 {
		at := i * 4
		a, b := binary.LittleEndian.Uint64(row[at:at+8]), binary.LittleEndian.Uint64(more[at:at+8])
		words[i] += (a&mask)*v + (b&mask)*w
		words[i+1] += a>>8*v + b>>8*w
	}
}

// addFourRows adds four rows of one weight to the sums.
//
//go:noinline
func addFourRows(words []uint64, r0, r1, r2, r3 []byte, v, mask uint64) {
	for i := 0; i < len(words)-1; i += 2 {
		at := i * 4
		a, b := binary.LittleEndian.Uint64(r0[at:at+8]), binary.LittleEndian.Uint64(r1[at:at+8])
		c, d := binary.LittleEndian.Uint64(r2[at:at+8]), binary.LittleEndian.Uint64(r3[at:at+8])
		words[i] += (a&mask + b&mask + c&mask + d&mask) * v
		words[i+1] += (a>>8 + b>>8 + c>>8 + d>>8) * v
	}
}

// addRows is the vertical pass: dst[i] is the weighted sum of column i over len(w) rows, stride bytes apart, with
// coarseBits below the byte.
func (s *sums) addRows(dst []int16, rows []byte, stride int, w []int16) {
	whole := len(dst) &^ 15
	for at := 0; at < whole; at += strip {
		n := min(strip, whole-at)
		spread(dst[at:at+n], s.add(rows[at:], stride, n, w))
	}
	for at := whole; at < len(dst); at++ {
		dst[at] = addColumn(rows[at:], stride, w)
	}
}

// spread takes the sums out of their lanes.
func spread(dst []int16, words []uint64) {
	for i := 0; i < len(words)-1; i += 2 {
		a, b := even(words[i]), odd(words[i], words[i+1])
		d := dst[4*i : 4*i+8]
		d[0], d[1], d[2], d[3] = int16(a), int16(b), int16(a>>16), int16(b>>16)
		d[4], d[5], d[6], d[7] = int16(a>>32), int16(b>>32), int16(a>>48), int16(b>>48)
	}
}

// addColumn does the vertical pass over one column.
func addColumn(rows []byte, stride int, w []int16) int16 {
	sum := uint32(1 << (rowShift - 1))
	for k, v := range w {
		sum += uint32(v) * uint32(rows[k*stride])
	}
	return int16(sum >> rowShift)
}

// addRowsAndColumns is both passes at once where windows across are pairs or fours of columns side by side: the sums
// are made in the lanes. n is 2 or 4, and dst has a word for each n columns.
func (s *sums) addRowsAndColumns(dst []int16, rows []byte, stride int, w []int16, n int) {
	whole := len(dst) * n &^ 15
	for at := 0; at < whole; at += strip {
		columns := min(strip, whole-at)
		out, words := dst[at/n:][:columns/n], s.add(rows[at:], stride, columns, w)
		if n == 2 {
			spreadPairs(out, words)
		} else {
			spreadFours(out, words)
		}
	}
	for i := whole / n; i < len(dst); i++ {
		sum := int32(n / 2)
		for k := range n {
			sum += int32(addColumn(rows[i*n+k:], stride, w))
		}
		dst[i] = int16(sum / int32(n))
	}
}

// spreadPairs is spread for the means of two columns side by side.
func spreadPairs(dst []int16, words []uint64) {
	const half = laneRound >> (rowShift - 1)
	for i := 0; i < len(words)-1; i += 2 {
		a := even(words[i]) + odd(words[i], words[i+1]) + half
		d := dst[2*i : 2*i+4]
		d[0], d[1], d[2], d[3] = int16(a>>1&0x7FFF), int16(a>>17&0x7FFF), int16(a>>33&0x7FFF), int16(a>>49)
	}
}

// spreadFours is spread for the means of four columns side by side.
func spreadFours(dst []int16, words []uint64) {
	const pairs, half = 0x0000FFFF0000FFFF, 0x0000000200000002
	dst = dst[:len(words)]
	for i := 0; i < len(words)-1; i += 2 {
		a := even(words[i]) + odd(words[i], words[i+1])
		a = a&pairs + a>>16&pairs + half
		dst[i], dst[i+1] = int16(uint32(a)>>2), int16(a>>34)
	}
}
