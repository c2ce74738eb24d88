package ui

import (
	"fmt"
	"time"

	"acip/frame"
	"acip/render"
)

// aloneNote reports whether the banner about being alone is on the screen.
func (m *Model) aloneNote() bool {
	return m.slots.count() == 0 && len(m.aside) == 0 && m.link.State != Local
}

// drawBanner says in one panel how the call stands where that is not obvious: connecting, lost, alone.
func (m *Model) drawBanner(p *pen, area frame.Rect, now time.Time) {
	lines := m.bannerLines(now)
	if len(lines) == 0 {
		return
	}
	wide := 0
	var rows []line
	for _, l := range lines {
		for _, text := range p.fold(l, area.W-6) {
			rows = append(rows, line{text, l.style})
			wide = max(wide, width(text))
		}
	}
	rows = rows[:min(len(rows), area.H)]
	pad := 0
	if area.H >= len(rows)+6 {
		pad = 1
	}
	box := middle(area, wide+6, len(rows)+2*pad)
	if m.link.State != Lost && (m.self.frame != nil || m.slots.count() > 0) { // leave the face free
		box.Y = area.Y + area.H - box.H - pad
	}
	p.c.Fill(box, p.t.panel)
	for i, l := range rows {
		p.centred(frame.Rect{X: box.X + 1, W: box.W - 2}, box.Y+pad+i, l.text, l.style(p.t))
	}
}

// line is a row of text and how it looks.
type line struct {
	text  string
	style func(theme) render.TextStyle
}

// fold wraps a line.
func (p *pen) fold(l line, cols int) []string {
	return wrap(l.text, max(cols, 8))
}

func plainStyle(t theme) render.TextStyle  { return t.panel }
func softStyle(t theme) render.TextStyle   { return t.panelDim }
func strongStyle(t theme) render.TextStyle { return t.panelOn }
func goodStyle(t theme) render.TextStyle   { return t.good }
func badStyle(t theme) render.TextStyle    { return t.bad }

func (m *Model) bannerLines(now time.Time) []line {
	switch m.link.State {
	case Connecting:
		return m.connectingLines(now)
	case Preview:
		return m.previewLines()
	case Lost:
		return m.lostLines(now)
	case Up:
		if m.aloneNote() {
			return m.aloneLines()
		}
	}
	return nil
}

func (m *Model) connectingLines(now time.Time) []line {
	switch {
	case m.link.Full:
		return m.fullLines(now)
	case m.link.Reason != "":
		return []line{{"no connection yet", plainStyle}, {m.link.Reason, softStyle}, {m.retryLine(now), plainStyle}}
	}
	return []line{{"connecting to " + m.link.Address, plainStyle}}
}

// fullLines are shown while there is no place for one more.
func (m *Model) fullLines(now time.Time) []line {
	return []line{{"full, waiting for a place", strongStyle}, {m.link.Reason, softStyle}, {m.retryLine(now), softStyle}}
}

func (m *Model) retryLine(now time.Time) string {
	if left := m.countdown(now); left > 0 {
		return fmt.Sprintf("trying again in %d s", left)
	}
	return "trying again now"
}

func (m *Model) lostLines(now time.Time) []line {
	if m.link.Full {
		return m.fullLines(now)
	}
	lines := []line{{"connection lost", badStyle}}
	if m.link.Reason != "" {
		lines = append(lines, line{m.link.Reason, softStyle})
	}
	return append(lines, line{m.retryLine(now), plainStyle})
}

func (m *Model) previewLines() []line {
	space := "space turns your picture off, q leaves"
	if m.status.Paused {
		space = "space turns your picture on, q leaves"
	}
	return []line{{"you are not in the call yet", plainStyle}, {"press Enter to join " + m.link.Room, strongStyle}, {space, softStyle}}
}

func (m *Model) aloneLines() []line {
	lines := []line{{"nobody else is here yet", plainStyle}}
	if m.link.Join != "" {
		lines = append(lines, line{"others join with", softStyle}, line{m.link.Join, strongStyle})
	}
	return lines
}

// cardLines say why there is no picture of one's own, and the remedy.
func (m *Model) cardLines() []line {
	switch {
	case m.camera.Text != "":
		return []line{{m.camera.Text, badStyle}, {m.camera.Hint, softStyle}}
	case m.self.watch || m.status.NoSource:
		return []line{{"you are watching", plainStyle}, {"you are not sending a picture", softStyle}}
	case m.status.Paused:
		return []line{{"your picture is paused", plainStyle}, {"space starts it again", softStyle}}
	}
	return []line{{"waiting for the first picture", softStyle}}
}

// drawCard shows a test card: bars, and what is missing; in a corner the bars and a word.
func (m *Model) drawCard(p *pen, at frame.Rect) {
	p.bars(at)
	if m.slots.count() > 0 {
		state := "no picture yet"
		if m.camera.Text != "" {
			state = "no camera"
		}
		p.label(at, at, tag{name: "you", state: state, matters: true})
		return
	}
	banner := len(m.bannerLines(time.Time{})) > 0 && m.slots.count() == 0
	wide, rows := 0, []line(nil)
	for _, l := range m.cardLines() {
		if l.text == "" {
			continue
		}
		for _, text := range wrap(l.text, max(8, at.W-6)) {
			rows = append(rows, line{text, l.style})
			wide = max(wide, width(text))
		}
	}
	if banner && at.H < 2*len(rows)+4 {
		return // the banner says what matters more
	}
	box := middle(at, wide+6, len(rows)+2)
	if banner {
		box.Y = at.Y + 1
	}
	p.c.Fill(box, p.t.panel)
	for i, l := range rows {
		p.centred(frame.Rect{X: box.X + 1, W: box.W - 2}, box.Y+1+i, l.text, l.style(p.t))
	}
}

// bars are the colours of a test card, calm enough to read text on.
func (p *pen) bars(at frame.Rect) {
	p.c.Picture(at, barsFrame(), render.PictureOptions{Fit: frame.Cover})
}

func barsFrame() *frame.Frame {
	colors := [7][3]uint8{{150, 152, 160}, {150, 146, 70}, {66, 140, 148}, {70, 138, 84}, {140, 74, 140}, {150, 66, 70}, {62, 70, 144}}
	f := frame.New(len(colors)*16, 72)
	for y := range f.Height {
		row := f.Row(y)
		for x := range f.Width {
			c := colors[x/16]
			if y >= f.Height*5/6 {
				v := uint8(16 + 200*x/f.Width)
				c = [3]uint8{v, v, v}
			}
			copy(row[3*x:], c[:])
		}
	}
	return f
}
