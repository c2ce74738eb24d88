package ui

import (
	"fmt"
	"time"

	"acip/frame"
	"acip/render"
)

// field is one piece of the status line; the least important go first where the line is too narrow.
type field struct {
	text  string
	style render.TextStyle
	rank  int // 0 stays longest
}

// drawStatus draws the status line: what is known on the left, the way to everything else on the right.
func (m *Model) drawStatus(p *pen, at frame.Rect, now time.Time) {
	p.c.Fill(at, p.t.bar)
	help := "? help "
	room := at.W - width(help) - 1
	if room < 0 {
		p.text(at.X, at.Y, cut("?", at.W, ""), p.t.barOn)
		return
	}
	x := at.X + 1
	for _, f := range fitFields(m.fields(p, now), room-1) {
		x += p.text(x, at.Y, f.text, f.style) + 2
	}
	p.text(at.X+at.W-width(help), at.Y, "?", p.t.barOn)
	p.text(at.X+at.W-width(help)+2, at.Y, "help", p.t.barDim)
}

// fitFields leaves out fields, the highest rank first, until the rest fits.
func fitFields(list []field, cols int) []field {
	for {
		used, worst := -2, -1
		for i, f := range list {
			used += width(f.text) + 2
			if worst < 0 || f.rank >= list[worst].rank {
				worst = i
			}
		}
		if used <= cols || worst < 0 {
			return list
		}
		list = append(list[:worst:worst], list[worst+1:]...)
	}
}

// fields are the pieces of the status line, left to right.
func (m *Model) fields(p *pen, now time.Time) []field {
	var list []field
	add := func(rank int, style render.TextStyle, format string, args ...any) {
		list = append(list, field{fmt.Sprintf(format, args...), style, rank})
	}
	if m.recording {
		add(1, render.TextStyle{FG: p.t.bad.FG, BG: p.t.bar.BG, Attr: p.t.bad.Attr | p.t.bar.Attr}, "%s", p.s.record)
	}
	if m.link.Room != "" && m.link.State != Local {
		add(5, p.t.barOn, "%s", cut(clean(m.link.Room, 64), 20, p.s.more))
	}
	if m.link.State == Up || m.link.State == Lost {
		add(3, p.t.bar, "%d here", len(m.members())+1)
	}
	if m.link.State == Local {
		add(5, p.t.barOn, "mirror")
	}
	if text := m.rosterLine(); text != "" && m.rosterHigh() == 0 {
		add(4, p.t.barDim, "%s", cut(text, 12, p.s.more))
	}
	switch {
	case m.status.Paused:
		add(2, p.t.barOn, "paused")
	case m.onCamera():
		add(4, p.t.barOn, "on camera")
	}
	if m.chat.unread > 0 {
		add(4, p.t.barOn, "%d unread", m.chat.unread)
	}
	if m.numbers && m.link.State != Connecting {
		list = append(list, m.numberFields(p)...)
	}
	return list
}

// numberFields are the figures, each the most important direction first.
func (m *Model) numberFields(p *pen) []field {
	s := m.status
	local := m.link.State == Local || m.link.State == Preview
	var list []field
	add := func(ok bool, rank int, format string, args ...any) {
		if ok {
			list = append(list, field{fmt.Sprintf(format, args...), p.t.barDim, rank})
		}
	}
	in := s.FPSIn / float64(max(1, m.moving()))
	if local {
		add(true, 6, "%.0f fps", m.ownRate.fps)
		if f := m.self.frame; f != nil {
			add(!f.Size().Empty(), 7, "%dx%d", f.Width, f.Height)
		}
		add(s.Source != "", 8, "%s", cut(clean(s.Source, 60), 30, p.s.more))
		return list
	}
	add(!s.NoSource, 6, "%s %.0f %s %.0f fps", p.s.down, in, p.s.up, s.FPSOut)
	add(s.NoSource, 6, "%s %.0f fps", p.s.down, in)
	add(true, 8, "%s %s %s %s kbit/s", p.s.down, kbit(s.KbitDown), p.s.up, kbit(s.KbitUp))
	add(s.RTT > 0, 9, "rtt %s", short(s.RTT))
	add(s.Age > 0, 7, "delay %s", short(s.Age))
	add(true, 10, "%d dropped", s.Drops)
	add(s.Codec != "" && !s.Sending.Empty(), 12, "%s %dx%d", s.Codec, s.Sending.W, s.Sending.H)
	add(s.Limited != "", 11, "%s", cut(clean(s.Limited, 60), 30, p.s.more))
	return list
}

// onCamera reports whether one's own picture is sent while it is not on the screen.
func (m *Model) onCamera() bool {
	return m.link.State == Up && m.slots.count() > 0 && m.self.rect.Empty() && !m.status.NoSource && !m.opts.NoSelf && m.camera.Text == ""
}

// moving is the number of peers on the screen whose pictures come in: their rate is shown for one of them.
func (m *Model) moving() int {
	n := 0
	for _, t := range m.slots.all() {
		if t.frame != nil && !t.paused && !t.lost() && !t.rect.Empty() {
			n++
		}
	}
	return n
}

// kbit keeps a figure to four places.
func kbit(v float64) string {
	if v >= 10000 {
		return fmt.Sprintf("%.1fM", v/1000)
	}
	return fmt.Sprintf("%.0f", v)
}

// short is a duration as a person reads it at a glance.
func short(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < 10*time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}
