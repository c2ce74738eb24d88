package ui

import (
	"reflect"
	"strings"
	"testing"
	"unicode"

	"acip/render"
)

func TestClean(t *testing.T) {
	tests := []struct{ in, want string }{
		{"bob", "bob"},
		{"  a   b\t\nc ", "a b c"},
		{"\x1b[31mred\x07", "[31mred"},
		{"\u202eevil\u2066x", "evilx"},
		{"\u200b\u200d\ufeff", ""},
		{"a" + strings.Repeat("\u0301", 50), "a" + strings.Repeat("\u0301", maxMarks)},
		{"\u0301\u0301alone", "alone"},
		{"e\u0301té", "e\u0301té"},
		{"👩\u200d🚀 pilot", "👩\u200d🚀 pilot"},
		{"日本語", "日本語"},
		{"\xff\xfe bad", "bad"},
		{"\u009b31mC1", "31mC1"},
		{strings.Repeat("x", 100), strings.Repeat("x", 32)},
	}
	for _, tt := range tests {
		if got := clean(tt.in, 32); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestCutAndWrap(t *testing.T) {
	if got := cut("日本語", 5, "…"); got != "日本…" {
		t.Errorf("got %q", got)
	}
	if got := cut("abc", 3, "…"); got != "abc" {
		t.Errorf("got %q", got)
	}
	if got := cut("abc", 0, "…"); got != "" {
		t.Errorf("got %q", got)
	}
	want := []string{"a few", "words", "averyl", "ongwor", "d", "日本語"}
	if got := wrap("a few words averylongword 日本語", 6); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := wrap("日本語", 5), []string{"日本", "語"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestInitials(t *testing.T) {
	for in, want := range map[string]string{"bob": "B", "Ada Lovelace": "AL", "a-b-c": "AB", "": "?", "!!": "?", "émile": "É", "42nd": "4"} {
		if got := initials(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Whatever a peer is called and says, the terminal gets only what it knows, and no row is wider than it should be: the
// emulator is strict about both.
func FuzzNamesToScreen(f *testing.F) {
	for _, s := range []string{"bob", "\x1b[2J", "日本語", "👩\u200d👩\u200d👧", "a\u0301\u0302\u0303", "\u202eabc", strings.Repeat("wide語", 50), "\u200f", "🇩🇪🇫🇷", "\x9b31m"} {
		f.Add(s, s, uint8(80), uint8(24))
	}
	f.Fuzz(func(t *testing.T, name, text string, cols, rows uint8) {
		s := newTestScreen(t, int(cols)%200+1, int(rows)%60+1, Options{Plain: cols&1 == 1}, render.Style{})
		s.up()
		s.update(Joined{ID: 1, Name: name})
		s.update(Joined{ID: 2, Name: name + "2", Watch: true})
		s.update(ChatLine{From: name, Text: text})
		s.update(Notice{Text: text, Hint: name})
		s.draw()
		s.keys("t")
		s.update(Key{Code: Pasted, Text: text})
		s.draw()
		for _, line := range strings.Split(s.text(), "\n") {
			if strings.ContainsFunc(line, unicode.IsControl) {
				t.Errorf("control characters on the screen: %q", line)
			}
		}
	})
}
