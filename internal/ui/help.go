package ui

import "acip/frame"

// drawHelp shows the table of keys in a box, in two columns where one is too high, and only as much as fits.
func (m *Model) drawHelp(p *pen, area frame.Rect) {
	rows := m.helpRows()
	const keyWide, textWide = 7, 20
	columns := 1
	if len(rows)+4 > area.H && area.W >= 2*(keyWide+textWide)+6 {
		columns = 2
	}
	high := (len(rows) + columns - 1) / columns
	edge := 1
	if area.H < 10 || area.W < 32 {
		edge = 0
	}
	box := middle(area, columns*(keyWide+textWide)+2*edge+2, high+2*edge)
	p.c.Fill(box, p.t.panel)
	if edge == 1 {
		p.frame(box, " keys ")
	}
	fit := box.H - 2*edge
	for i, b := range rows {
		x, y := i/high, i%high
		if y >= fit {
			continue
		}
		left := box.X + edge + 1 + x*(keyWide+textWide)
		p.text(left, box.Y+edge+y, b.label, p.t.panelKey)
		p.text(left+keyWide, box.Y+edge+y, cut(b.text, box.X+box.W-edge-left-keyWide, p.s.more), p.t.panel)
	}
}

// helpRows are the keys that have a label and mean something here.
func (m *Model) helpRows() []binding {
	var rows []binding
	for _, b := range m.bindings {
		if b.label != "" && b.where&m.place() != 0 {
			rows = append(rows, b)
		}
	}
	return rows
}

// frame draws a rounded box with a title.
func (p *pen) frame(r frame.Rect, title string) {
	right, bottom := r.X+r.W-1, r.Y+r.H-1
	for x := r.X + 1; x < right; x++ {
		p.text(x, r.Y, p.s.across, p.t.panelDim)
		p.text(x, bottom, p.s.across, p.t.panelDim)
	}
	for y := r.Y + 1; y < bottom; y++ {
		p.text(r.X, y, p.s.along, p.t.panelDim)
		p.text(right, y, p.s.along, p.t.panelDim)
	}
	for i, at := range [4][2]int{{r.X, r.Y}, {right, r.Y}, {r.X, bottom}, {right, bottom}} {
		p.text(at[0], at[1], p.s.corners[i], p.t.panelDim)
	}
	p.text(r.X+2, r.Y, cut(title, r.W-4, ""), p.t.panelOn)
}
