package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"acip/frame"
	"acip/internal/bench/load"
)

// shape is a token bucket of a rate that home routers have: a fifth of a second of queue.
func shape(kbit int) string { return fmt.Sprintf("rate %dkbit burst 8kb latency 200ms", kbit) }

// phase is what a link carries, and for how long.
type phase struct {
	kbit int
	d    time.Duration
}

// narrow is calls of two, one of whom is behind a link that is too narrow for comfort, both ways.
func narrow(ctx context.Context, b *bench) (all []Figure, err error) {
	for _, c := range []struct {
		name, codec string
		filter      string // of the film
		phases      []phase
	}{
		{"narrow_vp8", "vp8", "", []phase{{256, 15 * time.Second}}},
		{"narrow_cuts_vp8", "vp8", "negate=enable='gte(mod(t,4),2)'", []phase{{256, 15 * time.Second}}},
		{"narrow_jpeg", "jpeg", "", []phase{{256, 20 * time.Second}}},
		{"wavering_vp8", "vp8", "", []phase{{1000, 6 * time.Second}, {128, 8 * time.Second}, {1000, 6 * time.Second}}},
		{"wavering_jpeg", "jpeg", "", []phase{{1000, 6 * time.Second}, {128, 8 * time.Second}, {1000, 6 * time.Second}}},
	} {
		film, err := b.film(ctx, "head.avi", c.filter, frame.Size{}, 30)
		if err != nil {
			return all, err
		}
		inside, outside, err := b.narrowCall(ctx, film, c.codec, c.phases)
		if err != nil {
			return all, fmt.Errorf("%s: %w", c.name, err)
		}
		rates, worst := min(inside.FPS, outside.FPS), max(inside.AgeMS.P99, outside.AgeMS.P99)
		fps, age := figure(c.name+"_fps", rates, "new pictures a second"), figure(c.name+"_age_p99", worst, "ms")
		link := "tbf " + shape(c.phases[0].kbit)
		for _, p := range c.phases[1:] {
			link += fmt.Sprintf(", then %d", p.kbit)
		}
		if len(c.phases) == 1 {
			fps, age = fps.atLeast(10), age.atMost(400)
		}
		all = append(all, fps.beside("the worse end; %s both ways; up from there %.1f, down to there %.1f", link, outside.FPS, inside.FPS),
			age.beside("up %.0f, down %.0f; p50 %.0f and %.0f", outside.AgeMS.P99, inside.AgeMS.P99, outside.AgeMS.P50, inside.AgeMS.P50))
	}
	return all, nil
}

// narrowCall is one call: what the one behind the link and the one before it have seen.
func (b *bench) narrowCall(ctx context.Context, film *clip, codec string, phases []phase) (inside, outside account, err error) {
	first := shape(phases[0].kbit)
	ns, err := newNamespace(ctx, first, first)
	if err != nil {
		return inside, outside, err
	}
	defer ns.remove()
	return b.callAcross(ctx, ns, film, codec, func() error {
		for i, p := range phases {
			if i > 0 {
				if err := ns.change(ctx, shape(p.kbit)); err != nil {
					return err
				}
			}
			if !sleep(ctx, p.d) {
				return ctx.Err()
			}
		}
		return nil
	})
}

// callAcross is a call of one inside a namespace and one outside, and what both have seen while something lasted.
func (b *bench) callAcross(ctx context.Context, ns *namespace, film *clip, codec string, while func() error) (inside, outside account, err error) {
	r, err := b.serve(ctx, load.ACIP, "0.0.0.0")
	if err != nil {
		return inside, outside, err
	}
	defer r.Stop()
	files := [2]string{filepath.Join(b.tmp, codec+"-in.json"), filepath.Join(b.tmp, codec+"-out.json")}
	args := func(name, file, addr string) []string {
		return []string{"--source", "file:" + film.path, "--loop", "--codec", codec, "--name", name, "--stats-file", file, addr}
	}
	near, t1, err := startInTerminal(160, 45, b.client, args("outside", files[1], "127.0.0.1:"+r.port())...)
	if err != nil {
		return inside, outside, err
	}
	defer t1.close()
	defer near.Stop()
	far, t2, err := commandInTerminal(160, 45, ns.command(b.client, args("inside", files[0], ns.host+":"+r.port())...))
	if err != nil {
		return inside, outside, err
	}
	defer t2.close()
	defer far.Stop()
	if err := while(); err != nil {
		return inside, outside, err
	}
	near.Stop()
	far.Stop()
	if inside, err = readAccount(files[0]); err != nil {
		return inside, outside, err
	}
	outside, err = readAccount(files[1])
	return inside, outside, err
}
