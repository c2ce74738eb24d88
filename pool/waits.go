package pool

import (
	"math/bits"
	"time"
)

// waits is a histogram of how long frames waited here until a writer took them. Its classes double from half a
// millisecond.
type waits struct {
	newest int64 // ns
	class  [16]uint32
}

// note counts one frame.
func (w *waits) note(ns int64) {
	w.newest = ns
	w.class[min(bits.Len64(uint64(max(ns, 0)/int64(500*time.Microsecond))), len(w.class)-1)]++
}

// quantile returns the upper bound in ms of the class that has the q-quantile; 0 if nothing was counted.
func (w *waits) quantile(q float64) float64 {
	var total, sum uint64
	for _, n := range w.class {
		total += uint64(n)
	}
	for i, n := range w.class {
		if sum += uint64(n); sum > 0 && float64(sum) >= q*float64(total) {
			return 0.5 * float64(uint64(1)<<i)
		}
	}
	return 0
}
