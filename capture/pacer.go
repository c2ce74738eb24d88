package capture

import (
	"context"
	"math"
	"time"
)

// pacer says when the next picture is due, on a grid that does not drift: picture k is due at start + k periods,
// however late the ones before it were.
type pacer struct {
	lifecycle *lifecycle
	period    float64 // nanoseconds; 0: everything is due at once
	live      bool    // a late reader skips to now; else the grid moves, so that no burst makes up for the delay
	start     time.Time
	next      uint64
	timer     *time.Timer
}

func newPacer(l *lifecycle, fps float64, live bool) *pacer {
	p := &pacer{lifecycle: l, live: live}
	if fps > 0 {
		p.period = float64(time.Second) / fps
	}
	return p
}

func (p *pacer) due(k uint64) time.Time {
	return p.start.Add(time.Duration(math.Round(float64(k) * p.period)))
}

// wait returns the number of the next picture when that is due. A live source's reader that is more than a period late
// misses pictures; a file's never does.
func (p *pacer) wait(ctx context.Context) (uint64, error) {
	if p.lifecycle.over() {
		return 0, ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	now := time.Now()
	if p.start.IsZero() {
		p.start = now
	}
	if late := now.Sub(p.due(p.next)); p.period > 0 && late > time.Duration(p.period) {
		p.catchUp(late)
	}
	if err := p.sleep(ctx, p.due(p.next).Sub(now)); err != nil {
		return 0, err
	}
	p.next++
	return p.next - 1, nil
}

func (p *pacer) catchUp(late time.Duration) {
	if p.live {
		p.next += uint64(float64(late) / p.period)
		return
	}
	p.start = p.start.Add(late)
}

// hold delays by what only the source knows, as the pictures of a GIF do: the next one is due d after the last one was.
func (p *pacer) hold(ctx context.Context, d time.Duration) error {
	if p.lifecycle.over() {
		return ErrClosed
	}
	now := time.Now()
	if p.start.IsZero() {
		p.start = now
	}
	p.start = p.start.Add(d)
	if now.Sub(p.start) > d {
		p.start = now
	}
	return p.sleep(ctx, p.start.Sub(now))
}

func (p *pacer) sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	if p.timer == nil {
		p.timer = time.NewTimer(d)
	} else {
		p.timer.Reset(d)
	}
	defer p.timer.Stop()
	select {
	case <-p.timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.lifecycle.ended():
		return ErrClosed
	}
}
