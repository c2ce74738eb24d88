package codec

import (
	"fmt"

	"acip/frame"
)

// vp8Tag parses the frame tag and, of a keyframe, the size (RFC 6386, section 9.1).
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

// filterDeltas holds the loop filter's persistent settings as a decoder has them.
type filterDeltas [8]int8

// read parses a frame's header and takes over its deltas. It reports whether the frame updates the golden reference, and
// whether it leaves anything that a decoder missing it would lack later: a reference frame, probabilities, other deltas, or
// part of the segmentation. A complete segmentation counts as nothing, because an encoder that writes it completely does so
// in every frame.
//
// It follows RFC 6386, sections 9.2 to 9.7 and 9.11. The flags tell libvpx to keep nothing of a discardable frame, but outside
// error-resilient mode it updates the golden reference all the same when an update is due.
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
	b.optional(5, 4+1)                // quantizer deltas are sent each time
	golden, alt := b.flag(), b.flag() // kept as
	for _, whole := range []bool{golden, alt} {
		if !whole && b.bits(2) != 0 { // copied into
			leaves = true
		}
	}
	b.bits(2)                                                // sign biases
	return golden, b.bits(2) != 0 || golden || alt || leaves // probabilities, last
}

// deltas takes over the deltas that are present and reports whether any changed.
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

// segments skips the segmentation header and reports whether it is complete.
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

// optional skips n fields, each a flag that is followed by bits if it is set, and returns how many were present.
func (b *boolReader) optional(n, bits int) (present int) {
	for range n {
		if b.flag() {
			b.bits(bits)
			present++
		}
	}
	return present
}

// boolReader is the boolean entropy decoder of RFC 6386, section 7, for bits with a probability of one half. Past the end it
// reads zeros.
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
