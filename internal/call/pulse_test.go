package call

import (
	"testing"
	"time"

	"acip/internal/account"
)

// told keeps the last status.
type told struct {
	nowhere
	status Status
}

func (o *told) Status(s Status) { o.status = s }

// TestNobodyMissesWhatWasNeverSent: what a preview or a mirror shows is not told as dropped.
func TestNobodyMissesWhatWasNeverSent(t *testing.T) {
	out := &told{}
	c := New(Config{}, out)
	g := &gauge{Call: c, before: c.counts.Totals(), at: time.Now().Add(-time.Second), looked: time.Now()}
	for range 3 {
		c.counts.Capture()
		c.counts.DropUp(account.NoConnection)
	}
	g.look(time.Now())
	if out.status.Drops != 0 {
		t.Errorf("%d dropped", out.status.Drops)
	}
	g.joined = true
	c.counts.Capture()
	c.counts.DropUp(account.NoConnection)
	g.look(time.Now().Add(time.Second))
	if out.status.Drops != 1 {
		t.Errorf("%d dropped after the connection was lost", out.status.Drops)
	}
}
