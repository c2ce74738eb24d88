package codec

import "time"

// paceMeter measures the rate of pictures from the times they were taken at.
type paceMeter struct {
	last time.Time
	gap  time.Duration // smoothed; 0 is not known yet
}

// add takes the next picture's time into account. Pauses and clocks that jump don't count.
func (p *paceMeter) add(t time.Time) {
	gap := t.Sub(p.last)
	known := !p.last.IsZero() && !t.IsZero() && gap > 0 && gap < 2*time.Second
	p.last = t
	switch {
	case !known:
	case p.gap == 0:
		p.gap = gap
	default:
		p.gap += (gap - p.gap) / 8
	}
}

// most is the measured rate, or fps where that is less or nothing was measured.
func (p *paceMeter) most(fps float64) float64 {
	if p.gap <= 0 {
		return fps
	}
	return min(fps, float64(time.Second)/float64(p.gap))
}
