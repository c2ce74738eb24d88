// Package drawstyle chooses how to draw on a terminal, from its answers and the user's flags.
package drawstyle

import (
	"slices"

	"acip/frame"
	"acip/internal/term"
	"acip/render"
)

// Preference is how to draw on one terminal. Its user can step through the other ways; the first is what suits the
// terminal best.
type Preference struct {
	wish   render.Style
	caps   term.Caps
	colors int // steps down from the terminal's best
	glyphs int // steps from the first choice
}

// For returns what suits a terminal within the user's wish, in which the rest is on auto.
func For(c term.Caps, wish render.Style) Preference { return Preference{wish: wish, caps: c} }

// UpdateCaps replaces what is known of the terminal, after it has answered.
func (p *Preference) UpdateCaps(c term.Caps) { p.caps = c }

// Terminal returns what render needs to know of a terminal.
func Terminal(c term.Caps) render.Terminal {
	program := c.Name
	return render.Terminal{
		Term: c.Term, Program: program, TrueColor: c.Color == term.Truecolor,
		Colors: map[term.Color]int{term.Mono: 2, term.Color16: 16, term.Color256: 256, term.Truecolor: 256}[c.Color],
		UTF8:   c.UTF8, Multiplexer: c.Multiplexer != "", Kitty: c.Kitty, Sixel: c.Sixel, Sync: c.Sync, Light: c.Light, WideBlocks: c.WideBlocks,
		NoSextants: c.NoSextants, NoOctants: c.NoOctants,
	}
}

// Style returns how to draw now.
func (p *Preference) Style() render.Style {
	t := Terminal(p.caps)
	s := p.base(t)
	if depths := depthsBelow(s.Color); p.colors > 0 {
		s.Color = depths[p.colors%len(depths)]
	}
	if p.glyphs > 0 {
		ways := p.ways(t, s)
		w := ways[p.glyphs%len(ways)]
		s.Glyphs, s.Graphics = w.glyphs, w.graphics
	}
	return s
}

// base returns what suits the terminal and the wish, before any steps.
func (p *Preference) base(t render.Terminal) render.Style {
	s := p.wish
	s.Light, s.Sync = t.Light, t.Sync
	if p.caps.CellWidth > 0 && p.caps.CellHeight > 0 {
		s.Cell = frame.Size{W: p.caps.CellWidth, H: p.caps.CellHeight}
	}
	if s.Color == render.ColorAuto && p.caps.Color == term.Mono {
		s.Color = render.Mono
	}
	if s.Glyphs == render.GlyphsAuto && (s.Color == render.Mono || !t.UTF8 || t.WideBlocks) {
		s.Glyphs = render.ASCII // without colours, letters carry more than blocks
	}
	return render.Choose(t, s)
}

// depthsBelow returns a colour depth and all poorer ones, best first.
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

// ways returns all sets of glyphs and graphics that the terminal can show, the present one first.
func (p *Preference) ways(t render.Terminal, now render.Style) []way {
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

// NextColors steps to the next poorer depth, or back to the best, and returns a note that names it.
func (p *Preference) NextColors() string {
	p.colors = (p.colors + 1) % len(depthsBelow(p.base(Terminal(p.caps)).Color))
	return "colours: " + p.Style().Color.String()
}

// NextGlyphs steps to the next way to draw and returns a note that names it.
func (p *Preference) NextGlyphs() string {
	t := Terminal(p.caps)
	p.glyphs = (p.glyphs + 1) % len(p.ways(t, p.base(t)))
	s := p.Style()
	return "glyphs: " + way{s.Glyphs, s.Graphics}.String()
}
