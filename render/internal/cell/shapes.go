package cell

import (
	"encoding/binary"
	"unicode/utf8"
)

// A shape is a glyph that divides a cell into foreground and background. Shapes are numbered so that a pattern of
// sub-cells is its own number; bit i of a pattern is sub-cell i, row by row from the top left.
const (
	OctantShapes  = 0   // 256 patterns of 2x4
	SextantShapes = 256 // 64 patterns of 2x3
	ExtraShapes   = 320 // eighths, wedges, triangles: see extraRunes
	BrailleShapes = 512 // 256 patterns of 2x4 dots
	ShapeCount    = BrailleShapes + 256
)

// Shape is how a shape is written.
type Shape struct {
	Text   uint32 // UTF-8, the first byte lowest
	Bytes  uint8  // bytes of it
	Turned uint16 // the shape with foreground and background exchanged; itself if there is none
}

// String returns the glyph.
func (s Shape) String() string {
	return string(binary.LittleEndian.AppendUint32(nil, s.Text)[:s.Bytes])
}

// Patterns of octants that other sets share.
const (
	UpperHalf = 0x0f
	Solid     = 0xff
)

// Shapes says how each shape is written. Nothing changes it.
var Shapes = buildShapes()

func buildShapes() *[ShapeCount]Shape {
	t := &[ShapeCount]Shape{}
	put := func(i int, r rune, turn int) {
		var b [4]byte
		t[i].Bytes = uint8(utf8.EncodeRune(b[:], r))
		t[i].Text = binary.LittleEndian.Uint32(b[:])
		t[i].Turned = uint16(turn)
	}
	for i, r := range OctantRunes {
		put(OctantShapes+i, r, OctantShapes+(i^255))
	}
	for i, r := range SextantRunes {
		put(SextantShapes+i, r, SextantShapes+(i^63))
	}
	for i, r := range ExtraRunes {
		a, b := ExtraShapes+2*i, ExtraShapes+2*i+1
		if r[1] == 0 {
			put(a, r[0], a)
			continue
		}
		put(a, r[0], b)
		put(b, r[1], a)
	}
	for i := range 256 {
		put(BrailleShapes+i, brailleRune(i), BrailleShapes+i)
	}
	return t
}

// brailleRune returns the glyph whose dots are pattern p of 2x4, row by row. Unicode numbers the dots by column, and
// the lowest row came later.
func brailleRune(p int) rune {
	order := [8]uint{0, 3, 1, 4, 2, 5, 6, 7}
	r := rune(0x2800)
	for i, bit := range order {
		r |= rune(p>>i&1) << bit
	}
	return r
}
