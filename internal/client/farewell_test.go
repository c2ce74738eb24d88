package client

import (
	"testing"
	"time"

	"acip/internal/account"
)

func TestSummary(t *testing.T) {
	s := account.Stats{Seconds: 723, BytesIn: 12_340_000, BytesOut: 4_100}
	for want, c := range map[string]struct{ met, kept []string }{
		"12 min 3 s in lobby, alone; 12.3 MB received, 4.1 kB sent":                             {},
		"12 min 3 s in lobby, with alice; 12.3 MB received, 4.1 kB sent; recorded ~/a.cast":     {[]string{"alice"}, []string{"/home/ann/a.cast"}},
		`12 min 3 s in lobby, with a, "b; c" and d; 12.3 MB received, 4.1 kB sent`:              {[]string{"a", "b; c", "d"}, nil},
		"12 min 3 s in lobby, with a, b, c, d, e and 2 more; 12.3 MB received, 4.1 kB sent":     {[]string{"a", "b", "c", "d", "e", "f", "g"}, nil},
		"12 min 3 s in lobby, alone; 12.3 MB received, 4.1 kB sent; recorded /a; recorded /b/c": {nil, []string{"/a", "/b/c"}},
	} {
		if got := summary(s, "lobby", c.met, c.kept, "/home/ann"); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	for d, want := range map[time.Duration]string{400 * time.Millisecond: "0 s", 59*time.Second + 600*time.Millisecond: "1 min 0 s", 61 * time.Minute: "1 h 1 min"} {
		if got := duration(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	for n, want := range map[uint64]string{0: "0 bytes", 999: "999 bytes", 1000: "1.0 kB", 2_500_000_000: "2.50 GB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
