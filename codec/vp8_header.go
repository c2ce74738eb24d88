package codec

import (
	"fmt"

	"acip/frame"
)

// vp8Tag reads RFC 6386 section 9.1: the frame tag, and, of a key picture, the size.
func vp8Tag(data []byte) (size frame.Size, key bool, err error) {
	if len(data) < 3 {
		return size, false, fmt.Errorf("%w: vp8: %d bytes", ErrData, len(data))
	}
	tag := uint(data[0]) | uint(data[1])<<8 | uint(data[2])<<16
	key = tag&1 == 0
	head := 3
	if key {
		head = 10
	}
	if tag>>1&7 > 3 || head+int(tag>>5) > len(data) {
		return size, key, fmt.Errorf("%w: vp8: broken or truncated header", ErrData)
	}
	if !key {
		return size, false, nil
	}
	if data[3] != 0x9D || data[4] != 0x01 || data[5] != 0x2A {
		return size, true, fmt.Errorf("%w: vp8: no start code", ErrData)
	}
	size.W = int(data[6]) | int(data[7]&0x3F)<<8
	size.H = int(data[8]) | int(data[9]&0x3F)<<8
	return size, true, nil
}

// filterDeltas are the settings of the loop filter that last until they are written again, as a decoder has them.
type filterDeltas [8]int8

// read takes over a picture's deltas, and tells whether it is kept as the golden one, and whether a decoder that misses it lacks
// something later: a reference picture, probabilities, other deltas, or part of the segments. Segments that are written whole
// count as nothing left, since an encoder that writes them whole once does so in every picture.
//
// It reads RFC 6386 section 9.2 to 9.7 and 9.11. libvpx is told by flags to keep nothing of a droppable picture; without its
// error-resilient mode it keeps a golden one all the same whenever it finds one due.
func (d *filterDeltas) read(data []byte) (golden, leaves bool) {
	if len(data) < 3 {
		return false, true
	}
	key := data[0]&1 == 0
	b := newBoolReader(data[3:])
	if key {
		b = newBoolReader(data[min(10, len(data)):])
		b.bits(2) // colours, clamping
		*d = filterDeltas{}
	}
	if b.flag() && !b.segments() {
		leaves = true
	}
	b.bits(1 + 6 + 3) // filter type, level, sharpness
	if enabled := b.flag(); enabled {
		if written := b.flag(); written && b.deltas(d) {
			leaves = true
		}
	}
	if key {
		return true, true
	}
	b.bits(2 + 7)                     // partitions, base quantizer
	b.optional(5, 4+1)                // quantizer deltas are sent anew each time
	golden, alt := b.flag(), b.flag() // kept as
	for _, whole := range []bool{golden, alt} {
		if !whole && b.bits(2) != 0 { // copied into
			leaves = true
		}
	}
	b.bits(2)                                                // sign biases
	return golden, b.bits(2) != 0 || golden || alt || leaves // probabilities, last
}

// deltas takes over those that are written and tells whether any is new.
func (b *boolReader) deltas(d *filterDeltas) (changed bool) {
	for i, old := range d {
		if !b.flag() {
			continue
		}
		d[i] = int8(b.bits(6))
		if b.flag() {
			d[i] = -d[i]
		}
		changed = changed || d[i] != old
	}
	return changed
}

// segments skips the settings of segmentation; whole says that all of them are written.
func (b *boolReader) segments() (whole bool) {
	themap, settings := b.flag(), b.flag()
	if settings {
		b.bits(1)
		b.optional(4, 7+1)
		b.optional(4, 6+1)
	}
	if themap {
		b.optional(3, 8)
	}
	return themap && settings
}

// optional skips n fields of a flag and, where it is set, some bits; present counts those.
func (b *boolReader) optional(n, bits int) (present int) {
	for range n {
		if b.flag() {
			b.bits(bits)
			present++
		}
	}
	return present
}

// boolReader is the arithmetic decoder of RFC 6386 section 7, for bits of even chance. Past the end it reads zeros.
type boolReader struct {
	data  []byte
	value uint32 // two bytes
	span  uint32 // 128..255
	left  int    // bits until the next byte is due
}

func newBoolReader(data []byte) *boolReader {
	b := &boolReader{data: data, span: 255, left: 8}
	b.value = b.next()<<8 | b.next()
	return b
}

func (b *boolReader) next() uint32 {
	if len(b.data) == 0 {
		return 0
	}
	v := b.data[0]
	b.data = b.data[1:]
	return uint32(v)
}

func (b *boolReader) flag() bool {
	split := 1 + (b.span-1)*128>>8
	set := b.value >= split<<8
	if set {
		b.span -= split
		b.value -= split << 8
	} else {
		b.span = split
	}
	for b.span < 128 {
		b.span <<= 1
		b.value <<= 1
		if b.left--; b.left == 0 {
			b.value |= b.next()
			b.left = 8
		}
	}
	return set
}

// bits reads n flags, most significant first.
func (b *boolReader) bits(n int) (v uint32) {
	for range n {
		v <<= 1
		if b.flag() {
			v |= 1
		}
	}
	return v
}
