package render

import "testing"

// TestLettersAreASCII draws a lively picture in letters: not even a flat cell is a block, which could be two cells wide.
func TestLettersAreASCII(t *testing.T) {
	for _, color := range []Color{TrueColor, Color256, Color16, Mono} {
		c := NewCanvas(40, 12, Style{Glyphs: ASCII, Color: color})
		for n := range 8 {
			c.Picture(c.bounds(), moving(80, 48, n, 3), PictureOptions{})
			for _, b := range c.Append(nil) {
				if b >= 0x80 {
					t.Fatalf("picture %d in %v has a byte of %#x", n, color, b)
				}
			}
		}
	}
}
