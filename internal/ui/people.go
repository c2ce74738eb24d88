package ui

import (
	"fmt"
	"strings"
	"time"

	"acip/frame"
)

// plural is a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// people is the panel that lists the members, to hide and to mute them.
type people struct {
	open bool
	at   uint32 // id of the chosen member
}

// member finds a member by id, with a tile or without; nil if there is none.
func (m *Model) member(id uint32) *tile {
	if t := m.slots.find(id); t != nil {
		return t
	}
	for _, t := range m.aside {
		if t.id == id {
			return t
		}
	}
	return nil
}

// members are all others: those with tiles in the tiles' order, then watchers and hidden ones.
func (m *Model) members() []*tile { return append(m.slots.all(), m.aside...) }

// hidden reports whether the viewer has hidden a member.
func (m *Model) hidden(t *tile) bool { return m.hushes.of(t.id, t.name)&hidden != 0 }

// seat gives a member a tile, or takes it away: watchers and hidden members have none.
func (m *Model) seat(t *tile) {
	m.dirty = true
	for i, have := range m.aside {
		if have == t {
			m.aside = append(m.aside[:i], m.aside[i+1:]...)
			break
		}
	}
	if !t.watch && !m.hidden(t) {
		if m.slots.find(t.id) == nil {
			m.slots.add(t)
		}
		return
	}
	m.slots.remove(t.id)
	if m.pinned == t.id {
		m.pinned = 0
	}
	t.rect, t.frame, t.fresh, t.stall = frame.Rect{}, nil, false, 0
	m.aside = append(m.aside, t)
}

// setHush hides, mutes or shows a member.
func (m *Model) setHush(t *tile, state hush, now time.Time) {
	if !m.hushes.set(t.id, t.name, state) {
		m.tell(now, note{text: "too many people are hidden already", tone: toneWarn, life: noteLife})
		return
	}
	t.seen = now
	m.seat(t)
}

// openPeople shows the panel.
func (m *Model) openPeople(now time.Time) {
	all := m.members()
	if len(all) == 0 {
		m.tell(now, note{text: "nobody else is here", topic: "people", life: noteLife})
		return
	}
	m.people.open, m.help = true, false
	if m.member(m.people.at) == nil {
		m.people.at = all[0].id
	}
	m.dirty = true
}

// peopleKey answers the keys while the panel is open; false for those that do what they always do.
func (m *Model) peopleKey(k Key, now time.Time) bool {
	all := m.members()
	at := 0
	for i, t := range all {
		if t.id == m.people.at {
			at = i
		}
	}
	letter := func(r rune) bool { return onRune(r)(k) }
	switch {
	case len(all) == 0, k.Code == Escape, letter('h'), letter('q'):
		m.people.open = false
	case k.Code == ArrowDown, k.Code == Tab, letter('j'):
		m.people.at = all[(at+1)%len(all)].id
	case k.Code == ArrowUp, k.Code == BackTab, letter('k'):
		m.people.at = all[(at+len(all)-1)%len(all)].id
	case k.Code == Enter, letter(' '):
		m.setHush(all[at], m.hushes.of(all[at].id, all[at].name)^hidden, now)
	case letter('m'):
		m.setHush(all[at], m.hushes.of(all[at].id, all[at].name)^muted, now)
	default:
		return false
	}
	m.dirty = true
	return true
}

// drawPeople shows the members in a box, the chosen one marked.
func (m *Model) drawPeople(p *pen, area frame.Rect) {
	all := m.members()
	if len(all) == 0 {
		m.people.open = false
		return
	}
	const foot = "space: hide or show · m: mute messages · esc: close"
	wide := min(area.W, max(width(foot)+4, 40))
	foots := wrap(foot, wide-4)
	box := middle(area, wide, min(len(all), max(1, area.H-3-len(foots)))+2+len(foots))
	p.c.Fill(box, p.t.panel)
	p.frame(box, " people ")
	rows, at := max(1, box.H-2-len(foots)), 0
	for i, t := range all {
		if t.id == m.people.at {
			at = i
		}
	}
	first := max(0, min(at-rows/2, len(all)-rows))
	for i, t := range all[first:min(first+rows, len(all))] {
		m.drawPerson(p, frame.Rect{X: box.X + 2, Y: box.Y + 1 + i, W: box.W - 4, H: 1}, t, first+i == at)
	}
	for i, text := range foots {
		p.text(box.X+2, box.Y+box.H-1-len(foots)+i, strings.ReplaceAll(text, "·", p.s.dot), p.t.panelDim)
	}
}

// stateOf says in a word what is special about a member, the most important thing only; empty if nothing is. ifMuted is
// the word for one whose messages are muted.
func stateOf(h hush, watch, paused bool, ifMuted string) string {
	switch {
	case h&hidden != 0:
		return "hidden"
	case h&muted != 0:
		return ifMuted
	case watch:
		return "watching"
	case paused:
		return "paused"
	}
	return ""
}

func (m *Model) drawPerson(p *pen, at frame.Rect, t *tile, chosen bool) {
	style, mark := p.t.panel, " "
	if chosen {
		style, mark = p.t.panelOn, p.s.prompt
	}
	state := stateOf(m.hushes.of(t.id, t.name), t.watch, t.paused, "messages muted")
	p.text(at.X, at.Y, mark, p.t.panelKey)
	p.text(at.X+2, at.Y, cut(t.name, at.W-3-width(state), p.s.more), style)
	p.text(at.X+at.W-width(state), at.Y, state, p.t.panelDim)
}

// rosterLine says who is here without a tile; empty where nobody is.
func (m *Model) rosterLine() string {
	var watching []string
	away := 0
	for _, t := range m.aside {
		if m.hidden(t) {
			away++
		} else {
			watching = append(watching, quoted(t.name))
		}
	}
	var parts []string
	if len(watching) > 0 {
		parts = append(parts, fmt.Sprintf("+%d watching: %s", len(watching), strings.Join(watching, ", ")))
	}
	if away > 0 {
		parts = append([]string{fmt.Sprintf("%d hidden", away)}, parts...)
	}
	return strings.Join(parts, "  ")
}

// rosterHigh is the rows that the roster line takes: none on screens that are too low for it.
func (m *Model) rosterHigh() int {
	if m.size.H < 10 || len(m.aside) == 0 {
		return 0
	}
	return 1
}

// drawRoster writes the roster line below the tiles.
func (m *Model) drawRoster(p *pen) {
	if m.rosterHigh() == 0 {
		return
	}
	area := m.contentArea()
	at := frame.Rect{X: area.X, Y: area.Y + area.H, W: area.W, H: 1}
	p.c.Fill(at, p.t.content)
	p.text(at.X+1, at.Y, cut(m.rosterLine(), at.W-2, p.s.more), p.t.dim)
}
