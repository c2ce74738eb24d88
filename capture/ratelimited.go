package capture

import (
	"context"
	"time"

	"acip/frame"
)

// rateLimited is a file or stream at no more than a rate that was asked for. It keeps the film's speed and leaves
// pictures out.
type rateLimited struct {
	Source
	rate float64
	due  time.Time // when the next picture is wanted
	seq  uint64
}

// Info returns the source's, at the lower rate.
func (t *rateLimited) Info() Info {
	i := t.Source.Info()
	if i.FPS <= 0 || i.FPS > t.rate {
		i.FPS = t.rate
	}
	return i
}

// Read reads on to the first picture that is due. A quarter of a period early is in time, so that a film at just that
// rate loses none to a clock that wavers.
func (t *rateLimited) Read(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	period := time.Duration(float64(time.Second) / t.rate)
	for {
		if err := t.Source.Read(ctx, dst, box); err != nil {
			return err
		}
		if dst.Time.Before(t.due.Add(-period / 4)) {
			continue
		}
		if t.due = t.due.Add(period); t.due.Before(dst.Time) {
			t.due = dst.Time.Add(period)
		}
		dst.Seq = t.seq
		t.seq++
		return nil
	}
}
