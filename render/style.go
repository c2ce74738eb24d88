package render

import (
	"fmt"
	"strings"

	"acip/frame"
)

// Glyphs is the set of characters that pictures are made of.
type Glyphs uint8

// The glyph sets. GlyphsAuto draws as Half; Choose replaces it by what a terminal can show.
const (
	GlyphsAuto Glyphs = iota
	ASCII             // letters, digits and signs, or the style's own ramp
	Half              // ▀: 1x2 samples a cell
	Quadrant          // ▚: 2x2
	Sextant           // 🬕: 2x3, Unicode 13
	Octant            // 𜴶: 2x4, Unicode 16
	Blocks            // all of the above, eighths, wedges and triangles: 412 glyphs
	Braille           // ⠿: 2x4 dots
)

var glyphNames = [...]string{"auto", "ascii", "half", "quadrant", "sextant", "octant", "blocks", "braille"}

// ParseGlyphs reads one of GlyphNames.
func ParseGlyphs(s string) (Glyphs, error) { return parseName[Glyphs]("glyphs", s, glyphNames[:]) }

// GlyphNames lists what ParseGlyphs reads.
func GlyphNames() []string { return append([]string(nil), glyphNames[:]...) }

// String returns the name that ParseGlyphs reads.
func (g Glyphs) String() string { return nameOf(int(g), glyphNames[:]) }

// Color is how many colours the terminal is sent.
type Color uint8

// The colour depths. ColorAuto draws as TrueColor; Choose replaces it by what a terminal can show.
const (
	ColorAuto Color = iota
	TrueColor       // 24 bit, SGR 38;2
	Color256        // the 240 fixed entries of the 256-colour palette, SGR 38;5
	Color16         // the 16 named colours in xterm's values
	Mono            // the terminal's own two colours
)

var colorNames = [...]string{"auto", "truecolor", "256", "16", "mono"}

// ParseColor reads one of ColorNames.
func ParseColor(s string) (Color, error) { return parseName[Color]("color", s, colorNames[:]) }

// ColorNames lists what ParseColor reads.
func ColorNames() []string { return append([]string(nil), colorNames[:]...) }

// String returns the name that ParseColor reads.
func (c Color) String() string { return nameOf(int(c), colorNames[:]) }

// Graphics is how pictures reach the screen: as cells of characters or by a protocol for pixels.
type Graphics uint8

// The ways to the screen. GraphicsAuto draws as Cells; Choose replaces it by what a terminal said it can.
const (
	GraphicsAuto Graphics = iota
	Cells
	Kitty
	Sixel
)

var graphicsNames = [...]string{"auto", "cells", "kitty", "sixel"}

// ParseGraphics reads one of GraphicsNames.
func ParseGraphics(s string) (Graphics, error) {
	return parseName[Graphics]("graphics", s, graphicsNames[:])
}

// GraphicsNames lists what ParseGraphics reads.
func GraphicsNames() []string { return append([]string(nil), graphicsNames[:]...) }

// String returns the name that ParseGraphics reads.
func (g Graphics) String() string { return nameOf(int(g), graphicsNames[:]) }

// Filter is how source pixels become samples.
type Filter uint8

// The prefilters. Area is the mean of what a sample covers and has the least squared error; Sharp is a Lanczos window
// of the sample grid, which looks crisper from where a person sits and costs about 0.2 dB of the other measure.
const (
	Area Filter = iota
	Sharp
)

var filterNames = [...]string{"area", "sharp"}

// ParseFilter reads one of FilterNames.
func ParseFilter(s string) (Filter, error) { return parseName[Filter]("filter", s, filterNames[:]) }

// FilterNames lists what ParseFilter reads.
func FilterNames() []string { return append([]string(nil), filterNames[:]...) }

// String returns the name that ParseFilter reads.
func (f Filter) String() string { return nameOf(int(f), filterNames[:]) }

// Style is how a Canvas draws. The zero value is truecolor half blocks without synchronized updates.
type Style struct {
	Glyphs   Glyphs
	Color    Color
	Filter   Filter
	Graphics Graphics
	Ramp     string     // characters from dark to light for ASCII; empty: by the shapes of all printable ones
	Light    bool       // the terminal's background is light: mono pictures turn over
	Sync     bool       // enclose each update in synchronized-update marks (mode 2026)
	Repeat   bool       // the terminal is known to repeat the last character on CSI b
	Tmux     bool       // wrap graphics in tmux's pass-through
	Cell     frame.Size // pixels of a cell, for aspect and graphics; zero: 8x16
}

// CellSize returns the style's cell in pixels, 8x16 where it is unknown.
func (s Style) CellSize() frame.Size {
	if s.Cell.Empty() {
		return frame.Size{W: 8, H: 16}
	}
	return s.Cell
}

// CellPixels returns how many pixels a cell of this glyph set can show side by side: what a viewer should ask a sender
// for, times its cells.
func CellPixels(g Glyphs) frame.Size {
	switch g {
	case Quadrant:
		return frame.Size{W: 2, H: 2}
	case Sextant:
		return frame.Size{W: 2, H: 3}
	case Octant, Braille, ASCII:
		return frame.Size{W: 2, H: 4}
	case Blocks:
		return frame.Size{W: 4, H: 8}
	}
	return frame.Size{W: 1, H: 2}
}

func parseName[T ~uint8](what, s string, names []string) (T, error) {
	for i, n := range names {
		if n == s {
			return T(i), nil
		}
	}
	return 0, fmt.Errorf("unknown %s %q: one of %s", what, s, strings.Join(names, ", "))
}

func nameOf(i int, names []string) string {
	if i < len(names) {
		return names[i]
	}
	return "?"
}
