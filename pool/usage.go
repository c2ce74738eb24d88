package pool

import "math"

// usage counts bytes sent lately: what was sent a second ago counts half.
type usage struct {
	bytes float64
	at    int64
}

// by returns the usage at a moment, ns of the pool's clock.
func (u *usage) by(now int64) float64 {
	if u.bytes == 0 {
		return 0
	}
	return u.bytes * math.Exp2(-float64(now-u.at)/1e9)
}

// add counts n bytes.
func (u *usage) add(now int64, n int) { u.bytes, u.at = u.by(now)+float64(n), now }
