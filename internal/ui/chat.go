package ui

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"acip/frame"

	"github.com/rivo/uniseg"
)

// Bounds of the chat.
const (
	maxHistory = 200
	maxSaid    = 2000 // characters, as on the wire
)

// chat is the pane of text and its line of input.
type chat struct {
	open    bool
	history []said
	input   string
	unread  int
	back    int // rows scrolled back
}

type said struct {
	from, text string
	own        bool
}

// chatTopic begins the topic of notes that the open pane makes needless.
const chatTopic = "chat "

func (m *Model) openChat() {
	m.notes = slices.DeleteFunc(m.notes, func(n note) bool { return strings.HasPrefix(n.topic, chatTopic) })
	m.chat.open, m.chat.unread, m.chat.back = true, 0, 0
	m.help = false
}

func (m *Model) said(e ChatLine, now time.Time) {
	s := said{from: clean(e.From, 32), text: clean(e.Text, maxSaid), own: e.Own}
	if s.text == "" || !e.Own && m.hushes.of(e.ID, s.from) != 0 {
		return
	}
	m.chat.history = append(m.chat.history, s)
	if extra := len(m.chat.history) - maxHistory; extra > 0 {
		m.chat.history = append(m.chat.history[:0:0], m.chat.history[extra:]...)
	}
	m.dirty = true
	if !m.chat.open && !e.Own {
		m.chat.unread++
		n := note{who: quoted(s.from) + ":", text: s.text, topic: chatTopic + s.from, tone: toneChat, life: chatLife}
		if m.chat.unread == 1 {
			n.hint = "t: reply"
		}
		m.tell(now, n)
	}
}

// chatKey edits the line: it has all keys but those of signals.
func (m *Model) chatKey(k Key, now time.Time) []Action {
	c := &m.chat
	m.dirty = true
	switch {
	case k.Code == Escape, k.Code == Tab:
		c.open = false
	case k.Code == Enter:
		return m.sendLine(now)
	case k.Code == Backspace:
		c.input = dropLast(c.input)
	case k.Code == ArrowUp:
		c.back++
	case k.Code == PageUp:
		c.back += 5
	case k.Code == ArrowDown:
		c.back = max(0, c.back-1)
	case k.Code == PageDown:
		c.back = max(0, c.back-5)
	case onCtrl('u')(k):
		c.input = ""
	case onCtrl('w')(k):
		c.input = dropWord(c.input)
	case k.Code == Pasted:
		c.insert(strings.Join(strings.Fields(k.Text), " "))
	case k.Code == Rune && !k.Ctrl && !k.Alt:
		c.insert(string(k.Rune))
	}
	return nil
}

func (c *chat) insert(s string) {
	for _, r := range s {
		if utf8.RuneCountInString(c.input) >= maxSaid {
			return
		}
		if r != utf8.RuneError && (unicode.IsGraphic(r) || r == 0x200d) { // emoji are joined by it
			c.input += string(r)
		}
	}
}

// sendLine sends what was typed; an empty line closes the pane. Without a connection the line stays.
func (m *Model) sendLine(now time.Time) []Action {
	text := clean(m.chat.input, maxSaid)
	if text != "" && m.link.State != Up {
		m.tell(now, note{text: "not sent: there is no connection", topic: "unsent", tone: toneWarn, life: noteLife})
		return nil
	}
	m.chat.input, m.chat.back = "", 0
	if text == "" {
		m.chat.open = false
		return nil
	}
	return []Action{{Kind: Say, Text: text}}
}

// dropLast removes the last character, however many runes it has.
func dropLast(s string) string {
	last, rest, state := "", s, -1
	for rest != "" {
		last, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
	}
	return strings.TrimSuffix(s, last)
}

func dropWord(s string) string {
	s = strings.TrimRight(s, " ")
	return s[:strings.LastIndexByte(s, ' ')+1]
}

// chatRect is the pane: at the right of wide screens, else below the tiles.
func (m *Model) chatRect() (at frame.Rect, below bool) {
	h := m.size.H - 1
	if m.size.W >= 72 {
		w := min(max(m.size.W/3, 28), 48)
		return frame.Rect{X: m.size.W - w, W: w, H: h}, false
	}
	tall := max(2, min(h/2, 12))
	return frame.Rect{Y: h - tall, W: m.size.W, H: tall}, true
}

func (m *Model) drawChat(p *pen) {
	at, _ := m.chatRect()
	p.c.Fill(at, p.t.panel)
	lines := m.chatLines(at.W-2, p.s)
	rows := at.H - 1
	m.chat.back = max(0, min(m.chat.back, len(lines)-rows))
	end := len(lines) - m.chat.back
	first := max(0, end-rows)
	y := at.Y + rows - (end - first)
	for _, l := range lines[first:end] {
		p.text(at.X+1, y, l.text, l.style(p.t))
		y++
	}
	if len(lines) == 0 && rows > 1 {
		p.text(at.X+1, at.Y+rows-1, cut("Enter sends, Esc closes", at.W-2, p.s.more), p.t.panelDim)
	}
	m.drawInput(p, frame.Rect{X: at.X, Y: at.Y + rows, W: at.W, H: 1})
}

// chatLines are the rows of the history: a name once, then what it said.
func (m *Model) chatLines(cols int, s signs) []line {
	var lines []line
	last := said{}
	for i, h := range m.chat.history {
		who, style := h.from, strongStyle
		if h.own {
			who, style = "you", goodStyle
		}
		if i == 0 || h.from != last.from || h.own != last.own {
			lines = append(lines, line{cut(who, cols, s.more), style})
		}
		last = h
		for _, text := range wrap(h.text, cols-1) {
			lines = append(lines, line{" " + text, plainStyle})
		}
	}
	return lines
}

// drawInput shows the end of the line that is typed, and where it goes on.
func (m *Model) drawInput(p *pen, at frame.Rect) {
	p.c.Fill(at, p.t.label)
	x := at.X + 1 + p.text(at.X+1, at.Y, p.s.prompt+" ", p.t.labelDim)
	room := at.X + at.W - 2 - x
	input := m.chat.input
	for width(input) > room && input != "" {
		_, input, _, _ = uniseg.FirstGraphemeClusterInString(input, -1)
	}
	x += p.text(x, at.Y, input, p.t.label)
	cursor := p.t.label
	cursor.FG, cursor.BG = cursor.BG, cursor.FG
	if cursor.FG == cursor.BG {
		cursor.Attr = 0 // mono: the line itself is reversed
	}
	p.text(x, at.Y, " ", cursor)
}
