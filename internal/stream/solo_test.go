package stream

import (
	"bytes"
	"testing"

	"acip/frame"
)

// TestFirstSizeStays: a stream keeps the size of its first picture, later ones are scaled to it.
func TestFirstSizeStays(t *testing.T) {
	var buf bytes.Buffer
	w := scaledWriter{sink: &rgbSink{w: &buf}}
	for _, size := range []frame.Size{{W: 40, H: 30}, {W: 80, H: 60}, {W: 20, H: 30}} {
		f := frame.New(size.W, size.H)
		for i := range f.Pix {
			f.Pix[i] = 200
		}
		if err := w.write(f); err != nil {
			t.Fatal(err)
		}
	}
	if n := buf.Len(); n != 3*40*30*3 {
		t.Fatalf("%d bytes", n)
	}
	last := buf.Bytes()[2*40*30*3:]
	if last[0] != 0 || last[20*3] != 200 {
		t.Errorf("a narrower picture has no bars: %d, %d", last[0], last[20*3])
	}
}
