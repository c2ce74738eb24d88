package term

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"
)

// show writes inputs so that tables can be read.
func show(in input) string {
	if r := in.Reply; r != nil {
		return fmt.Sprintf("reply %d %v %q", r.Kind, r.Params, r.Text)
	}
	k := in.Key
	s := ""
	if k.Ctrl {
		s += "ctrl-"
	}
	if k.Alt {
		s += "alt-"
	}
	switch k.Code {
	case Rune:
		return s + string(k.Rune)
	case Function:
		return s + fmt.Sprintf("F%d", k.Rune)
	case Pasted:
		return "paste " + k.Text
	}
	return s + map[Code]string{
		Enter: "enter", Tab: "tab", BackTab: "backtab", Backspace: "backspace", Escape: "escape", Up: "up", Down: "down", Left: "left",
		Right: "right", Home: "home", End: "end", PageUp: "pgup", PageDown: "pgdn", Insert: "insert", Delete: "delete",
	}[k.Code]
}

func parse(p *parser, pieces ...string) (list []string) {
	for _, s := range pieces {
		p.Feed([]byte(s), func(in input) { list = append(list, show(in)) })
	}
	return list
}

func TestParser(t *testing.T) {
	tests := []struct{ in, want string }{
		{"q", "q"},
		{" ?1", " |?|1"},
		{"\r\n\t\x7f\b", "enter|enter|tab|backspace|backspace"},
		{"\x03\x1a\x0c", "ctrl-c|ctrl-z|ctrl-l"},
		{"é€😀", "é|€|😀"},
		{"\xff\xc3q", "q"},
		{"\x1b[A\x1b[B\x1b[C\x1b[D\x1bOA", "up|down|right|left|up"},
		{"\x1b[1;5A\x1b[1;3C", "ctrl-up|alt-right"},
		{"\x1b[5~\x1b[6~\x1b[3~\x1b[H\x1b[F\x1b[Z", "pgup|pgdn|delete|home|end|backtab"},
		{"\x1bOP\x1b[15~\x1b[24~", "F1|F5|F12"},
		{"\x1bx\x1b\x7f", "alt-x|alt-backspace"},
		{"\x1b[113u\x1b[99;5u\x1b[13u", "q|ctrl-c|enter"},
		// xterm's modifyOtherKeys, formatOtherKeys 0 and 1.
		{"\x1b[27;5;99~\x1b[99;5u\x1b[27;6;67~\x1b[67;6u", "ctrl-c|ctrl-c|ctrl-c|ctrl-c"},
		{"\x1b[27;2;63~\x1b[63;2u\x1b[27;2;65~\x1b[65;2u", "?|?|A|A"},
		{"\x1b[27;5;13~\x1b[27;2;13~\x1b[13;2u\x1b[27;2;9~\x1b[9;2u\x1b[27;5;9~", "ctrl-enter|enter|enter|backtab|backtab|ctrl-tab"},
		{"\x1b[27;5;8~\x1b[27;2;127~\x1b[27;1;27~\x1b[27;2;27~\x1b[27u", "ctrl-backspace|backspace|escape|escape|escape"},
		{"\x1b[27;3;113~\x1b[113;3u\x1b[27;4;81~\x1b[27;7;99~", "alt-q|alt-q|alt-Q|ctrl-alt-c"},
		{"\x1b[27;5;91~\x1b[27;5;105~\x1b[27;5;109~\x1b[27;5;104~\x1b[27;5;63~", "escape|tab|enter|backspace|backspace"},
		{"\x1b[27;5;32~\x1b[27;5;64~\x1b[27;5;92~\x1b[27;5;122~\x1b[122;5u", "ctrl- |ctrl- |ctrl-\\|ctrl-z|ctrl-z"},
		{"\x1b[27;2;228~\x1b[27;2;8364~\x1b[27;2;32~", "Ä|€| "},
		{"\x1b[27;5;1~\x1b[27;5;0~q\x1b[27;5~q\x1b[27~q", "ctrl-a|reply 0 [] \"\"|q|reply 0 [] \"\"|q|reply 0 [] \"\"|q"},
		// kitty's protocol: alternates, events, text, its keypad, keys of its own.
		{"\x1b[97;2u\x1b[97:65;2u\x1b[47:63;2u\x1b[47;2u\x1b[47;2;63u\x1b[55:47:55;2u", "A|A|?|?|?|/"},
		{"\x1b[113;1:1u\x1b[113;1:2u\x1b[113;1:3u\x1b[1;1:3A\x1b[3;1:3~\x1b[1;1:1B", "q|q|reply 0 [] \"\"|reply 0 [] \"\"|reply 0 [] \"\"|down"},
		{"\x1b[113;65u\x1b[113;66u\x1b[113;129u\x1b[113;9u\x1b[1089::99;5u", "Q|q|q|alt-q|ctrl-c"},
		{"\x1b[57400u\x1b[57414u\x1b[57417;5u\x1b[57441;2u\x1b[57427u\x1b[57358u", "1|enter|ctrl-left|reply 0 [] \"\"|reply 0 [] \"\"|reply 0 [] \"\""},
		{"\x1b[99;5;99u\x1b[228;1;228u\x1b[u\x1b[;u", "ctrl-c|ä|reply 0 [] \"\"|reply 0 [] \"\""},
		{"\x1b[0n", "reply 1 [0] \"\""},
		{"\x1b[1;3R", "reply 2 [1 3] \"\""},
		{"\x1b[?64;1;4;22c", "reply 3 [64 1 4 22] \"\""},
		{"\x1b[6;16;8t", "reply 4 [16 8] \"\""},
		{"\x1b[?2026;2$y", "reply 5 [2026 2] \"\""},
		{"\x1bP1$r0;48:2:1:2:3m\x1b\\", "reply 6 [] \"0;48:2:1:2:3m\""},
		{"\x1bP0$r\x1b\\", "reply 6 [] \"\""},
		{"\x1b]11;rgb:0000/0000/0000\x1b\\", "reply 7 [] \"rgb:0000/0000/0000\""},
		{"\x1b]11;rgb:ff/ff/ff\aq", "reply 7 [] \"rgb:ff/ff/ff\"|q"},
		{"\x1b_Gi=31;OK\x1b\\", "reply 8 [] \"OK\""},
		{"\x1bP>|kitty(0.26.5)\x1b\\", "reply 9 [] \"kitty(0.26.5)\""},
		// What nobody asked for is swallowed.
		{"\x1b[<0;10;10Mq", "reply 0 [] \"\"|q"},
		{"\x1b[Mabcq", "q"},
		{"\x1b[Iq\x1b[Oq", "reply 0 [] \"\"|q|reply 0 [] \"\"|q"},
		{"\x1b[[Aq", "q"},
		{"\x1b^private\x1b\\q", "reply 0 [] \"\"|q"},
		{"\x1bPabc\x18q", "q"},
		{"\x1b[12\x1b[Aq", "up|q"},
		{"\x1b[" + strings.Repeat("1;", 200) + "Aq", "q"},
		{"\x1b]" + strings.Repeat("x", 5000) + "\aq", "reply 0 [] \"\"|q"},
		// Pasted text is no keys.
		{"\x1b[200~quit\rnow\x1b[201~q", "paste quit\rnow|q"},
		{"\x1b[200~\x1b[A\x1b[201~", "paste \x1b[A"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%.30q", tt.in), func(t *testing.T) {
			want := strings.Split(tt.want, "|")
			if got := parse(new(parser), tt.in); !reflect.DeepEqual(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			// However the bytes are split, the same comes out.
			if got := parse(new(parser), strings.Split(tt.in, "")...); !reflect.DeepEqual(got, parse(new(parser), tt.in)) {
				t.Errorf("byte by byte: got %q, want %q", got, want)
			}
		})
	}
}

