package ui

import (
	"time"

	"acip/frame"
	"acip/render"
)

// Lives of notes.
const (
	noteLife = 3 * time.Second
	joinLife = 4 * time.Second
	chatLife = 8 * time.Second
	tellLife = 8 * time.Second
)

// maxNotes is how many are on the screen at once; older ones go.
const maxNotes = 4

type tone uint8

const (
	toneInfo tone = iota
	toneGood
	toneWarn
	toneBad
)

// note is a line that passes.
type note struct {
	text, hint string
	topic      string // a newer note on the same topic takes its place
	tone       tone
	life       time.Duration
	end        time.Time
}

// tell shows a note from now on, instead of one on the same topic or with the
// same text.
func (m *Model) tell(now time.Time, n note) {
	n.end = now.Add(n.life)
	kept := m.notes[:0]
	for _, have := range m.notes {
		if have.text != n.text && (n.topic == "" || have.topic != n.topic) {
			kept = append(kept, have)
		}
	}
	m.notes = append(kept, n)
	if extra := len(m.notes) - maxNotes; extra > 0 {
		m.notes = m.notes[:copy(m.notes, m.notes[extra:])]
	}
	m.dirty = true
}

// expire takes away the notes whose time is over.
func (m *Model) expire(now time.Time) {
	kept := m.notes[:0]
	for _, n := range m.notes {
		if now.Before(n.end) {
			kept = append(kept, n)
		}
	}
	if len(kept) != len(m.notes) {
		m.notes = kept
		m.dirty = true
	}
}

// drawNotes stacks the notes at the top right of the area.
func (m *Model) drawNotes(p *pen, area frame.Rect) {
	limit := min(area.W, max(24, area.W/2))
	y := area.Y
	if area.H > 8 {
		y++
	}
	for _, n := range m.notes {
		y = p.note(area, y, limit, n)
	}
}

// note draws one and returns the row after it.
func (p *pen) note(area frame.Rect, y, limit int, n note) int {
	lines := wrap(n.text, limit-4)
	rest := wrap(n.hint, limit-4)
	if n.hint == "" {
		rest = nil
	}
	wide := 0
	for _, l := range append(lines, rest...) {
		wide = max(wide, width(l))
	}
	at := frame.Rect{X: area.X + area.W - wide - 4, Y: y, W: wide + 4, H: len(lines) + len(rest)}
	if area.W > 40 {
		at.X--
	}
	at = at.Intersect(area)
	p.c.Fill(at, p.t.panel)
	p.text(at.X+1, y, p.s.along[:0]+p.mark(n.tone), p.toneStyle(n.tone))
	for _, l := range lines {
		p.text(at.X+3, y, cut(l, at.W-3, p.s.more), p.t.panel)
		y++
	}
	for _, l := range rest {
		p.text(at.X+3, y, cut(l, at.W-3, p.s.more), p.t.panelDim)
		y++
	}
	return y
}

func (p *pen) mark(t tone) string {
	if t == toneBad {
		return "!"
	}
	return p.s.bullet
}

func (p *pen) toneStyle(t tone) render.TextStyle {
	return [...]render.TextStyle{p.t.panelKey, p.t.good, p.t.warn, p.t.bad}[t]
}
