package transport

import (
	"testing"
	"testing/synctest"
	"time"
)

// clocks is a connection's clock and the two wall clocks that it stands between, each with its own error.
type clocks struct {
	clock
	mine, theirs time.Duration
}

func newClocks() *clocks {
	c := &clocks{}
	c.wall = func() time.Time { return time.Now().Add(c.mine) }
	return c
}

// trip makes a ping and its answer, which take up and down.
func (c *clocks) trip(t *testing.T, up, down time.Duration) {
	t.Helper()
	number := c.ask()
	time.Sleep(up)
	theirs := time.Now().Add(c.theirs)
	time.Sleep(down)
	sent, ok := c.find(number)
	if !ok {
		t.Fatal("the ping is not known any more")
	}
	c.answered(sent, uint64(theirs.UnixMicro()))
}

// off is by how much the peer's time is misjudged.
func (c *clocks) off() time.Duration {
	return (c.offset() - (c.theirs - c.mine)).Abs()
}

// TestClockSteps: whichever clock steps, and however far, the peer's time is known within half a round trip: at once
// where this machine's clock stepped, from the next round trip on where the peer's did.
func TestClockSteps(t *testing.T) {
	const up, down = 30 * time.Millisecond, 10 * time.Millisecond
	for _, step := range []time.Duration{50 * time.Millisecond, -50 * time.Millisecond, 3 * time.Second, -3 * time.Second, time.Hour, -24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			c := newClocks()
			for range 20 {
				c.trip(t, up, down)
				time.Sleep(2 * time.Second)
			}
			c.mine += step
			if c.off() > (up+down)/2 {
				t.Errorf("this machine's clock steps by %s: off by %s", step, c.off())
			}
			c.trip(t, up, down)
			if c.off() > (up+down)/2 {
				t.Errorf("this machine's clock stepped by %s: off by %s after a round trip", step, c.off())
			}
			c.theirs += step
			c.trip(t, up, down)
			if c.off() > (up+down)/2 {
				t.Errorf("the peer's clock stepped by %s: off by %s after a round trip", step, c.off())
			}
		})
	}
}

// TestClockPrefersQuickTrips: one that waited in a queue does not spoil what a quick one said, and a clock that is
// slewed as fast as systems do it is followed.
func TestClockPrefersQuickTrips(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClocks()
		c.theirs = time.Minute
		c.trip(t, time.Millisecond, time.Millisecond)
		for range 5 {
			c.trip(t, 900*time.Millisecond, time.Millisecond)
			if c.off() > time.Millisecond {
				t.Errorf("off by %s after a slow trip", c.off())
			}
		}
		for range 100 {
			c.theirs += time.Millisecond // in two seconds: 500 ppm
			c.trip(t, time.Millisecond, time.Millisecond)
			time.Sleep(2 * time.Second)
			if c.off() > 10*time.Millisecond {
				t.Errorf("off by %s while the peer's clock is slewed", c.off())
			}
		}
		if len(c.trips) != keptTrips {
			t.Errorf("%d trips are kept, want %d: slewing was taken for a step", len(c.trips), keptTrips)
		}
	})
}
