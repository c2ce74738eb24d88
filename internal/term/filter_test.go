package term

import (
	"strings"
	"testing"
)

func TestFilter(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain ▀ text\r\n", "plain ▀ text\r\n"},
		{"\x1b[38;2;1;2;3m\x1b[2;3Hx\x1b[K\x1b[3C\x1b[5b", "\x1b[38;2;1;2;3m\x1b[2;3Hx\x1b[K\x1b[3C\x1b[5b"},
		{"\x1b[?2026hx\x1b[?2026l", "\x1b[?2026hx\x1b[?2026l"},
		{"\x1b[?1049hx\x1b[?1000h\x1b[20h", "x"},
		{"\x1b[6n\x1b[c\x1b[>q\x1b[21tx", "x"},
		{"\x1b]52;c;cm0gLXJm\x07x\x1b]0;title\x1b\\y", "xy"},
		{"\x1bPq#0\x1b\\x\x1b_Ga=T\x1b\\y", "xy"},
		{"\x1bcx\x1b(0y", "x0y"},
		{"a\x07b\x0ec\x7fd\u009b31me", "abcd31me"},
		{"\xff\xfe\xc3x", "x"},
		{"\x1b[>4;2mx", "x"},
		{"\x1b[?5m\x1b[\x18x", "x"},
		{"\x1b[J\x1b[0J\x1b[1J\x1b[2J\x1b[3Jx\x1b[22J\x1b[2;3J\x1b[03J\x1b[3K", "\x1b[J\x1b[0J\x1b[1J\x1b[2Jx"},
		{"\x1b[9999;9999H\x1b[10000;1H\x1b[2147483647b\x1b[00001Cx\x1b[1;2;3H\x1b[1:2H", "\x1b[9999;9999Hx"},
		{"\x1b[;Hx\x1b[4:3;38:2::1:2:3mx\x1b[38;2;1;2;10000m", "\x1b[;Hx\x1b[4:3;38:2::1:2:3mx"},
	}
	for _, tt := range tests {
		var f Filter
		if got := string(f.Append(nil, []byte(tt.in))); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
		var split Filter
		var got []byte
		for _, c := range []byte(tt.in) {
			got = split.Append(got, []byte{c})
		}
		if string(got) != tt.want {
			t.Errorf("%q byte by byte: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{"x", "\x1b[31mx", "\x1b]52;c;x\x07", "\x1b[?1049h", "\x1bP\x1b\\", "\xc2\x9b31m"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var first, second Filter
		once := first.Append(nil, b)
		if twice := second.Append(nil, once); string(twice) != string(once) {
			t.Fatalf("%q is filtered to %q, that to %q", b, once, twice)
		}
		for _, bad := range []string{"\x1b]", "\x1bP", "\x1b_", "\x1b[?1", "\x1bc", "\x07", "\u009b"} {
			if strings.Contains(string(once), bad) {
				t.Fatalf("%q let %q through", b, bad)
			}
		}
	})
}
