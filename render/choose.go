package render

import "strings"

// Terminal is what is known about a terminal: its name from the environment and what it answered when asked.
type Terminal struct {
	Term, Program string // TERM and TERM_PROGRAM, or the name and version from XTVERSION
	TrueColor     bool
	Colors        int  // 0 unknown, 2, 8, 16, 256
	UTF8          bool // the locale can carry block glyphs
	Multiplexer   bool // tmux or screen stands between
	Kitty, Sixel  bool // it said so when asked
	Sync          bool // synchronized update
	Light         bool // its background is light
	WideBlocks    bool // it draws block glyphs two cells wide
	NoSextants    bool // it drops sextants
	NoOctants     bool // it drops octants
}

// Choose replaces what wish leaves on auto by what t shows best, a wish for graphics that t did not say it can by
// cells, and a wish for glyphs that t is known to drop by the finest that it draws. Graphics through a multiplexer are
// only for those who ask for them.
func Choose(t Terminal, wish Style) Style {
	s := wish
	if s.Color == ColorAuto {
		s.Color = t.color()
	}
	if s.Glyphs == GlyphsAuto {
		s.Glyphs = t.glyphs()
	}
	for _, g := range []Glyphs{Sextant, Quadrant} {
		if !t.Draws(s.Glyphs) {
			s.Glyphs = g
		}
	}
	s.Graphics = t.graphics(wish.Graphics)
	s.Tmux = s.Graphics != Cells && t.Multiplexer
	s.Sync, s.Light = t.Sync, t.Light
	s.Repeat = t.is("xterm") && strings.HasPrefix(t.Program, "XTerm") && !t.Multiplexer
	return s
}

// graphics: kitty shows its own graphics by itself, and quicker than others draw cells. Elsewhere pixels are for those
// who ask: who else speaks kitty's protocol speaks it in part, and sixel is drawn slower than cells.
func (t Terminal) graphics(wish Graphics) Graphics {
	switch {
	case wish == GraphicsAuto && t.Kitty && t.is("kitty") && !t.Multiplexer:
		return Kitty
	case wish == Kitty && (t.Kitty || t.Multiplexer):
		return Kitty
	case wish == Sixel && (t.Sixel || t.Multiplexer) && !t.Kitty:
		return Sixel
	}
	return Cells
}

// Draws reports whether nothing is known against a set of glyphs on t. A glyph that is dropped, or that has another
// width than one cell, moves the rest of its row.
func (t Terminal) Draws(g Glyphs) bool {
	switch g {
	case Sextant:
		return !t.NoSextants
	case Octant:
		return !t.NoOctants
	case Blocks:
		return !t.NoSextants && !t.NoOctants
	}
	return true
}

func (t Terminal) color() Color {
	switch {
	case t.Term == "dumb" || t.Term == "" || t.Colors == 2:
		return Mono
	case t.TrueColor:
		return TrueColor
	case t.Colors >= 256 || strings.Contains(t.Term, "256color"):
		return Color256
	}
	return Color16
}

// glyphs returns the finest set that is known to come out whole. Terminals that draw block glyphs themselves, instead
// of taking them from a font, are named here; from a font quadrants are the most that one can count on
// (docs/rendering.md has the pictures).
func (t Terminal) glyphs() Glyphs {
	switch {
	case !t.UTF8 || t.WideBlocks || t.Term == "dumb" || t.Term == "":
		return ASCII
	case t.Term == "linux":
		return Half
	case t.Multiplexer:
		return Quadrant
	case t.is("ghostty"):
		return Octant
	case t.is("kitty"), t.is("foot"), t.is("konsole"), t.is("wezterm"), t.is("contour"):
		return Sextant
	}
	return Quadrant
}

// is reports whether the terminal goes by a name.
func (t Terminal) is(name string) bool {
	return strings.Contains(strings.ToLower(t.Program), name) || strings.Contains(t.Term, name)
}
