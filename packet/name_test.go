package packet_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"pgregory.net/rapid"

	"acip/packet"
)

// TestCleanName: what names become.
func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		"alice": "alice", "": "guest", "  ": "guest", " a  b ": "a  b", "\t\n\r": "guest", "a\tb": "ab", "a\nb\r\n c": "ab c",
		"\x1b[31mred\x1b[0m": "[31mred[0m", "\x1b]0;title\x07x": "]0;titlex", "a\u009b31mb": "a31mb", "a\x00b\x7fc": "abc",
		"\u202eevil\u202c": "evil", "a\u200bb\u200dc\ufeffd": "abcd", "\u2066x\u2069": "x", "a\u00adb": "ab",
		"x\u2028y\u2029z": "x y z", "\u00a0a\u3000": "a", "\xff\xfea": "a", "\u0301a": "a", "e\u0301": "e\u0301",
		"Зоя": "Зоя", "日本語": "日本語", "\U0001F469\u200d\U0001F469": "\U0001F469\U0001F469", "❤\ufe0f": "❤", "\ue000x": "x", "\u3164": "guest",
		strings.Repeat("x", 40): strings.Repeat("x", 32), strings.Repeat("日", 40): strings.Repeat("日", 16),
		strings.Repeat("x", 31) + "日": strings.Repeat("x", 31), strings.Repeat("x", 31) + " y": strings.Repeat("x", 31),
		strings.Repeat(" ", 1000) + "late": "late", "e" + strings.Repeat("\u0301", 99): "guest",
	} {
		if got := packet.CleanName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// cleaned fails the test if s holds anything that must not reach a terminal.
func cleaned(t interface{ Fatalf(string, ...any) }, s string) {
	if !utf8.ValidString(s) || strings.TrimSpace(s) != s {
		t.Fatalf("%q", s)
	}
	for _, r := range s {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp, unicode.Bidi_Control, unicode.Join_Control) {
			t.Fatalf("%q holds %U", s, r)
		}
	}
}

// TestNamesAreSafe is lesson 16: whatever comes in, nothing that moves a cursor, hides or turns text around comes out,
// and cleaning twice changes nothing.
func TestNamesAreSafe(t *testing.T) {
	nasty := rapid.SampledFrom([]string{"\x1b", "\u009b", "\u202e", "\u2066", "\u200d", "\u200b", "\ufeff", "\u0301", "日", "a", " ", "\xff", "👩", "🇩", "\ufe0f", "ﷺ", "\u0bf5", "-"})
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOfN(nasty, 0, 60).Draw(t, "parts"), "") + rapid.String().Draw(t, "more")
		name := packet.CleanName(in)
		cleaned(t, name)
		if utf8.RuneCountInString(name) > 32 || uniseg.StringWidth(name) > 32 || name == "" {
			t.Fatalf("%q is too long", name)
		}
		if packet.CleanName(name) != name {
			t.Fatalf("%q is cleaned again to %q", name, packet.CleanName(name))
		}
		text := packet.CleanText(in)
		cleaned(t, text)
		if packet.CleanText(text) != text {
			t.Fatalf("%q is cleaned again", text)
		}
		suffixed := packet.SuffixName(name, rapid.IntRange(2, 99999).Draw(t, "n"))
		cleaned(t, suffixed)
		if utf8.RuneCountInString(suffixed) > 32 || uniseg.StringWidth(suffixed) > 32 {
			t.Fatalf("%q is too long", suffixed)
		}
	})
	if n := len(packet.CleanText(strings.Repeat("\x1b[2Jx", 2<<20))); n != packet.MaxText {
		t.Errorf("10 MB of text became %d bytes", n)
	}
}

// TestUniqueName: everybody called alice is welcome.
func TestUniqueName(t *testing.T) {
	taken := map[string]bool{}
	for _, want := range []string{"alice", "alice-2", "alice-3"} {
		got := packet.UniqueName(" alice\x1b", func(s string) bool { return taken[s] })
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
		taken[got] = true
	}
	long := strings.Repeat("x", 32)
	if got := packet.UniqueName(long, func(s string) bool { return s == long }); got != long[:30]+"-2" {
		t.Errorf("%q", got)
	}
	wide := strings.Repeat("日", 16)
	if got := packet.UniqueName(wide, func(s string) bool { return s == wide }); got != strings.Repeat("日", 15)+"-2" {
		t.Errorf("%q", got)
	}
}

// TestValidRoom: letters, digits, '-', '_' and '.'.
func TestValidRoom(t *testing.T) {
	for room, want := range map[string]bool{"lobby": true, "a": true, "A.b-c_9": true, "": false, "a b": false, "ä": false, "a/b": false,
		"a\n": false, strings.Repeat("x", 64): true, strings.Repeat("x", 65): false} {
		if packet.ValidRoom(room) != want {
			t.Errorf("%q", room)
		}
	}
}
