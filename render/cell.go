package render

// Glyph is what a cell shows: a rune, a picture shape, or a cluster of several runes kept by the canvas.
type Glyph uint32

const (
	glyphShape   Glyph = 1 << 24         // low bits: index into shapes
	glyphCluster Glyph = 2 << 24         // low bits: index into the canvas's clusters
	glyphGraphic Glyph = 3 << 24         // part of a picture in pixels; low bits: its number
	glyphKind    Glyph = 0xff << 24      // the two above, or 0 for a rune
	glyphUnknown Glyph = 0xff<<24 | 0xff // nobody knows what the terminal shows here
	blank        Glyph = ' '
)

// Attr are the ways in which text stands out.
type Attr uint16

// The attributes of text.
const (
	Bold Attr = 1 << iota
	Dim
	Italic
	Underline
	Reverse
)

// span says what part of a glyph a cell holds.
type span uint16

const (
	narrow span = iota
	lead        // the left half of a wide glyph
	tail        // the right half: nothing of its own
)

// Cell is one character position. Two equal cells look the same; the reverse holds for what Canvas puts there, since
// flat cells are kept as blanks without a foreground and of two shapes that complement each other one is used. Its 16
// bytes have no holes, so that comparing is two words.
type Cell struct {
	Glyph  Glyph
	FG, BG Paint
	Attr   Attr
	span   span
}

func flat(p Paint) Cell { return Cell{Glyph: blank, BG: p} }
