package client

import (
	"testing"
	"testing/synctest"
	"time"

	"acip/frame"
)

func TestHandoverWaitsALittleAndThenDropsTheOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHandover()
		pic := func(n uint64) *frame.Frame { f := frame.New(2, 2); f.Seq = n; return f }
		for n := range uint64(waitingMost) {
			if h.put(1, pic(n)) != 0 {
				t.Fatal("lost with room to spare")
			}
		}
		start := time.Now()
		if h.put(1, pic(9)) != 1 || time.Since(start) != roomWithin {
			t.Errorf("a full line lost nothing, or took %v", time.Since(start))
		}
		if p := h.take(); p.Seq != 1 {
			t.Errorf("the oldest is %d", p.Seq)
		}
		go func() { time.Sleep(roomWithin / 2); h.take() }()
		h.put(1, pic(10))
		if h.put(1, pic(11)) != 0 {
			t.Error("room came in time, and a picture was lost")
		}
		n := 0
		h.close(func(*passed) { n++ })
		if n != waitingMost || h.put(1, pic(12)) != 1 {
			t.Errorf("%d left at the end", n)
		}
	})
}

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
