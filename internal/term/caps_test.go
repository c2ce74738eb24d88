package term

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func environment(list string) func(string) string {
	m := map[string]string{}
	for _, v := range strings.Fields(list) {
		k, v, _ := strings.Cut(v, "=")
		m[k] = v
	}
	return func(k string) string { return m[k] }
}

func TestGuess(t *testing.T) {
	tests := []struct {
		env   string
		color Color
		utf8  bool
		mux   string
		dumb  bool
	}{
		{"TERM=xterm LANG=C.UTF-8", Color16, true, "", false},
		{"TERM=xterm-256color LANG=de_DE.utf8", Color256, true, "", false},
		{"TERM=xterm-256color COLORTERM=truecolor LANG=C", Truecolor, utf8WithoutLocale && false, "", false},
		{"TERM=xterm-kitty LC_ALL=C.UTF-8 LANG=C", Truecolor, true, "", false},
		{"TERM=xterm LC_ALL=C LANG=C.UTF-8", Color16, false, "", false},
		{"TERM=xterm LC_CTYPE=en_US.UTF-8 LANG=C", Color16, true, "", false},
		{"TERM=tmux-256color LANG=C.UTF-8", Color256, true, "tmux", false},
		{"TERM=screen LANG=C.UTF-8", Color256, true, "screen", false},
		{"TERM=xterm-256color TMUX=/tmp/x COLORTERM=truecolor LANG=C.UTF-8", Truecolor, true, "tmux", false},
		{"TERM=screen COLORTERM=truecolor LANG=C.UTF-8", Color256, true, "screen", false},
		{"TERM=screen.xterm-256color STY=1.x COLORTERM=24bit WT_SESSION=1 LANG=C.UTF-8", Color256, true, "screen", false},
		{"TERM=xterm-kitty STY=1.x COLORTERM=truecolor LANG=C.UTF-8", Color256, true, "screen", false},
		{"TERM=screen STY=1.x NO_COLOR=1 LANG=C.UTF-8", Mono, true, "screen", false},
		{"TERM=xterm-kitty NO_COLOR=1 LANG=C.UTF-8", Mono, true, "", false},
		{"TERM=xterm-kitty NO_COLOR=yes LANG=C.UTF-8", Mono, true, "", false},
		{"TERM=xterm-kitty NO_COLOR= LANG=C.UTF-8", Truecolor, true, "", false},
		{"TERM=dumb LANG=C.UTF-8", Mono, true, "", true},
		{"LANG=C.UTF-8", Mono, true, "", true},
		{"TERM=vt100 LANG=C.UTF-8", Mono, true, "", false},
		{"TERM=linux LANG=C.UTF-8", Color16, true, "", false},
		{"TERM=foot-direct LANG=C.UTF-8", Truecolor, true, "", false},
	}
	for _, tt := range tests {
		c := Guess(environment(tt.env))
		if c.Color != tt.color || c.UTF8 != tt.utf8 || c.Multiplexer != tt.mux || c.Dumb != tt.dumb {
			t.Errorf("%s: color %v utf8 %v multiplexer %q dumb %v", tt.env, c.Color, c.UTF8, c.Multiplexer, c.Dumb)
		}
	}
}

// learned feeds a terminal's answers to what the environment gave.
func learned(env, answers string) (c Caps, last bool) {
	c = Guess(environment(env))
	new(parser).Feed([]byte(answers), func(in input) {
		if in.Reply != nil {
			last = c.answer(*in.Reply) || last
		}
	})
	return c, last
}

