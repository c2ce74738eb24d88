package transport

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestBatchesWaitOnlyWhenTheyFollow looks at the pause alone: none before the first, the rest of the moment before what
// follows, none after a quiet moment, and none that outlives the connection.
func TestBatchesWaitOnlyWhenTheyFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newConn(Options{}, false)
		took := func() time.Duration {
			began := time.Now()
			c.waitForBatch()
			d := time.Since(began)
			c.writing.batch.last = time.Now()
			return d
		}
		for i, want := range []time.Duration{0, batchEvery, batchEvery} {
			if d := took(); d != want {
				t.Errorf("packet %d waited %v, want %v", i, d, want)
			}
		}
		time.Sleep(batchEvery / 2)
		if d := took(); d != batchEvery/2 {
			t.Errorf("half a moment later it waited %v", d)
		}
		time.Sleep(2 * batchEvery)
		if d := took(); d != 0 {
			t.Errorf("after a quiet moment it waited %v", d)
		}
		close(c.closing)
		if d := took(); d != 0 {
			t.Errorf("at the end it waited %v", d)
		}
	})
}
