package render

import (
	"testing"

	"acip/internal/testkit/vt"
)

// FuzzText writes anything anywhere: the terminal must understand it and show what the canvas says.
func FuzzText(f *testing.F) {
	for _, w := range words {
		f.Add(w, 3, 1)
	}
	f.Add("\xff\xfe\x9b31m", 0, 0)
	f.Add("a\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030a\u030b\u030c\u030d\u030e\u030f\u0310\u0311", 8, 2)
	f.Add("\u200d\ufe0f\u2069\u202e\u0085\u2028", -1, 0)
	f.Fuzz(func(t *testing.T, s string, x, y int) {
		c, v := NewCanvas(12, 3, Style{}), vt.New(12, 3)
		width := TextWidth(s)
		if n := c.Text(x, y, s, TextStyle{}); n != width {
			t.Errorf("%q takes %d columns, was said to take %d", s, n, width)
		}
		if _, err := v.Write(c.Append(nil)); err != nil {
			t.Fatal(err)
		}
		if err := compare(c, c.shown, v); err != nil {
			t.Fatal(err)
		}
	})
}
