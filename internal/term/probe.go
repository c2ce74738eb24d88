package term

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// questions is everything asked of a terminal, in one write. DA1 comes last:
// every terminal answers it, so what has not been answered before it never
// will be. Behind a multiplexer graphics are not asked for: it would swallow
// or misplace them.
func questions(c Caps) string {
	if c.Dumb {
		return ""
	}
	ask := askVersion + askCellSize + askSync + askBackground + probeStyle + askStyle + plainStyle
	if c.UTF8 {
		ask += probeBlock + askPosition + home + eraseLine
	}
	if c.Multiplexer == "" && !strings.HasPrefix(c.Term, "linux") {
		ask += askKitty
	}
	return ask + askAttributes
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
		c.learn("name", "XTVERSION", func() { c.Name = printable(r.Text) })
	case cellSizeReply:
		c.learnCell(r.Params)
	case modeReply:
		c.learnMode(r.Params)
	case colorReply:
		c.learnBackground(r.Text)
	case styleReply:
		c.learnColor(r.Text)
	case positionReply:
		c.learnWidth(r.Params)
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

// learnColor reads the style that we set a moment before. A terminal that
// echoes another colour has rounded it; a refusal says nothing.
func (c *Caps) learnColor(style string) {
	if style == "" || c.NoColor {
		return
	}
	c.learn("color", "DECRQSS", func() {
		switch {
		case exactStyle(style):
			c.Color = Truecolor
		case c.Color == Truecolor && c.Multiplexer == "":
			c.Color = Color256
		}
	})
}

// exactStyle accepts the spellings in use: 48;2;1;2;3, 48:2:1:2:3 and
// 48:2::1:2:3, with or without a leading 0.
func exactStyle(style string) bool {
	style = strings.TrimSuffix(style, "m")
	style = strings.ReplaceAll(style, ":", ";")
	style = strings.ReplaceAll(style, ";;", ";")
	return style == "48;2;1;2;3" || strings.HasSuffix(style, ";48;2;1;2;3") || strings.HasSuffix(style, "48;2;0;1;2;3")
}

// learnWidth reads where the cursor stood after two block glyphs. Some terminals draw half blocks wide and quadrants not:
// one is enough.
func (c *Caps) learnWidth(p []int) {
	if len(p) == 2 && p[0] == 1 && p[1] >= 3 && p[1] <= 5 {
		c.learn("wide_blocks", "cursor report", func() { c.WideBlocks = p[1] > 3 })
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

// parseColor reads XParseColor's rgb:r/g/b, each of one to four hex digits,
// with an optional alpha.
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
