package drawstyle

import "acip/render"

// Flags are the values of the flags that choose a style. Empty means "auto", and for the filter "area".
type Flags struct {
	Glyphs   string
	Graphics string
	Color    string
	Filter   string
	Ramp     string // characters from dark to light
}

// Wish returns the style that the flags ask for; the rest is on auto. A ramp asks for letters. The error names an
// unknown value.
func (f Flags) Wish() (s render.Style, err error) {
	if s.Glyphs, err = render.ParseGlyphs(orAuto(f.Glyphs)); err != nil {
		return s, err
	}
	if s.Graphics, err = render.ParseGraphics(orAuto(f.Graphics)); err != nil {
		return s, err
	}
	if f.Filter != "" {
		if s.Filter, err = render.ParseFilter(f.Filter); err != nil {
			return s, err
		}
	}
	if s.Ramp = f.Ramp; s.Ramp != "" && s.Glyphs == render.GlyphsAuto && s.Graphics == render.GraphicsAuto {
		s.Glyphs, s.Graphics = render.ASCII, render.Cells
	}
	s.Color, err = render.ParseColor(orAuto(f.Color))
	return s, err
}

// Stream returns the style of a stream of text: the wish, else what every recent terminal shows. NO_COLOR in the
// environment turns colours off.
func Stream(wish render.Style, getenv func(string) string) render.Style {
	s := wish
	if s.Color == render.ColorAuto && getenv != nil && getenv("NO_COLOR") != "" {
		s.Color = render.Mono
	}
	if s.Glyphs == render.GlyphsAuto && s.Color == render.Mono {
		s.Glyphs = render.ASCII
	}
	return s
}

func orAuto(s string) string {
	if s == "" {
		return "auto"
	}
	return s
}
