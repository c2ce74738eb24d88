package frame

import (
	"encoding/binary"
	"math"
)

// bundles are the rows of a window, those of the same weight together.
type bundles struct {
	n    int
	list [sharpTaps]bundle
	at   [sharpTaps]int // where each row begins
}

// bundle is the rows up to number to, from where the one before ends. Words of 16 bits hold the sum of 257 bytes, far
// more than a window has.
type bundle struct {
	to     int
	weight uint64 // two's complement
}

// make bundles the rows of a window with the weights w.
func (b *bundles) make(w []int16, stride int) {
	var seen uint64
	rows := 0
	for i, v := range w {
		if v == 0 || seen>>i&1 == 1 {
			continue
		}
		for k := i; k < len(w); k++ {
			if w[k] == v {
				seen |= 1 << k
				b.at[rows] = k * stride
				rows++
			}
		}
		b.list[b.n] = bundle{rows, uint64(int64(v))}
		b.n++
	}
}

// add makes sixteen columns: two words of eight bytes, which become four words of four sums, and with their weight
// eight of two. Sixteen, because rows are far from each other in memory.
func (b *bundles) add(dst *[16]int16, rows []byte) {
	var s [8]uint64
	for k := range s {
		s[k] = startSum
	}
	from := 0
	for _, g := range b.list[:b.n] {
		var even0, odd0, even1, odd1 uint64
		for _, at := range b.at[from:g.to] {
			p := (*[16]byte)(rows[at:])
			x, y := binary.LittleEndian.Uint64(p[:8]), binary.LittleEndian.Uint64(p[8:])
			even0 += x & evenBytes
			odd0 += x >> 8 & evenBytes
			even1 += y & evenBytes
			odd1 += y >> 8 & evenBytes
		}
		from = g.to
		s[0] += even0 & evenWords * g.weight
		s[1] += odd0 & evenWords * g.weight
		s[2] += even0 >> 16 & evenWords * g.weight
		s[3] += odd0 >> 16 & evenWords * g.weight
		s[4] += even1 & evenWords * g.weight
		s[5] += odd1 & evenWords * g.weight
		s[6] += even1 >> 16 & evenWords * g.weight
		s[7] += odd1 >> 16 & evenWords * g.weight
	}
	putSums((*[8]int16)(dst[:8]), s[0], s[1], s[2], s[3])
	putSums((*[8]int16)(dst[8:]), s[4], s[5], s[6], s[7])
}

const (
	evenBytes = 0x00ff00ff00ff00ff
	evenWords = 0x0000ffff0000ffff
	signs     = 0x8000800080008000

	// startSum is what two sums in a word begin with: half a unit, and so much more that the lower one never borrows
	// from the upper.
	startSum = (1<<32 + 1) * (1<<(rowShift-1) + 0x8000<<rowShift)
)

// putSums writes the sums of columns 0 and 4, 1 and 5, 2 and 6, 3 and 7.
func putSums(d *[8]int16, s0, s1, s2, s3 uint64) {
	a := s0>>rowShift&evenWords | s1>>rowShift&evenWords<<16 // columns 0, 1, 4, 5
	b := s2>>rowShift&evenWords | s3>>rowShift&evenWords<<16 // columns 2, 3, 6, 7
	low, high := (a&math.MaxUint32|b<<32)^signs, (a>>32|b&^math.MaxUint32)^signs
	d[0], d[1], d[2], d[3] = int16(low), int16(low>>16), int16(low>>32), int16(low>>48)
	d[4], d[5], d[6], d[7] = int16(high), int16(high>>16), int16(high>>32), int16(high>>48)
}
