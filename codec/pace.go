package codec

import "time"

// paceMeter measures the frame rate from capture times.
type paceMeter struct {
	last time.Time
	gap  time.Duration // between frames, smoothed; 0 until it is known
}

// add takes a frame's capture time into account. It ignores pauses and clock jumps.
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

// most returns the measured rate in frames a second, at most fps; fps until a rate is known.
func (p *paceMeter) most(fps float64) float64 {
	if p.gap <= 0 {
		return fps
	}
	return min(fps, float64(time.Second)/float64(p.gap))
}
