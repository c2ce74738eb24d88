package term

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// questions is everything asked of a terminal, in one write. DA1 comes last: every terminal answers it, so what has not
// been answered before it never will be. Behind a multiplexer graphics are not asked for: it would swallow or misplace
// them.
func questions(c Caps) string {
	if c.Dumb {
		return ""
	}
	ask := askVersion + askDevice + askCellSize + askSync + askBackground + probeStyle + askStyle + plainStyle
	if c.Multiplexer == "" && !strings.HasPrefix(c.Term, "linux") {
		ask += askKitty
	}
	if c.UTF8 {
		ask += probeBlock + askPosition + probeSextant + askPosition + probeOctant + askPosition
	}
	return ask + "\r" + eraseLine + askAttributes
}

// clone keeps what was handed out before unchanged.
func (c Caps) clone() Caps {
	sources := make(map[string]string, len(c.Sources))
	for k, v := range c.Sources {
		sources[k] = v
	}
	c.Sources = sources
	return c
}

// answer takes in one reply and reports whether it was the last of them.
func (c *Caps) answer(r reply) (last bool) {
	switch r.Kind {
	case versionReply:
		c.learnName(r.Text)
	case deviceReply:
		c.learnDevice(r.Params)
	case cellSizeReply:
		c.learnCell(r.Params)
	case modeReply:
		c.learnMode(r.Params)
	case colorReply:
		c.learnBackground(r.Text)
	case styleReply:
		c.learnColor(r.Text)
	case positionReply:
		c.learnWidth(r.Params[1])
	case kittyReply:
		c.learn("kitty", "query", func() { c.Kitty = r.Text == "OK" && c.Multiplexer == "" })
	case attributesReply:
		c.Answered = true
		c.learn("sixel", "DA1", func() {
			c.Sixel = c.Multiplexer == "" && slices.Contains(r.Params[min(1, len(r.Params)):], 4)
		})
		return true
	}
	return false
}

func (c *Caps) learn(field, source string, assign func()) {
	assign()
	c.Sources[field] = source
}

func (c *Caps) learnCell(p []int) {
	if len(p) == 2 && p[0] > 0 && p[1] > 0 && p[0] < 512 && p[1] < 512 {
		c.learn("cell", "XTWINOPS", func() { c.CellHeight, c.CellWidth = p[0], p[1] })
	}
}

// learnMode reads DECRPM: 1 and 2 are set and reset, 3 is always set.
func (c *Caps) learnMode(p []int) {
	if len(p) == 2 && p[0] == 2026 {
		c.learn("sync", "DECRQM", func() { c.Sync = p[1] >= 1 && p[1] <= 3 })
	}
}

// learnName takes in what the terminal calls itself. xterm.js (VS Code, ttyd, JupyterLab) shows every colour and answers
// no question about them truly.
func (c *Caps) learnName(name string) {
	c.learn("name", "XTVERSION", func() { c.Name = printable(name) })
	if strings.HasPrefix(c.Name, "xterm.js(") {
		c.showsAll("XTVERSION")
	}
}

// What DA2 says first, of programs that are known by it.
const (
	deviceScreen = 83 // 'S'
	deviceTmux   = 84 // 'T'
)

// screenTruecolor is the version from which GNU screen knows colours of 24 bits. Those before read 38;2;r;g;b as five
// separate attributes.
const screenTruecolor = 50000

// learnDevice takes in which program it is: multiplexers say so here even where the environment does not, and versions
// of xterm.js that have no name do (https://github.com/xtermjs/xterm.js, src/common/InputHandler.ts).
func (c *Caps) learnDevice(p []int) {
	switch {
	case p[0] == deviceScreen:
		c.learn("multiplexer", "DA2", func() { c.Multiplexer, c.Kitty, c.Sixel = "screen", false, false })
		if p[1] >= screenTruecolor {
			c.showsAll("DA2")
		} else if c.Color > Color256 {
			c.learn("color", "DA2", func() { c.Color = Color256 })
		}
	case p[0] == deviceTmux:
		c.learn("multiplexer", "DA2", func() { c.Multiplexer, c.Kitty, c.Sixel = "tmux", false, false })
	case p[0] == 0 && p[1] == 276:
		c.showsAll("DA2")
	}
}

