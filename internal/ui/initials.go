package ui

import (
	"hash/fnv"
	"math"

	"acip/frame"
	"acip/render"
)

// initials fills a tile with a colour of the name's own and its initials.
func (p *pen) initials(at frame.Rect, name string) {
	ground, ink := p.nameColors(name)
	style := render.TextStyle{FG: ink, BG: ground}
	if p.c.Style().Color == render.Mono {
		style = render.TextStyle{}
	}
	p.c.Fill(at, style)
	text := initials(name)
	if !p.large(at, text, style) {
		style.Attr |= render.Bold
		p.centred(at, at.Y+at.H/2, text, style)
	}
}

// nameColors are calm, equally bright colours chosen by the name.
func (p *pen) nameColors(name string) (ground, ink render.Paint) {
	h := fnv.New32a()
	h.Write([]byte(name))
	hue := float64(h.Sum32()%360) / 360 * 2 * math.Pi
	switch p.c.Style().Color {
	case render.Color16:
		return render.Indexed(8), render.Indexed(15)
	case render.Color256:
		return render.Indexed(237 + uint8(h.Sum32()%3)), render.Indexed(252)
	}
	channel := func(base, swing, shift float64) uint8 { return uint8(base + swing*math.Cos(hue-shift)) }
	third := 2 * math.Pi / 3
	return render.RGB(channel(52, 22, 0), channel(56, 20, third), channel(68, 22, 2*third)),
		render.RGB(channel(200, 30, 0), channel(204, 28, third), channel(212, 30, 2*third))
}

// large draws the initials in letters of half blocks, if the font has them and there is room.
func (p *pen) large(at frame.Rect, text string, t render.TextStyle) bool {
	if p.s.across == "-" || p.c.Style().Glyphs == render.ASCII {
		return false
	}
	letters := make([][]string, 0, 2)
	wide := -1
	for _, r := range text {
		l, ok := letter(r)
		if !ok {
			return false
		}
		letters = append(letters, l)
		wide += len(l[0]) + 1
	}
	scale := min(at.W/(wide+4), at.H*2/(letterHigh+6), 3)
	if scale < 1 {
		return false
	}
	x := at.X + (at.W-wide*scale)/2
	y := at.Y + (at.H-(letterHigh*scale+1)/2)/2
	for _, l := range letters {
		p.bitmap(x, y, l, scale, t)
		x += (len(l[0]) + 1) * scale
	}
	return true
}

// bitmap draws a letter, two pixels to a cell.
func (p *pen) bitmap(x, y int, rows []string, scale int, t render.TextStyle) {
	lit := func(px, py int) bool {
		py /= scale
		return py < len(rows) && rows[py][px/scale] == '#'
	}
	glyphs := [4]string{" ", "▄", "▀", "█"}
	for cy := range (len(rows)*scale + 1) / 2 {
		for cx := range len(rows[0]) * scale {
			n := 0
			if lit(cx, 2*cy) {
				n |= 2
			}
			if lit(cx, 2*cy+1) {
				n |= 1
			}
			p.text(x+cx, y+cy, glyphs[n], t)
		}
	}
}

// letterHigh is the pixels of a letter from top to bottom.
const letterHigh = 6
