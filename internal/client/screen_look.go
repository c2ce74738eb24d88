package client

import (
	"slices"

	"acip/frame"
	"acip/internal/term"
	"acip/render"
)

// looks are the ways to draw that a person can go through, starting from what suits the terminal.
type looks struct {
	wish   render.Style
	caps   term.Caps
	colors int // steps down from the terminal's best
	glyphs int // steps from the first choice
}

func looksFor(c term.Caps, wish render.Style) looks { return looks{wish: wish, caps: c} }

// learn takes in what the terminal has answered.
func (l *looks) learn(c term.Caps) { l.caps = c }

// styleWish reads the flags; auto stays auto. A ramp asks for letters.
func styleWish(cfg Config) (s render.Style, err error) {
	if s.Glyphs, err = render.ParseGlyphs(orAuto(cfg.Glyphs)); err != nil {
		return s, err
	}
	if s.Graphics, err = render.ParseGraphics(orAuto(cfg.Graphics)); err != nil {
		return s, err
	}
	if cfg.Filter != "" {
		if s.Filter, err = render.ParseFilter(cfg.Filter); err != nil {
			return s, err
		}
	}
	if s.Ramp = cfg.Ramp; s.Ramp != "" && s.Glyphs == render.GlyphsAuto && s.Graphics == render.GraphicsAuto {
		s.Glyphs, s.Graphics = render.ASCII, render.Cells
	}
	s.Color, err = render.ParseColor(orAuto(cfg.Color))
	return s, err
}

func orAuto(s string) string {
	if s == "" {
		return "auto"
	}
	return s
}

// renderTerminal is what render wants to know of a terminal.
func renderTerminal(c term.Caps) render.Terminal {
	program := c.Name
	return render.Terminal{
		Term: c.Term, Program: program, TrueColor: c.Color == term.Truecolor,
		Colors: map[term.Color]int{term.Mono: 2, term.Color16: 16, term.Color256: 256, term.Truecolor: 256}[c.Color],
		UTF8:   c.UTF8, Multiplexer: c.Multiplexer != "", Kitty: c.Kitty, Sixel: c.Sixel, Sync: c.Sync, Light: c.Light, WideBlocks: c.WideBlocks,
	}
}

// style is how to draw now.
func (l *looks) style() render.Style {
	t := renderTerminal(l.caps)
	s := l.base(t)
	if depths := depthsBelow(s.Color); l.colors > 0 {
		s.Color = depths[l.colors%len(depths)]
	}
	if l.glyphs > 0 {
		ways := l.ways(t, s)
		w := ways[l.glyphs%len(ways)]
		s.Glyphs, s.Graphics = w.glyphs, w.graphics
	}
	return s
}

// base is what suits the terminal and the wish.
func (l *looks) base(t render.Terminal) render.Style {
	s := l.wish
	s.Light, s.Sync = t.Light, t.Sync
	if l.caps.CellWidth > 0 && l.caps.CellHeight > 0 {
		s.Cell = frame.Size{W: l.caps.CellWidth, H: l.caps.CellHeight}
	}
	if s.Color == render.ColorAuto && l.caps.Color == term.Mono {
		s.Color = render.Mono
	}
	if s.Glyphs == render.GlyphsAuto && (s.Color == render.Mono || !t.UTF8 || t.WideBlocks) {
		s.Glyphs = render.ASCII // without colours, letters carry more than blocks
	}
	return render.Choose(t, s)
}

// depthsBelow lists a colour depth and all poorer ones.
func depthsBelow(best render.Color) []render.Color {
	all := []render.Color{render.TrueColor, render.Color256, render.Color16, render.Mono}
	return all[max(0, slices.Index(all, best)):]
}

// way is a set of glyphs, or graphics.
type way struct {
	glyphs   render.Glyphs
	graphics render.Graphics
}

func (w way) String() string {
	if w.graphics != render.Cells {
		return w.graphics.String()
	}
	return w.glyphs.String()
}

// ways lists what the terminal can be drawn with, the present one first.
func (l *looks) ways(t render.Terminal, now render.Style) []way {
	list := []way{{now.Glyphs, now.Graphics}}
	add := func(g render.Glyphs, how render.Graphics) {
		if w := (way{g, how}); !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	if t.UTF8 && !t.WideBlocks {
		for _, g := range []render.Glyphs{render.Half, render.Quadrant, render.Sextant, render.Octant, render.Blocks, render.Braille} {
			add(g, render.Cells)
		}
	}
	add(render.ASCII, render.Cells)
	if t.Kitty {
		add(now.Glyphs, render.Kitty)
	}
	if t.Sixel {
		add(now.Glyphs, render.Sixel)
	}
	return list
}

// nextColors steps to the next poorer depth, or back to the best, and says which.
func (l *looks) nextColors() string {
	l.colors = (l.colors + 1) % len(depthsBelow(l.base(renderTerminal(l.caps)).Color))
	return "colours: " + l.style().Color.String()
}

// nextGlyphs steps to the next way to draw and says which.
func (l *looks) nextGlyphs() string {
	t := renderTerminal(l.caps)
	l.glyphs = (l.glyphs + 1) % len(l.ways(t, l.base(t)))
	s := l.style()
	return "glyphs: " + way{s.Glyphs, s.Graphics}.String()
}