// showsAll notes that the terminal shows colours of 24 bits, unless the person wants none.
func (c *Caps) showsAll(source string) {
	if !c.NoColor {
		c.learn("color", source, func() { c.Color = Truecolor })
	}
}

// learnColor reads the style that we set a moment before. A terminal that names another background has rounded it. One
// that names none, as xterm.js does, has said nothing about it; a refusal says nothing either.
func (c *Caps) learnColor(style string) {
	switch {
	case c.NoColor:
	case c.Multiplexer == "screen": // hands the question on to the terminal around it
	case exactStyle(style):
		c.showsAll("DECRQSS")
	case c.Color == Truecolor && c.Multiplexer == "" && namesBackground(style):
		c.learn("color", "DECRQSS", func() { c.Color = Color256 })
	}
}

// namesBackground reports whether a style has a background: 40 to 48 or 100 to 107, with or without what belongs to it.
func namesBackground(style string) bool {
	for field := range strings.SplitSeq(strings.TrimSuffix(style, "m"), ";") {
		field, _, _ = strings.Cut(field, ":")
		n, err := strconv.Atoi(field)
		if err == nil && (n >= 40 && n <= 48 || n >= 100 && n <= 107) {
			return true
		}
		if n == 38 {
			return strings.Contains(style, ";48") // the numbers that follow may be a foreground's
		}
	}
	return false
}

// exactStyle accepts the spellings in use: 48;2;1;2;3, 48:2:1:2:3 and 48:2::1:2:3, with or without a leading 0.
func exactStyle(style string) bool {
	style = strings.TrimSuffix(style, "m")
	style = strings.ReplaceAll(style, ":", ";")
	style = strings.ReplaceAll(style, ";;", ";")
	return style == "48;2;1;2;3" || strings.HasSuffix(style, ";48;2;1;2;3") || strings.HasSuffix(style, "48;2;0;1;2;3")
}

// learnWidth reads the column in which the cursor stood after each of the probes: two block glyphs, a sextant, an
// octant. Some terminals draw half blocks wide and quadrants not: one is enough.
func (c *Caps) learnWidth(column int) {
	switch c.probes++; {
	case c.probes == 1 && column >= 3 && column <= 5:
		c.learn("wide_blocks", "cursor report", func() { c.WideBlocks = column > 3 })
	case c.probes == 2:
		c.learn("no_sextants", "cursor report", func() { c.NoSextants = column != 2 })
	case c.probes == 3:
		c.learn("no_octants", "cursor report", func() { c.NoOctants = column != 2 })
	}
}

func (c *Caps) learnBackground(text string) {
	rgb, ok := parseColor(text)
	if !ok {
		return
	}
	c.learn("background", "OSC 11", func() {
		c.Background = fmt.Sprintf("#%02x%02x%02x", rgb[0], rgb[1], rgb[2])
		c.Light = 299*int(rgb[0])+587*int(rgb[1])+114*int(rgb[2]) > 127*1000
	})
}

// parseColor reads XParseColor's rgb:r/g/b, each of one to four hex digits, with an optional alpha.
func parseColor(s string) (rgb [3]uint8, ok bool) {
	body, isRGB := strings.CutPrefix(s, "rgb:")
	if !isRGB {
		body, isRGB = strings.CutPrefix(s, "rgba:")
	}
	parts := strings.Split(body, "/")
	if !isRGB || len(parts) < 3 || len(parts) > 4 {
		return rgb, false
	}
	for i := range rgb {
		n, err := strconv.ParseUint(parts[i], 16, 16)
		if err != nil || len(parts[i]) > 4 {
			return rgb, false
		}
		full := uint64(1)<<(4*len(parts[i])) - 1
		rgb[i] = uint8((n*255 + full/2) / full)
	}
	return rgb, true
}

// printable keeps what a report may print of a terminal's own words.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e {
			return -1
		}
		return r
	}, s[:min(len(s), 64)])
}
