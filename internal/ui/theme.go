package ui

import "acip/render"

// theme is the colours of everything that is no picture.
type theme struct {
	text, dim, strong  render.TextStyle // on the screen's own background
	bar, barDim, barOn render.TextStyle // the status line
	label, labelDim    render.TextStyle // on pictures
	panel, panelDim    render.TextStyle // notes, help, chat
	panelOn, panelKey  render.TextStyle
	warn, bad, good    render.TextStyle // on panels
	ground             render.TextStyle // of a tile, where the picture leaves it free
	content            render.TextStyle // between tiles
}

// tones are the few colours that a theme is made of.
type tones struct {
	ink, soft, accent, warn, bad, good render.Paint
	panel, bar, label, labelInk, faint render.Paint
	ground, content                    render.Paint
}

func themeFor(s render.Style, behind Backdrop) theme {
	switch s.Color {
	case render.Mono:
		return monoTheme()
	case render.Color16:
		return tonesTheme(tones16(s.Light))
	case render.Color256:
		return tonesTheme(tones256(s.Light).between(behind, s.Light, render.Indexed(232)))
	}
	return tonesTheme(tonesTrue(s.Light).over(behind, s.Light))
}

func tonesTrue(light bool) tones {
	rgb := render.RGB
	if light {
		return tones{
			ink: rgb(52, 59, 88), soft: rgb(120, 126, 148), accent: rgb(46, 92, 190), warn: rgb(150, 98, 20), bad: rgb(180, 40, 70), good: rgb(56, 120, 50),
			panel: rgb(228, 231, 240), bar: rgb(228, 231, 240), label: rgb(24, 26, 36), labelInk: rgb(236, 240, 250), faint: rgb(150, 156, 176),
			ground: rgb(240, 241, 246),
		}
	}
	return tones{
		ink: rgb(208, 214, 232), soft: rgb(128, 136, 162), accent: rgb(134, 176, 255), warn: rgb(232, 184, 112), bad: rgb(250, 128, 150), good: rgb(158, 210, 120),
		panel: rgb(30, 33, 46), bar: rgb(24, 26, 37), label: rgb(18, 19, 28), labelInk: rgb(236, 240, 250), faint: rgb(150, 156, 176),
		ground: rgb(16, 17, 24),
	}
}

// over fits the grounds to the terminal's own background, where that is known: lifted off it by a little ink, they
// belong to whatever scheme a person has chosen.
func (c tones) over(behind Backdrop, light bool) tones {
	if !behind.Known {
		return c.between(behind, light, render.RGB(8, 9, 13))
	}
	r, g, b := c.ink.RGB()
	lift := func(percent int) render.Paint {
		mix := func(from, to uint8) uint8 { return uint8((int(from)*(100-percent) + int(to)*percent) / 100) }
		return render.RGB(mix(behind.R, r), mix(behind.G, g), mix(behind.B, b))
	}
	c.ground, c.bar, c.panel = lift(6), lift(10), lift(13)
	return c
}

// between is what shows between the tiles: the terminal's own background where it is known, else one that goes with the
// dark grounds, since the terminal's may be white.
func (c tones) between(behind Backdrop, light bool, dark render.Paint) tones {
	if !behind.Known && !light {
		c.content = dark
	}
	return c
}

func tones256(light bool) tones {
	i := render.Indexed
	if light {
		return tones{ink: i(236), soft: i(244), accent: i(25), warn: i(94), bad: i(125), good: i(28), panel: i(254), bar: i(254), label: i(234), labelInk: i(255), faint: i(248), ground: i(255)}
	}
	return tones{ink: i(253), soft: i(245), accent: i(111), warn: i(179), bad: i(211), good: i(150), panel: i(235), bar: i(234), label: i(233), labelInk: i(255), faint: i(248), ground: i(233)}
}

func tones16(light bool) tones {
	i := render.Indexed
	if light {
		return tones{ink: i(0), soft: i(8), accent: i(4), warn: i(3), bad: i(1), good: i(2), panel: i(7), bar: i(7), label: i(0), labelInk: i(15), faint: i(7)}
	}
	return tones{ink: i(15), soft: i(7), accent: i(14), warn: i(11), bad: i(9), good: i(10), panel: i(0), bar: i(0), label: i(0), labelInk: i(15), faint: i(7)}
}

func tonesTheme(c tones) theme {
	on := func(fg, bg render.Paint, a render.Attr) render.TextStyle {
		return render.TextStyle{FG: fg, BG: bg, Attr: a}
	}
	return theme{
		text: on(c.ink, c.content, 0), dim: on(c.soft, c.content, 0), strong: on(c.accent, c.content, render.Bold),
		bar: on(c.ink, c.bar, 0), barDim: on(c.soft, c.bar, 0), barOn: on(c.accent, c.bar, render.Bold),
		label: on(c.labelInk, c.label, 0), labelDim: on(c.faint, c.label, 0),
		panel: on(c.ink, c.panel, 0), panelDim: on(c.soft, c.panel, 0),
		panelOn: on(c.accent, c.panel, render.Bold), panelKey: on(c.accent, c.panel, 0),
		warn: on(c.warn, c.panel, 0), bad: on(c.bad, c.panel, render.Bold), good: on(c.good, c.panel, 0),
		ground: on(0, c.ground, 0), content: on(0, c.content, 0),
	}
}

// monoTheme stands out by attributes alone: panels and labels are reversed.
func monoTheme() theme {
	at := func(a render.Attr) render.TextStyle { return render.TextStyle{Attr: a} }
	turned, strong := at(render.Reverse), at(render.Reverse|render.Bold)
	return theme{
		text: at(0), dim: at(0), strong: at(render.Bold),
		bar: turned, barDim: turned, barOn: strong,
		label: turned, labelDim: turned,
		panel: turned, panelDim: turned, panelOn: strong, panelKey: strong,
		warn: turned, bad: strong, good: turned,
	}
}

// signs are the few characters beyond ASCII that the screen uses, with their replacements for terminals that cannot
// show them or show them too wide.
type signs struct {
	up, down, more, dot, here, prompt    string
	corners                              [4]string // top left, top right, bottom left, bottom right
	across, along, record, bullet, cross string
}

func signsFor(plain bool) signs {
	if plain {
		return signs{
			up: "out", down: "in", more: "..", dot: "-", here: "*", prompt: ">",
			corners: [4]string{"+", "+", "+", "+"}, across: "-", along: "|", record: "REC", bullet: "*", cross: "x",
		}
	}
	return signs{
		up: "↑", down: "↓", more: "…", dot: "·", here: "●", prompt: "›",
		corners: [4]string{"╭", "╮", "╰", "╯"}, across: "─", along: "│", record: "● REC", bullet: "●", cross: "✕",
	}
}