// An answer whose first byte came long before the rest must not end as keys.
func TestParserSplitReplies(t *testing.T) {
	replies := []string{"\x1b[0n", "\x1b[?64;1;4c", "\x1bP1$r48:2:1:2:3m\x1b\\", "\x1b]11;rgb:0/0/0\x1b\\", "\x1b_Gi=31;OK\x1b\\", "\x1b[1;3R"}
	for _, reply := range replies {
		for cut := 1; cut < len(reply); cut++ {
			var p parser
			var keys []string
			emit := func(in input) {
				if in.Reply == nil && in.Key.Code != Escape {
					keys = append(keys, show(in))
				}
			}
			p.Feed([]byte(reply[:cut]), emit)
			if cut == 1 {
				p.Idle(true, emit) // the pause was longer than an Escape key may take
			}
			p.Feed([]byte(reply[cut:]), emit)
			if len(keys) > 0 {
				t.Errorf("%q split at %d gave keys %q", reply, cut, keys)
			}
		}
	}
}

func TestParserEscapeKey(t *testing.T) {
	var p parser
	got := parse(&p, "\x1b")
	if len(got) != 0 || p.Timeout(false) != 40*time.Millisecond {
		t.Fatalf("a lone ESC gave %q at once, timeout %v", got, p.Timeout(false))
	}
	p.Idle(false, func(in input) { got = append(got, show(in)) })
	got = append(got, parse(&p, "q")...)
	if want := []string{"escape", "q"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A string that never ends does not take the keyboard away for ever.
func TestParserGivesUp(t *testing.T) {
	var p parser
	got := parse(&p, "\x1bPnever ending")
	p.Idle(false, func(in input) { got = append(got, show(in)) })
	got = append(got, parse(&p, "q")...)
	if want := []string{"q"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParserPasteIsBounded(t *testing.T) {
	var p parser
	total := 0
	emit := func(in input) { total += len(in.Key.Text) }
	p.Feed([]byte("\x1b[200~"), emit)
	for range 100 {
		p.Feed([]byte(strings.Repeat("ä", 2000)), emit)
		if len(p.buf) > 2*pastePiece {
			t.Fatalf("%d bytes are kept", len(p.buf))
		}
	}
	if total > maxPaste {
		t.Errorf("%d bytes were pasted, limit %d", total, maxPaste)
	}
}

// Any splitting of any mixture of keys and replies gives the same inputs.
func TestParserSplitting(t *testing.T) {
	pieces := []string{"q", "é", "\x1b[A", "\x1b[0n", "\x1bP1$r0m\x1b\\", "\x1b]11;rgb:1/2/3\a", "\x1b_Gi=31;OK\x1b\\", "\x1b[200~x y\x1b[201~", "\r", "\x1b[?6c"}
	rapid.Check(t, func(t *rapid.T) {
		all := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 20).Draw(t, "pieces"), "")
		whole := parse(new(parser), all)
		var parts []string
		for rest := all; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "cut")
			parts, rest = append(parts, rest[:n]), rest[n:]
		}
		if got := parse(new(parser), parts...); !reflect.DeepEqual(got, whole) {
			t.Fatalf("split %q: %q, whole: %q", parts, got, whole)
		}
	})
}

