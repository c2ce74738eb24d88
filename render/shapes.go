package render

import (
	"encoding/binary"
	"unicode/utf8"
)

// A shape is a glyph that divides a cell into foreground and background. Shapes are numbered so that a pattern of
// sub-cells is its own number; bit i of a pattern is sub-cell i, row by row from the top left.
const (
	octantShapes  = 0   // 256 patterns of 2x4
	sextantShapes = 256 // 64 patterns of 2x3
	extraShapes   = 320 // eighths, wedges, triangles: see extraRunes
	brailleShapes = 512 // 256 patterns of 2x4 dots
	shapeCount    = brailleShapes + 256
)

// shape is how a shape is written.
type shape struct {
	text uint32 // UTF-8, the first byte lowest
	n    uint8  // bytes of it
	turn uint16 // the shape with foreground and background exchanged; itself if there is none
}

// String is the glyph.
func (s shape) String() string {
	return string(binary.LittleEndian.AppendUint32(nil, s.text)[:s.n])
}

// Patterns of octants that other sets share.
const (
	upperHalf = 0x0f
	leftHalf  = 0x55
	solid     = 0xff
)

var shapes = buildShapes()

func buildShapes() *[shapeCount]shape {
	t := &[shapeCount]shape{}
	put := func(i int, r rune, turn int) {
		var b [4]byte
		t[i].n = uint8(utf8.EncodeRune(b[:], r))
		t[i].text = binary.LittleEndian.Uint32(b[:])
		t[i].turn = uint16(turn)
	}
	for i, r := range octantRunes {
		put(octantShapes+i, r, octantShapes+(i^255))
	}
	for i, r := range sextantRunes {
		put(sextantShapes+i, r, sextantShapes+(i^63))
	}
	for i, r := range extraRunes {
		a, b := extraShapes+2*i, extraShapes+2*i+1
		if r[1] == 0 {
			put(a, r[0], a)
			continue
		}
		put(a, r[0], b)
		put(b, r[1], a)
	}
	for i := range 256 {
		put(brailleShapes+i, brailleRune(i), brailleShapes+i)
	}
	return t
}

// brailleRune is the glyph whose dots are pattern p of 2x4, row by row. Unicode numbers the dots by column, and the
// lowest row came later.
func brailleRune(p int) rune {
	order := [8]uint{0, 3, 1, 4, 2, 5, 6, 7}
	r := rune(0x2800)
	for i, bit := range order {
		r |= rune(p>>i&1) << bit
	}
	return r
}
