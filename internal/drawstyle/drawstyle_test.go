package drawstyle

import (
	"slices"
	"strings"
	"testing"

	"acip/internal/term"
	"acip/render"
)

// able is a terminal that shows what recent ones do.
func able() term.Caps { return term.Caps{Term: "xterm-256color", UTF8: true, Color: term.Truecolor} }

func wish(t *testing.T, f Flags) render.Style {
	t.Helper()
	s, err := f.Wish()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFlags(t *testing.T) {
	for _, f := range []Flags{{Glyphs: "runes"}, {Graphics: "oil"}, {Color: "ultraviolet"}, {Filter: "coffee"}} {
		if s, err := f.Wish(); err == nil {
			t.Errorf("%+v is taken for %+v", f, s)
		}
	}
	if s := wish(t, Flags{Ramp: " .:-=+*#"}); s.Glyphs != render.ASCII || s.Graphics != render.Cells {
		t.Errorf("a ramp is drawn in %v, %v", s.Glyphs, s.Graphics)
	}
	if s := wish(t, Flags{Ramp: " .", Glyphs: "half"}); s.Glyphs != render.Half {
		t.Errorf("glyphs that were chosen have become %v", s.Glyphs)
	}
}

// TestStream: a stream has colours unless the person wants none, and letters carry more than blocks without them.
func TestStream(t *testing.T) {
	none := func(k string) string { return map[string]string{"NO_COLOR": "1"}[k] }
	if s := Stream(wish(t, Flags{}), none); s.Color != render.Mono || s.Glyphs != render.ASCII {
		t.Errorf("NO_COLOR: %v, %v", s.Color, s.Glyphs)
	}
	if s := Stream(wish(t, Flags{Color: "256"}), none); s.Color != render.Color256 || s.Glyphs == render.ASCII {
		t.Errorf("NO_COLOR and a flag: %v, %v", s.Color, s.Glyphs)
	}
	if s := Stream(wish(t, Flags{}), nil); s != wish(t, Flags{}) {
		t.Errorf("nothing said: %+v", s)
	}
}

// TestStepsGoRound: each key press shows another way to draw, the first comes again after the last, and a choice of the
// person is where they begin.
func TestStepsGoRound(t *testing.T) {
	p := For(able(), wish(t, Flags{Glyphs: "quadrant"}))
	first := p.Style()
	if first.Glyphs != render.Quadrant || first.Color != render.TrueColor {
		t.Fatalf("begins with %v in %v", first.Glyphs, first.Color)
	}
	for name, next := range map[string]func() string{"colours": p.NextColors, "glyphs": p.NextGlyphs} {
		seen := map[string]bool{}
		for said := next(); !seen[said]; said = next() {
			seen[said] = true
		}
		if len(seen) < 4 {
			t.Errorf("%s: only %v", name, seen)
		}
	}
	p = For(able(), first)
	for range 4 {
		p.NextColors()
	}
	if got := p.Style(); got != first {
		t.Errorf("after four steps of colour %+v, began with %+v", got, first)
	}
}

// TestDroppedGlyphs: what the terminal drops is neither offered nor drawn, even if it is asked for.
func TestDroppedGlyphs(t *testing.T) {
	for name, tt := range map[string]struct {
		caps term.Caps
		not  []string
	}{
		"octants":  {term.Caps{Term: "foot", UTF8: true, Color: term.Truecolor, NoOctants: true}, []string{"octant", "blocks"}},
		"sextants": {term.Caps{Term: "foot", UTF8: true, Color: term.Truecolor, NoOctants: true, NoSextants: true}, []string{"octant", "blocks", "sextant"}},
		"tmux":     {term.Guess(func(k string) string { return map[string]string{"TERM": "tmux-256color", "LANG": "C.UTF-8"}[k] }), []string{"octant", "blocks"}},
	} {
		for _, asked := range append(tt.not, "auto") {
			p := For(tt.caps, wish(t, Flags{Glyphs: asked}))
			if got := p.Style().Glyphs.String(); slices.Contains(tt.not, got) {
				t.Errorf("%s are dropped: %s is drawn in %s", name, asked, got)
			}
			for range 12 {
				if said := p.NextGlyphs(); slices.Contains(tt.not, strings.TrimPrefix(said, "glyphs: ")) {
					t.Errorf("%s are dropped: a key offers %s", name, said)
				}
			}
		}
	}
	p := For(able(), wish(t, Flags{Glyphs: "octant"}))
	if got := p.Style().Glyphs; got != render.Octant {
		t.Errorf("octants that are asked for have become %v", got)
	}
}

// TestAPoorTerminal: without UTF-8 or colours, letters.
func TestAPoorTerminal(t *testing.T) {
	for name, c := range map[string]term.Caps{
		"no UTF-8":    {Term: "linux", Color: term.Color16},
		"no colours":  {Term: "vt100", UTF8: true, Color: term.Mono},
		"wide blocks": {Term: "xterm", UTF8: true, Color: term.Truecolor, WideBlocks: true},
	} {
		p := For(c, wish(t, Flags{}))
		if s := p.Style(); s.Glyphs != render.ASCII || s.Graphics != render.Cells {
			t.Errorf("%s: %v, %v", name, s.Glyphs, s.Graphics)
		}
	}
	p := For(term.Caps{Term: "vt100", Color: term.Mono}, wish(t, Flags{}))
	p.UpdateCaps(able())
	if s := p.Style(); s.Glyphs == render.ASCII || s.Color != render.TrueColor {
		t.Errorf("what it answered changes nothing: %v, %v", s.Glyphs, s.Color)
	}
}
