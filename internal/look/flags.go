package look

import "acip/render"

// Flags are the names that a person chose by; "" is "auto", and area for the filter.
type Flags struct {
	Glyphs   string
	Graphics string
	Color    string
	Filter   string
	Ramp     string // characters from dark to light
}

// Wish is the style that the flags ask for; what was left to chance is on auto. A ramp asks for letters. Errors are of a
// name that there is not.
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

// Stream is how a stream of text is drawn: as wished, else in what every recent terminal shows; without
// colours where the person wants none.
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
