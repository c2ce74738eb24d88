package render

import "acip/render/internal/cell"

// Cell is one character position: a glyph, its colours and its attributes.
type Cell = cell.Cell

// Glyph is what a cell shows: a rune, a picture shape, or a cluster of several runes kept by the canvas.
type Glyph = cell.Glyph

// Attr are the ways in which text stands out.
type Attr = cell.Attr

// The attributes of text.
const (
	Bold      = cell.Bold
	Dim       = cell.Dim
	Italic    = cell.Italic
	Underline = cell.Underline
	Reverse   = cell.Reverse
)
