package load

import (
	"sync/atomic"
	"time"
)

// Ages counts ages in steps of 100 µs up to 20 s. Safe for concurrent use.
type Ages struct {
	n [200_001]atomic.Uint32
}

const ageStep = 100 * time.Microsecond

// Add counts one age.
func (a *Ages) Add(d time.Duration) {
	a.n[min(max(int(d/ageStep), 0), len(a.n)-1)].Add(1)
}

// Percentile is the age that the share p of all stays within; 0 if there is none.
func (a *Ages) Percentile(p float64) time.Duration {
	total := uint64(0)
	for i := range a.n {
		total += uint64(a.n[i].Load())
	}
	seen := uint64(0)
	for i := range a.n {
		seen += uint64(a.n[i].Load())
		if total > 0 && float64(seen) >= p*float64(total) {
			return time.Duration(i) * ageStep
		}
	}
	return 0
}
