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

// drawNotes stacks the notes in one panel at the top right of the area.
func (m *Model) drawNotes(p *pen, area frame.Rect) {
	if len(m.notes) == 0 {
		return
	}
	limit := min(area.W, max(24, area.W/2)) - 4
	wide := 0
	for _, n := range m.notes {
		for _, l := range n.lines(limit) {
			wide = max(wide, width(l))
		}
	}
	at := frame.Rect{X: area.X + area.W - wide - 4, Y: area.Y, W: wide + 4, H: area.H}
	if area.W > 40 && area.H > 8 {
		at.X, at.Y = at.X-1, at.Y+1
	}
	at = at.Intersect(area)
	y := at.Y
	for _, n := range m.notes {
		y = p.note(at, y, limit, n)
	}
}

// lines are the rows of a note, the hint's after the text's.
func (n note) lines(cols int) []string {
	lines := wrap(n.text, cols)
	if n.hint != "" {
		lines = append(lines, wrap(n.hint, cols)...)
	}
	return lines
}

// note draws one from row y and returns the row after it.
func (p *pen) note(at frame.Rect, y, limit int, n note) int {
	lines, soft := n.lines(limit), len(wrap(n.text, limit))
	p.c.Fill(frame.Rect{X: at.X, Y: y, W: at.W, H: len(lines)}.Intersect(at), p.t.panel)
	for i, l := range lines {
		if y >= at.Y+at.H {
			break
		}
		style := p.t.panel
		if i >= soft {
			style = p.t.panelDim
		}
		if i == 0 {
			p.text(at.X+1, y, p.mark(n.tone), p.toneStyle(n.tone))
		}
		p.text(at.X+3, y, cut(l, at.W-4, p.s.more), style)
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
