package yuv

import (
	"bytes"
	"testing"

	"acip/frame"
	"acip/internal/testkit"
)

// TestVectorsKeepWithinTheirSlices: pictures that end where memory does are read, and written, to the last byte and no
// further, and come out as in plain Go.
func TestVectorsKeepWithinTheirSlices(t *testing.T) {
	var s Shrinker
	plain := Shrinker{pure: true}
	for w := 1; w < 150; w += 1 + w/5 {
		for _, l := range layouts() {
			from := frame.Size{W: w, H: 1 + w%6}
			pix := testkit.Guarded[byte](t, sizeOf(l, from))
			copy(pix, noise(len(pix), uint64(w)))
			for _, to := range []frame.Size{from, {W: (w + 1) / 2, H: from.H}, {W: (w + 3) / 4, H: 1}, {W: (w + 4) / 5, H: 1}, {W: 1, H: 1}} {
				p := l.make(pix, from, Encoding{Live: true})
				fast, twin := frame.Frame{Pix: testkit.Guarded[byte](t, to.W*to.H*3)}, frame.Frame{}
				s.Draw(&fast, &p, to)
				plain.Draw(&twin, &p, to)
				if !bytes.Equal(fast.Pix, twin.Pix) {
					t.Fatalf("%s %v to %v: the vector passes and the plain ones differ", l.name, from, to)
				}
			}
		}
	}
}

// sizeOf is the fewest bytes that a picture takes in a layout.
func sizeOf(l layout, size frame.Size) int {
	n := 0
	p := l.make(make([]byte, size.W*size.H*4+size.H*16+64), size, Encoding{})
	for i, b := range p.bands {
		if b.bytes == 0 || p.grey && i > 0 {
			continue
		}
		rows := (size.H + b.sy - 1) / b.sy
		n = max(n, cap(p.bands[0].pix)-cap(b.pix)+(rows-1)*b.stride+b.bytes)
	}
	return n
}