func FuzzParser(f *testing.F) {
	for _, s := range []string{"q", "\x1b[0n", "\x1b[1;3R", "\x1bP1$r48:2:1:2:3m\x1b\\", "\x1b]11;rgb:ffff/ffff/ffff\a", "\x1b_Gi=31;OK\x1b\\", "\x1b[200~x\x1b[201~", "\x1b[M   ", "\xf0\x9f\x98\x80", "\x1bOP", "\x1b[97;5u"} {
		f.Add([]byte(s), uint8(3))
	}
	f.Fuzz(func(t *testing.T, b []byte, step uint8) {
		var p parser
		caps := Guess(func(string) string { return "xterm" })
		emit := func(in input) {
			if in.Reply != nil {
				caps.answer(*in.Reply)
				return
			}
			if r := in.Key.Rune; r != 0 && in.Key.Code == Rune && unicode.IsControl(r) && !in.Key.Ctrl {
				t.Errorf("control character %q came out as a key", r)
			}
		}
		for n := int(step)%7 + 1; len(b) > 0; b = b[min(n, len(b)):] {
			p.Feed(b[:min(n, len(b))], emit)
			if step&8 != 0 {
				p.Idle(step&16 != 0, emit)
			}
		}
		for range 3 {
			p.Idle(false, emit)
		}
		quit := false
		p.Feed([]byte("\x1b\\\x18 q"), func(in input) { quit = quit || in.Reply == nil && in.Key.Rune == 'q' })
		if !quit {
			t.Error("the keyboard is dead")
		}
		for _, r := range caps.Name {
			if r < 0x20 || r > 0x7e {
				t.Errorf("name with %q", r)
			}
		}
	})
}
