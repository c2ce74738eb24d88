package congestion

import "time"

// Pacer lets pictures pass at a wanted rate at most, evenly, and tolerates jitter: one that is early by up to half an
// interval passes. The zero value is ready. Not safe for concurrent use.
type Pacer struct{ due time.Time }

// Pass reports whether a picture captured at t may pass at fps a second; 0 is any rate.
func (p *Pacer) Pass(t time.Time, fps float64) bool {
	if fps <= 0 {
		return true
	}
	gap := time.Duration(float64(time.Second) / fps)
	if t.Before(p.due.Add(-gap / 2)) {
		if p.due.Sub(t) < 4*gap { // else the clock was set back
			return false
		}
		p.due = t
	}
	p.due = p.due.Add(gap)
	if p.due.Before(t) {
		p.due = t.Add(gap)
	}
	return true
}

// Allowance keeps a track to a rate in pictures and in bytes. The zero value is ready. Not safe for concurrent use.
type Allowance struct {
	pacer Pacer
	debt  float64 // bytes spent above what was due by then
	at    time.Time
}

// Pass reports whether a picture captured at t may pass at fps pictures and rate bytes a second.
func (a *Allowance) Pass(t time.Time, fps, rate float64) bool {
	if d := t.Sub(a.at).Seconds(); !a.at.IsZero() && d > 0 {
		a.debt = max(0, a.debt-d*rate)
	}
	a.at = t
	return a.debt == 0 && a.pacer.Pass(t, fps)
}

// Spend counts the bytes of a picture that passed.
func (a *Allowance) Spend(bytes int) { a.debt += float64(bytes) }
