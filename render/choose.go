package render

// Terminal is what is known about a terminal: its name from the environment and what it answered when asked.
type Terminal struct {
	Term, Program string // TERM and TERM_PROGRAM, or the name from XTVERSION
	TrueColor     bool
	Colors        int  // 0 unknown, 2, 16, 256
	UTF8          bool // the locale can carry block glyphs
	Multiplexer   bool // tmux or screen stands between
	Kitty, Sixel  bool // it said so when asked
	Sync          bool // synchronized update
	Light         bool // its background is light
	WideBlocks    bool // it draws block glyphs two cells wide
}

// Choose replaces what wish leaves on auto by what t shows best.
func Choose(t Terminal, wish Style) Style {
	if wish.Glyphs == GlyphsAuto {
		wish.Glyphs = Half
	}
	if wish.Color == ColorAuto {
		wish.Color = TrueColor
	}
	if wish.Graphics == GraphicsAuto {
		wish.Graphics = Cells
	}
	return wish
}
