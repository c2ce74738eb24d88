// Package look is how to draw on a terminal: what its answers and the person's flags come to.
package look

import (
	"slices"

	"acip/frame"
	"acip/internal/term"
	"acip/render"
)

// Look is how a terminal is drawn on, and the ways that a person can go through, starting from what suits the terminal.
type Look struct {
	wish   render.Style
	caps   term.Caps
	colors int // steps down from the terminal's best
	glyphs int // steps from the first choice
}

// For is what suits a terminal and a wish.
func For(c term.Caps, wish render.Style) Look { return Look{wish: wish, caps: c} }

// Learn takes in what the terminal has answered.
func (l *Look) Learn(c term.Caps) { l.caps = c }

// Terminal is what render wants to know of a terminal.
func Terminal(c term.Caps) render.Terminal {
	program := c.Name
	return render.Terminal{
		Term: c.Term, Program: program, TrueColor: c.Color == term.Truecolor,
		Colors: map[term.Color]int{term.Mono: 2, term.Color16: 16, term.Color256: 256, term.Truecolor: 256}[c.Color],
		UTF8:   c.UTF8, Multiplexer: c.Multiplexer != "", Kitty: c.Kitty, Sixel: c.Sixel, Sync: c.Sync, Light: c.Light, WideBlocks: c.WideBlocks,
		NoSextants: c.NoSextants, NoOctants: c.NoOctants,
	}
}

// Style is how to draw now.
func (l *Look) Style() render.Style {
	t := Terminal(l.caps)
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
func (l *Look) base(t render.Terminal) render.Style {
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
func (l *Look) ways(t render.Terminal, now render.Style) []way {
	list := []way{{now.Glyphs, now.Graphics}}
	add := func(g render.Glyphs, how render.Graphics) {
		if w := (way{g, how}); !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	if t.UTF8 && !t.WideBlocks {
		for _, g := range []render.Glyphs{render.Half, render.Quadrant, render.Sextant, render.Octant, render.Blocks, render.Braille} {
			if t.Draws(g) {
				add(g, render.Cells)
			}
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

// NextColors steps to the next poorer depth, or back to the best, and says which in a few words.
func (l *Look) NextColors() string {
	l.colors = (l.colors + 1) % len(depthsBelow(l.base(Terminal(l.caps)).Color))
	return "colours: " + l.Style().Color.String()
}

// NextGlyphs steps to the next way to draw and says which in a few words.
func (l *Look) NextGlyphs() string {
	t := Terminal(l.caps)
	l.glyphs = (l.glyphs + 1) % len(l.ways(t, l.base(t)))
	s := l.Style()
	return "glyphs: " + way{s.Glyphs, s.Graphics}.String()
}