func TestLearn(t *testing.T) {
	tests := []struct {
		name, env, answers string
		check              func(Caps) bool
	}{
		{"xterm echoes the colour", "TERM=xterm", "\x1bP1$r0;48:2::1:2:3m\x1b\\", func(c Caps) bool { return c.Color == Truecolor }},
		{"kitty echoes the colour", "TERM=xterm", "\x1bP1$r0;48:2:1:2:3m\x1b\\", func(c Caps) bool { return c.Color == Truecolor }},
		{"mlterm echoes another", "TERM=xterm COLORTERM=truecolor", "\x1bP1$r0;48;5;16m\x1b\\", func(c Caps) bool { return c.Color == Color256 }},
		{"a refusal says nothing", "TERM=xterm COLORTERM=truecolor", "\x1bP0$r\x1b\\", func(c Caps) bool { return c.Color == Truecolor }},
		{"tmux echoes another", "TERM=tmux COLORTERM=truecolor", "\x1bP1$r0m\x1b\\", func(c Caps) bool { return c.Color == Truecolor }},
		{"xterm.js answers 0m whatever was set", "TERM=xterm-256color COLORTERM=truecolor", "\x1bP1$r0m\x1b\\", func(c Caps) bool { return c.Color == Truecolor }},
		{"an answer without parameters", "TERM=xterm-256color COLORTERM=truecolor", "\x1bP1$rm\x1b\\", func(c Caps) bool { return c.Color == Truecolor }},
		{"an answer with a foreground alone", "TERM=xterm COLORTERM=truecolor", "\x1bP1$r0;38;2;45;46;47m\x1b\\", func(c Caps) bool { return c.Color == Truecolor }},
		{"a rounded background after attributes", "TERM=xterm COLORTERM=truecolor", "\x1bP1$r0;1;40m\x1b\\", func(c Caps) bool { return c.Color == Color256 }},
		{"a rounded bright background", "TERM=xterm COLORTERM=truecolor", "\x1bP1$r100m\x1b\\", func(c Caps) bool { return c.Color == Color256 }},
		{"a rounded background with colons", "TERM=xterm COLORTERM=truecolor", "\x1bP1$r0;48:5:16m\x1b\\", func(c Caps) bool { return c.Color == Color256 }},
		{"xterm.js by its name", "TERM=xterm-256color", "\x1bP>|xterm.js(6.1.0)\x1b\\\x1bP1$r0m\x1b\\", func(c Caps) bool { return c.Color == Truecolor }},
		{"xterm.js by its DA2", "TERM=xterm-256color", "\x1b[>0;276;0c\x1bP1$r0m\x1b\\", func(c Caps) bool { return c.Color == Truecolor }},
		{"xterm.js and no colours wanted", "TERM=xterm NO_COLOR=1", "\x1bP>|xterm.js(6.1.0)\x1b\\\x1b[>0;276;0c", func(c Caps) bool { return c.Color == Mono }},
		{"screen 4.9", "TERM=xterm-256color COLORTERM=truecolor", "\x1b[>83;40900;0c", func(c Caps) bool { return c.Color == Color256 && c.Multiplexer == "screen" }},
		{"screen 4.9 with 16 colours", "TERM=xterm", "\x1b[>83;40900;0c", func(c Caps) bool { return c.Color == Color16 }},
		{"screen 5", "TERM=screen", "\x1b[>83;50000;0c", func(c Caps) bool { return c.Color == Truecolor }},
		{"screen 5 and no colours wanted", "TERM=screen NO_COLOR=1", "\x1b[>83;50001;0c", func(c Caps) bool { return c.Color == Mono }},
		{"tmux behind another name", "TERM=xterm-256color", "\x1b[>84;0;0c", func(c Caps) bool { return c.Multiplexer == "tmux" && c.Color == Color256 }},
		{"a device that says little", "TERM=xterm", "\x1b[>83c\x1b[>c", func(c Caps) bool { return c.Multiplexer == "" }},
		{"all glyphs are narrow", "TERM=screen LANG=C.UTF-8", "\x1b[1;3R\x1b[1;2R\x1b[1;2R", func(c Caps) bool { return !c.NoSextants && !c.NoOctants }},
		{"octants are dropped", "TERM=xterm LANG=C.UTF-8", "\x1b[7;3R\x1b[7;2R\x1b[7;1R", func(c Caps) bool { return !c.NoSextants && c.NoOctants }},
		{"octants are wide", "TERM=xterm LANG=C.UTF-8", "\x1b[1;3R\x1b[1;2R\x1b[1;3R", func(c Caps) bool { return c.NoOctants }},
		{"sextants are dropped too", "TERM=xterm LANG=C.UTF-8", "\x1b[1;3R\x1b[1;1R\x1b[1;1R", func(c Caps) bool { return c.NoSextants && c.NoOctants }},
		{"a multiplexer that does not say", "TERM=tmux LANG=C.UTF-8", "\x1b[?6c", func(c Caps) bool { return c.NoOctants && !c.NoSextants }},
		{"no colour stays none", "TERM=xterm NO_COLOR=1", "\x1bP1$r48:2:1:2:3m\x1b\\", func(c Caps) bool { return c.Color == Mono }},
		{"sixel", "TERM=xterm", "\x1b[?64;1;2;4;6c", func(c Caps) bool { return c.Sixel && c.Answered }},
		{"level 4 alone is no sixel", "TERM=xterm", "\x1b[?4;6c", func(c Caps) bool { return !c.Sixel }},
		{"no sixel through tmux", "TERM=tmux", "\x1b[?1;2;4c", func(c Caps) bool { return !c.Sixel }},
		{"kitty graphics", "TERM=xterm", "\x1b_Gi=31;OK\x1b\\", func(c Caps) bool { return c.Kitty }},
		{"kitty graphics refused", "TERM=xterm", "\x1b_Gi=31;ENOTSUP\x1b\\", func(c Caps) bool { return !c.Kitty }},
		{"synchronized", "TERM=xterm", "\x1b[?2026;2$y", func(c Caps) bool { return c.Sync }},
		{"not recognized", "TERM=xterm", "\x1b[?2026;0$y", func(c Caps) bool { return !c.Sync }},
		{"permanently reset", "TERM=xterm", "\x1b[?2026;4$y", func(c Caps) bool { return !c.Sync }},
		{"cell", "TERM=xterm", "\x1b[6;17;9t", func(c Caps) bool { return c.CellWidth == 9 && c.CellHeight == 17 }},
		{"a cell of nothing", "TERM=xterm", "\x1b[6;0;0t", func(c Caps) bool { return c.CellWidth == 0 }},
		{"light", "TERM=xterm", "\x1b]11;rgb:ffff/ffff/dddd\a", func(c Caps) bool { return c.Light && c.Background == "#ffffdd" }},
		{"dark", "TERM=xterm", "\x1b]11;rgb:1c/1c/1c\x1b\\", func(c Caps) bool { return !c.Light && c.Background == "#1c1c1c" }},
		{"blocks are narrow", "TERM=xterm", "\x1b[1;3R", func(c Caps) bool { return !c.WideBlocks }},
		{"blocks are wide", "TERM=xterm", "\x1b[1;5R", func(c Caps) bool { return c.WideBlocks }},
		{"half blocks are wide, quadrants not", "TERM=xterm", "\x1b[1;4R", func(c Caps) bool { return c.WideBlocks }},
		{"name", "TERM=xterm", "\x1bP>|foot(1.13.1)\x1b\\", func(c Caps) bool { return c.Name == "foot(1.13.1)" }},
		{"a hostile name", "TERM=xterm", "\x1bP>|a\x07\x1bP>|b\u202e\x1b\\", func(c Caps) bool { return c.Name == "b" }},
	}
	for _, tt := range tests {
		if c, _ := learned(tt.env, tt.answers); !tt.check(c) {
			t.Errorf("%s: %+v", tt.name, c)
		}
	}
	if _, last := learned("TERM=xterm", "\x1b[?6c"); !last {
		t.Error("DA1 is not the last answer")
	}
}

