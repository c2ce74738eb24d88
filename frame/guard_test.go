package frame

import (
	"testing"

	"acip/internal/testkit"
)

// TestVectorsKeepWithinTheirSlices: pictures of odd sizes that end where memory does are read and written to the last
// byte and no further.
func TestVectorsKeepWithinTheirSlices(t *testing.T) {
	for w := 1; w < 80; w += 1 + w/16 {
		for _, h := range []int{1, 2, 7} {
			src := &Frame{Width: w, Height: h, Pix: testkit.Guarded[byte](t, w*h*3)}
			for _, to := range []Size{{1, 1}, {w, h}, {w + 3, h + 1}, {(w + 2) / 3, h}, {2, 5}} {
				var s Scaler
				dst := &Frame{Width: to.W, Height: to.H, Pix: testkit.Guarded[byte](t, to.W*to.H*3)}
				s.Scale(dst, Rect{0, 0, to.W, to.H}, src, Rect{0, 0, w, h})
				for _, filter := range []Filter{Area, Sharp} {
					g := Grid{X: Even(to.W), Y: Even(to.H), Filter: filter}
					s.Sample(testkit.Guarded[byte](t, to.W*to.H*4), g, src, Rect{0, 0, w, h}.Window())
				}
			}
		}
	}
}
