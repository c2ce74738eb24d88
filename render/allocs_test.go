package render

import (
	"fmt"
	"testing"

	"acip/frame"
)

// TestFramesAllocateNothing: once a canvas has had its first pictures, in every style.
func TestFramesAllocateNothing(t *testing.T) {
	movie := []*frame.Frame{call(160, 120, 0), call(160, 120, 4), call(160, 120, 9)}
	for _, g := range []Glyphs{Half, Quadrant, Sextant, Octant, Blocks, Braille, ASCII} {
		for _, colour := range []Color{TrueColor, Color256, Color16, Mono} {
			t.Run(fmt.Sprintf("%v/%v", g, colour), func(t *testing.T) {
				c, out := NewCanvas(40, 12, Style{Glyphs: g, Color: colour}), make([]byte, 0, 1<<20)
				n, drawn := 0, 0
				draw := func() {
					f := movie[n%len(movie)]
					n++
					f.Seq = uint64(n)
					c.Picture(c.bounds(), f, PictureOptions{Fit: frame.Cover})
					out = c.Append(out[:0])
					drawn += len(out)
				}
				for range len(movie) {
					draw()
				}
				drawn = 0
				if a := testing.AllocsPerRun(2*len(movie), draw); a != 0 {
					t.Errorf("%g allocations a frame", a)
				}
				if drawn == 0 {
					t.Error("nothing was drawn")
				}
			})
		}
	}
}