func TestQuestionsAreNeverAsked(t *testing.T) {
	if q := questions(Guess(environment("TERM=dumb"))); q != "" {
		t.Errorf("a dumb terminal is asked %q", q)
	}
	for _, env := range []string{"TERM=tmux-256color LANG=C.UTF-8", "TERM=screen LANG=C.UTF-8", "TERM=linux LANG=C.UTF-8"} {
		if q := questions(Guess(environment(env))); strings.Contains(q, "\x1b_G") {
			t.Errorf("%s is asked about kitty graphics", env)
		}
	}
	q := questions(Guess(environment("TERM=xterm LANG=C.UTF-8")))
	if !strings.HasSuffix(q, "\x1b[c") {
		t.Errorf("DA1 does not come last: %q", q)
	}
}

func TestCapsReport(t *testing.T) {
	c, _ := learned("TERM=xterm LANG=C.UTF-8", "\x1b[?2026;1$y\x1b[?62;4c")
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"term":"xterm","dumb":false,"utf8":true,"color":"16","no_color":false,"kitty":false,"sixel":true,"sync":true,"wide_blocks":false,"no_sextants":false,"no_octants":false,"light":false,"answered":true,"sources":{"color":"environment","sixel":"DA1","sync":"DECRQM","utf8":"environment"}}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
}

// tmux knows what the terminal around it can; one that does not say changes nothing.
func TestAskTmux(t *testing.T) {
	tests := []struct {
		name, answer string
		err          error
		env          map[string]string
		want         Color
	}{
		{name: "truecolor", answer: "256,RGB,bpaste,title\n", want: Truecolor},
		{name: "256 colours, whatever was inherited", answer: "256,bpaste,title\n", env: map[string]string{"COLORTERM": "truecolor"}, want: Color256},
		{name: "old", answer: "\n", want: Color256},
		{name: "old, and told", answer: "\n", env: map[string]string{"COLORTERM": "truecolor"}, want: Truecolor},
		{name: "gone", err: errors.New("no server"), want: Color256},
		{name: "no colours wanted", answer: "256,RGB\n", env: map[string]string{"NO_COLOR": "1"}, want: Mono},
	}
	for _, tt := range tests {
		c := Guess(func(k string) string {
			if v, ok := tt.env[k]; ok {
				return v
			}
			return map[string]string{"TERM": "tmux-256color", "TMUX": "/tmp/x,1,0", "LANG": "C.UTF-8"}[k]
		})
		c.askTmux(func(context.Context, ...string) (string, error) { return tt.answer, tt.err })
		if c.Color != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, c.Color, tt.want)
		}
	}
}
