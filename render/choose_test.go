package render

import "testing"

func TestChoose(t *testing.T) {
	good := Terminal{Term: "xterm-256color", TrueColor: true, UTF8: true}
	with := func(f func(*Terminal)) Terminal { u := good; f(&u); return u }
	cases := []struct {
		name     string
		terminal Terminal
		wish     Style
		want     Style
	}{
		{"xterm", good, Style{}, Style{Glyphs: Quadrant, Color: TrueColor, Graphics: Cells}},
		{"kitty says yes", with(func(u *Terminal) { u.Term, u.Kitty, u.Sync = "xterm-kitty", true, true }), Style{Graphics: Kitty},
			Style{Glyphs: Sextant, Color: TrueColor, Graphics: Kitty, Sync: true}},
		{"kitty by itself", with(func(u *Terminal) { u.Program, u.Kitty = "kitty(0.26.5)", true }), Style{},
			Style{Glyphs: Sextant, Color: TrueColor, Graphics: Kitty}},
		{"kitty that says nothing", with(func(u *Terminal) { u.Term = "xterm-kitty" }), Style{},
			Style{Glyphs: Sextant, Color: TrueColor, Graphics: Cells}},
		{"another that speaks its protocol", with(func(u *Terminal) { u.Program, u.Kitty = "Konsole 22.12.3", true }), Style{},
			Style{Glyphs: Sextant, Color: TrueColor, Graphics: Cells}},
		{"cells in kitty", with(func(u *Terminal) { u.Term, u.Kitty = "xterm-kitty", true }), Style{Graphics: Cells},
			Style{Glyphs: Sextant, Color: TrueColor, Graphics: Cells}},
		{"sixel never reaches kitty", with(func(u *Terminal) { u.Kitty, u.Sixel = true, true }), Style{Graphics: Sixel},
			Style{Glyphs: Quadrant, Color: TrueColor, Graphics: Cells}},
		{"sixel when asked", with(func(u *Terminal) { u.Sixel = true }), Style{Graphics: Sixel},
			Style{Glyphs: Quadrant, Color: TrueColor, Graphics: Sixel}},
		{"kitty did not say yes", good, Style{Graphics: Kitty}, Style{Glyphs: Quadrant, Color: TrueColor, Graphics: Cells}},
		{"tmux", with(func(u *Terminal) { u.Term, u.Multiplexer, u.Kitty = "tmux-256color", true, true }), Style{},
			Style{Glyphs: Quadrant, Color: TrueColor, Graphics: Cells}},
		{"tmux when asked", with(func(u *Terminal) { u.Term, u.Multiplexer = "tmux-256color", true }), Style{Graphics: Kitty},
			Style{Glyphs: Quadrant, Color: TrueColor, Graphics: Kitty, Tmux: true}},
		{"mlterm without truecolor", Terminal{Term: "mlterm-256color", UTF8: true}, Style{},
			Style{Glyphs: Quadrant, Color: Color256, Graphics: Cells}},
		{"console", Terminal{Term: "linux", UTF8: true, Colors: 8}, Style{}, Style{Glyphs: Half, Color: Color16, Graphics: Cells}},
		{"dumb", Terminal{Term: "dumb", UTF8: true}, Style{}, Style{Glyphs: ASCII, Color: Mono, Graphics: Cells}},
		{"no UTF-8", Terminal{Term: "xterm", Light: true}, Style{}, Style{Glyphs: ASCII, Color: Color16, Graphics: Cells, Light: true}},
		{"wide blocks", with(func(u *Terminal) { u.WideBlocks = true }), Style{}, Style{Glyphs: ASCII, Color: TrueColor, Graphics: Cells}},
		{"wishes stay", good, Style{Glyphs: Blocks, Color: Mono}, Style{Glyphs: Blocks, Color: Mono, Graphics: Cells}},
	}
	for _, c := range cases {
		if got := Choose(c.terminal, c.wish); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestNamesReadBack(t *testing.T) {
	for _, n := range GlyphNames() {
		if g, err := ParseGlyphs(n); err != nil || g.String() != n {
			t.Errorf("%s reads back as %v, %v", n, g, err)
		}
	}
	for _, n := range ColorNames() {
		if g, err := ParseColor(n); err != nil || g.String() != n {
			t.Errorf("%s reads back as %v, %v", n, g, err)
		}
	}
	for _, n := range GraphicsNames() {
		if g, err := ParseGraphics(n); err != nil || g.String() != n {
			t.Errorf("%s reads back as %v, %v", n, g, err)
		}
	}
	if _, err := ParseFilter("blurry"); err == nil {
		t.Error("blurry is no filter")
	}
}
