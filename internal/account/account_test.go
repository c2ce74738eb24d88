package account

import (
	"fmt"
	"testing"
	"time"
)

func TestHistogram(t *testing.T) {
	var h histogram
	if h.percentile(0.5) != 0 {
		t.Error("an empty one has ages")
	}
	for i := 1; i <= 1000; i++ {
		h.add(time.Duration(i) * time.Millisecond)
	}
	for p, want := range map[float64]float64{0.5: 500, 0.99: 990, 1: 1000} {
		if got := millis(h.percentile(p)); got < want*0.98 || got > want*1.02 {
			t.Errorf("p%v is %v ms, want about %v", p*100, got, want)
		}
	}
}

// The accounts of members that left are bounded, and no picture is lost from the sums.
func TestAccountsOfThoseWhoLeftAreBounded(t *testing.T) {
	c := New()
	const n = 4 * keptNames
	for i := range n {
		id := uint32(i + 1)
		c.Name(id, fmt.Sprint("m", i))
		c.Receive(id, 10)
		c.Draw(id, time.Millisecond, time.Now())
		c.Forget(id)
		c.Receive(id+1<<20, 1) // of nobody
		c.DropDown(id+1<<20, Unwanted)
	}
	if len(c.peers) > keptLeft+1 || len(c.gone) > keptNames+1 {
		t.Errorf("%d accounts by id, %d by name", len(c.peers), len(c.gone))
	}
	s := c.Stats(time.Second)
	if s.Received != 2*n || s.Drawn != n || s.Down[Unwanted] != n || c.Totals().Received != 2*n {
		t.Errorf("%d received, %d drawn, dropped %v", s.Received, s.Drawn, s.Down)
	}
}

// The age is that of peers in view: one that left or is no longer drawn does not count, however late its last picture was.
func TestDelayIsOfThoseInView(t *testing.T) {
	c := New()
	now := time.Now()
	for id, age := range map[uint32]time.Duration{1: time.Hour, 2: time.Minute, 3: time.Second} {
		c.Name(id, fmt.Sprint(id))
		c.Receive(id, 1)
		at := now
		if id == 2 {
			at = now.Add(-inView)
		}
		c.Draw(id, age, at)
	}
	if got := c.Totals().Age; got != time.Hour {
		t.Errorf("%v", got)
	}
	c.Forget(1)
	if got := c.Totals().Age; got != time.Second {
		t.Errorf("after the first left: %v", got)
	}
	c.Forget(3)
	if got := c.Totals().Age; got != 0 {
		t.Errorf("with nobody in view: %v", got)
	}
}
