package render

import (
	"fmt"
	"testing"

	"acip/frame"
	"acip/internal/testkit"
)

// TestGolden keeps the bytes of a first frame and of the change to a second one, for every glyph set and depth.
func TestGolden(t *testing.T) {
	for _, g := range []Glyphs{ASCII, Half, Quadrant, Sextant, Octant, Blocks, Braille} {
		for _, color := range []Color{TrueColor, Color256, Color16, Mono} {
			c := NewCanvas(20, 6, Style{Glyphs: g, Color: color, Sync: true})
			c.Picture(frame.Rect{W: 20, H: 5}, moving(96, 48, 0, 0), PictureOptions{Fit: frame.Cover})
			c.Text(1, 5, "hallo 日本", TextStyle{FG: Indexed(3), Attr: Bold})
			out := c.Append(nil)
			c.Picture(frame.Rect{W: 20, H: 5}, moving(96, 48, 1, 0), PictureOptions{Fit: frame.Cover})
			testkit.Golden(t, fmt.Sprintf("%v-%v.ans", g, color), c.Append(out))
		}
	}
}
