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

// What a preview or a mirror shows does not count as dropped.
func TestNobodyMissesWhatWasNeverSent(t *testing.T) {
	out := &told{}
	c := New(Config{}, out)
	m := newLinkMonitor(c, time.Now().Add(-time.Second))
	for range 3 {
		c.account.Capture()
		c.account.DropUp(account.NoConnection)
	}
	m.sample(time.Now())
	if out.status.Drops != 0 {
		t.Errorf("%d dropped", out.status.Drops)
	}
	m.connected = true
	c.account.Capture()
	c.account.DropUp(account.NoConnection)
	m.sample(time.Now().Add(time.Second))
	if out.status.Drops != 1 {
		t.Errorf("%d dropped after the connection was lost", out.status.Drops)
	}
}
