package account

import (
	"math"
	"time"
)

// perOctave makes neighbouring buckets differ by about one per cent.
const perOctave = 64

// histogram counts ages, to one per cent, in fixed memory. The zero value is empty.
type histogram struct {
	buckets [perOctave * 32]uint64 // by the logarithm of microseconds
	total   uint64
}

func (h *histogram) add(d time.Duration) {
	us := max(float64(d)/float64(time.Microsecond), 1)
	i := int(math.Log2(us) * perOctave)
	h.buckets[min(i, len(h.buckets)-1)]++
	h.total++
}

// percentile returns the age that a share p (0..1) of all ages does not exceed; 0 if there are none.
func (h *histogram) percentile(p float64) time.Duration {
	want := uint64(math.Ceil(p * float64(h.total)))
	var seen uint64
	for i, n := range h.buckets {
		seen += n
		if n > 0 && seen >= want {
			return time.Duration(math.Exp2((float64(i)+0.5)/perOctave) * float64(time.Microsecond))
		}
	}
	return 0
}

func (h *histogram) merge(o *histogram) {
	for i, n := range o.buckets {
		h.buckets[i] += n
	}
	h.total += o.total
}
