package stream

import (
	"testing"

	"acip/frame"
)

func TestTileRects(t *testing.T) {
	size := frame.Size{W: 640, H: 480}
	for n := 1; n <= 32; n++ {
		rects := tileRects(size, frame.Size{W: 1, H: 2}, n)
		seen := frame.Rect{W: size.W, H: size.H}
		for i, r := range rects {
			if r.Empty() || r.Intersect(seen) != r || r.Y%2 != 0 || r.H%2 != 0 {
				t.Fatalf("%d tiles: %v is not on the page", n, r)
			}
			for _, o := range rects[:i] {
				if !r.Intersect(o).Empty() {
					t.Fatalf("%d tiles: %v and %v overlap", n, r, o)
				}
			}
		}
	}
	if r := tileRects(size, frame.Size{W: 1, H: 1}, 4); r[3] != (frame.Rect{X: 320, Y: 240, W: 320, H: 240}) {
		t.Errorf("the last of four is %v", r[3])
	}
}
