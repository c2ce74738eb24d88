package vt

import "testing"

func TestWrite(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"positions", "\x1b[2J\x1b[2;3Hx\x1b[Hy\x1b[Cz", "y z  \n  x  \n"},
		{"wraps", "\x1b[2J\x1b[Habcdef", "abcde\nf    \n"},
		{"wrap off", "\x1b[2J\x1b[?7l\x1b[Habcdef", "abcdf\n     \n"},
		{"wide", "\x1b[2J\x1b[H日x\x1b[2Hy", "日x  \ny    \n"},
		{"half of a wide one", "\x1b[2J\x1b[H日\x1b[Hx", "x    \n     \n"},
		{"repeat", "\x1b[2J\x1b[Ha\x1b[3b", "aaaa \n     \n"},
		{"lines", "\x1b[2J\x1b[Ha\r\nb\x1b[3Cc", "a    \nb   c\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := New(5, 2)
			if _, err := v.Write([]byte(c.in)); err != nil {
				t.Fatal(err)
			}
			if got := v.String(); got != c.want {
				t.Errorf("shows\n%swant\n%s", got, c.want)
			}
		})
	}
}

func TestWriteIsStrict(t *testing.T) {
	for _, in := range []string{"\x07", "\x1b[3z", "\x1b[?1234h", "\x1b[99m", "\xff", "\x1b[3;1H", "\x1b[2;1H\n", "\x1bX", "\x1b[38;9m"} {
		if _, err := New(5, 2).Write([]byte(in)); err == nil {
			t.Errorf("%q passes", in)
		}
	}
}

func TestWriteInPieces(t *testing.T) {
	v := New(5, 2)
	for _, b := range []byte("\x1b[2J\x1b[H\x1b[38;2;1;2;3mab") {
		v.Write([]byte{b})
	}
	if c := v.Cell(1, 0); c.Text != "b" || c.FG != (Color{RGB, 1, 2, 3}) || v.Pending() {
		t.Errorf("shows %+v", c)
	}
}
