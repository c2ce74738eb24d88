package call

import (
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	var b backoff
	if d := b.next(0); d != 0 {
		t.Errorf("the first attempt waits %v", d)
	}
	want := backoffFirst
	for range 10 {
		d := b.next(0)
		if d > want || d < want*2/3 {
			t.Errorf("waits %v, want about %v", d, want)
		}
		want = min(want*2, backoffMax)
	}
	if d := b.next(3 * time.Second); d < 3*time.Second || d > 4*time.Second {
		t.Errorf("asked to stay away for 3 s, waits %v", d)
	}
	for reason, d := range map[string]time.Duration{"draining: retry after 2 s": 2 * time.Second, "retry after 15s": 15 * time.Second, "bye": 0, "retry after 99999 s": 0} {
		if got := retryAfter(reason); got != d {
			t.Errorf("%q: %v", reason, got)
		}
	}
}

func TestChooseCodec(t *testing.T) {
	for _, c := range []struct {
		wish   string
		theirs []string
		want   string
	}{
		{"raw", []string{"jpeg", "raw"}, "raw"}, {"jpeg", []string{"vp8", "jpeg", "raw"}, "jpeg"},
		{"auto", []string{"jpeg", "raw"}, "jpeg"}, {"auto", []string{"raw"}, "raw"}, {"vp8", []string{"jpeg"}, "jpeg"}, {"auto", nil, "raw"},
	} {
		if got := chooseCodec(c.wish, c.theirs).String(); got != c.want {
			t.Errorf("%s for %v: %s, want %s", c.wish, c.theirs, got, c.want)
		}
	}
}
