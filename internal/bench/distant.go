package main

import (
	"context"
	"fmt"
	"time"

	"acip/frame"
)

// journey is how far a link goes, one way, and what part of its packets is lost, each way.
type journey struct {
	delay time.Duration
	loss  float64
}

// distant is calls of two in VP8, one of whom is far away. TCP sends again what is lost, which takes a round trip at least.
func distant(ctx context.Context, b *bench) (all []Figure, err error) {
	film, err := b.film(ctx, "head.avi", "", frame.Size{}, 30)
	if err != nil {
		return nil, err
	}
	for _, c := range []struct {
		name string
		d    journey
	}{
		{"lossy", journey{25 * time.Millisecond, 0.01}},
		{"far", journey{100 * time.Millisecond, 0}},
	} {
		inside, outside, err := b.distantCall(ctx, film, c.d)
		if err != nil {
			return all, fmt.Errorf("%s: %w", c.name, err)
		}
		worse := inside
		if outside.AgeMS.P99 > inside.AgeMS.P99 {
			worse = outside
		}
		floor := ms(c.d.delay)
		link := fmt.Sprintf("%v there and back, %g %% of the packets lost each way", 2*c.d.delay, c.d.loss*100)
		all = append(all,
			figure(c.name+"_vp8_fps", min(inside.FPS, outside.FPS), "new pictures a second").beside("the worse end; %s; up from there %.1f, down to there %.1f", link, outside.FPS, inside.FPS),
			figure(c.name+"_vp8_age_p50", worse.AgeMS.P50-floor, "ms more than the way").beside("the worse end; the way alone takes %.0f ms", floor),
			figure(c.name+"_vp8_age_p99", worse.AgeMS.P99-floor, "ms more than the way").beside("up %.0f, down %.0f in all", outside.AgeMS.P99, inside.AgeMS.P99))
	}
	return all, nil
}

// distantCall is one call of a quarter of a minute.
func (b *bench) distantCall(ctx context.Context, film *clip, d journey) (inside, outside account, err error) {
	ns, err := newDistant(ctx, d)
	if err != nil {
		return inside, outside, err
	}
	defer ns.remove()
	return b.callAcross(ctx, ns, film, "vp8", func() error {
		if !sleep(ctx, 15*time.Second) {
			return ctx.Err()
		}
		return nil
	})
}
