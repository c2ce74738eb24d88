package stream

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
		for n := range uint64(maxQueued) {
			if h.put(1, pic(n)) != 0 {
				t.Fatal("lost though it was not full")
			}
		}
		start := time.Now()
		if h.put(1, pic(9)) != 1 || time.Since(start) != putTimeout {
			t.Errorf("a full queue lost nothing, or took %v", time.Since(start))
		}
		if p := h.take(); p.Seq != 1 {
			t.Errorf("the oldest is %d", p.Seq)
		}
		go func() { time.Sleep(putTimeout / 2); h.take() }()
		h.put(1, pic(10))
		if h.put(1, pic(11)) != 0 {
			t.Error("a picture was taken in time, and a picture was lost")
		}
		n := 0
		h.close(func(*queuedFrame) { n++ })
		if n != maxQueued || h.put(1, pic(12)) != 1 {
			t.Errorf("%d left at the end", n)
		}
	})
}
