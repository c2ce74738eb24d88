package ui

import (
	"slices"
	"strings"
	"time"

	"acip/frame"
	"acip/render"
)

// Lives of notes: long enough to be read, short enough not to be in the way.
const (
	noteLife = 3 * time.Second
	joinLife = 4 * time.Second
	chatLife = 8 * time.Second
	tellLife = 6 * time.Second
	// tallyLife ends a note that goes on collecting names.
	tallyLife = 8 * time.Second
)

// maxNotes is how many are on the screen at once; older ones go.
const maxNotes = 4

type tone uint8

const (
	toneInfo tone = iota
	toneGood
	toneWarn
	toneBad
	toneChat
)

// note is a line that passes.
type note struct {
	who        string // stands before the text, in another colour
	text, hint string
	topic      string   // a newer note on the same topic takes its place
	names      []string // of who, where several did the same
	tone       tone
	life       time.Duration
	begun, end time.Time
}

// tell shows a note from now on, instead of one on the same topic or with the same text.
func (m *Model) tell(now time.Time, n note) {
	n.begun, n.end = now, now.Add(n.life)
	kept := m.notes[:0]
	for _, have := range m.notes {
		if (have.text != n.text || have.who != n.who) && (n.topic == "" || have.topic != n.topic) {
			kept = append(kept, have)
		}
	}
	m.notes = append(kept, n)
	if extra := len(m.notes) - maxNotes; extra > 0 {
		m.notes = m.notes[:copy(m.notes, m.notes[extra:])]
	}
	m.dirty = true
}

// tellOf says what a member did. Several who do the same share a note, so that people who come and go fill no screen;
// those who are hidden are not spoken of.
func (m *Model) tellOf(now time.Time, t *tile, did string, tone tone) {
	if m.hidden(t) {
		return
	}
	n := note{text: did, tone: tone, topic: "members " + did, life: joinLife, names: []string{t.name}}
	begun := now
	for i := range m.notes {
		have := &m.notes[i]
		if have.topic == n.topic && now.Before(have.end) && now.Sub(have.begun) < tallyLife {
			n.names = append(slices.DeleteFunc(have.names, func(s string) bool { return s == t.name }), t.name)
			begun = have.begun
		}
	}
	n.who = named(n.names)
	m.tell(now, n)
	m.notes[len(m.notes)-1].begun = begun
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

// drawNotes stacks the notes at the top right edge of the area, the newest first, in so few rows that faces stay free.
func (m *Model) drawNotes(p *pen, area frame.Rect) {
	if len(m.notes) == 0 {
		return
	}
	limit := area.W - 4
	most := max(2, area.H/6)
	var list []note
	rows, wide := 0, 0
	for _, n := range slices.Backward(m.notes) {
		lines := n.lines(limit, p.s)
		if rows > 0 && rows+len(lines) > most {
			break
		}
		list, rows = append(list, n), rows+len(lines)
		for _, l := range lines {
			wide = max(wide, width(l))
		}
	}
	at := frame.Rect{X: area.X + area.W - wide - 4, Y: area.Y, W: wide + 4, H: area.H}.Intersect(area)
	y := at.Y
	for _, n := range slices.Backward(list) {
		y = p.note(at, y, limit, n)
	}
}

// full is a note's text with who it is about.
func (n note) full() string { return strings.TrimSpace(n.who + " " + n.text) }

// lines are the rows of a note: one where text and hint fit, else the hint's after the text's.
func (n note) lines(cols int, s signs) []string {
	if n.hint == "" {
		return wrap(n.full(), cols)
	}
	if one := n.full() + " " + s.dot + " " + n.hint; width(one) <= cols {
		return []string{one}
	}
	return append(wrap(n.full(), cols), wrap(n.hint, cols)...)
}

// note draws one from row y and returns the row after it.
func (p *pen) note(at frame.Rect, y, limit int, n note) int {
	lines, soft := n.lines(limit, p.s), len(wrap(n.full(), limit))
	p.c.Fill(frame.Rect{X: at.X, Y: y, W: at.W, H: len(lines)}.Intersect(at), p.t.panel)
	for i, l := range lines {
		if y >= at.Y+at.H {
			break
		}
		style := p.t.panel
		if i >= soft {
			style = p.t.panelDim
		}
		p.text(at.X+3, y, cut(l, at.W-4, p.s.more), style)
		if i == 0 {
			p.text(at.X+1, y, p.mark(n.tone), p.toneStyle(n.tone))
			p.text(at.X+3, y, cut(n.who, min(at.W-4, width(l)), p.s.more), p.t.panelOn)
		}
		y++
	}
	return y
}

func (p *pen) mark(t tone) string {
	switch t {
	case toneBad:
		return "!"
	case toneChat:
		return p.s.prompt
	}
	return p.s.bullet
}

func (p *pen) toneStyle(t tone) render.TextStyle {
	return [...]render.TextStyle{p.t.panelKey, p.t.good, p.t.warn, p.t.bad, p.t.panelKey}[t]
}
