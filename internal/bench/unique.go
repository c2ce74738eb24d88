package main

import (
	"context"
	"fmt"
	"time"

	"acip/frame"
	"acip/internal/bench/load"
	"acip/internal/bench/proc"
)

// unique has 4, 8 and 16 clients send the test pattern to each other; one decodes a peer and its pictures' numbers are read
// from the pixels, the others count what they receive.
func unique(ctx context.Context, b *bench) (all []Figure, err error) {
	for _, n := range []int{4, 8, 16} {
		figures, err := b.everybody(ctx, n)
		if err != nil {
			return all, fmt.Errorf("%d senders: %w", n, err)
		}
		all = append(all, figures...)
	}
	return all, nil
}

// everybody runs n senders and one who looks, for ten seconds of steady call.
func (b *bench) everybody(ctx context.Context, n int) ([]Figure, error) {
	r, err := b.serve(ctx, load.ACIP, "127.0.0.1", "--max-clients", "33")
	if err != nil {
		return nil, err
	}
	defer r.Stop()
	size := frame.Size{W: 160, H: 90}
	see := &numbers{size: size}
	for i := range n {
		args := []string{"--source", "pattern", "--fps", "30", "--size", dims(size), "--capture-size", dims(size), "--name", fmt.Sprintf("sender%d", i), "--output"}
		mode, out := []string{"none"}, (*numbers)(nil)
		if i == n-1 {
			mode, out = []string{"rgb", "--peer", "sender0"}, see
		}
		p, err := b.startClient(out, append(append(args, mode...), r.addr)...)
		if err != nil {
			return nil, err
		}
		defer p.Stop()
	}
	if err := r.everybodySends(ctx, n); err != nil {
		return nil, err
	}
	sleep(ctx, 2*time.Second)
	seen, before, begin := see.count(), r.framesOut(ctx), time.Now()
	if !sleep(ctx, 10*time.Second) {
		return nil, ctx.Err()
	}
	got, after, wall := see.count(), r.framesOut(ctx), time.Since(begin).Seconds()
	perPair := []float64{}
	for name, out := range after {
		if _, ok := before[name]; ok {
			perPair = append(perPair, float64(out-before[name])/wall/float64(n-1))
		}
	}
	return []Figure{
		figure(fmt.Sprintf("unique_fps_%d_senders", n), float64(got.unique-seen.unique)/wall, "pictures a second").atLeast(29.9).
			beside("%d twice, %d unreadable, %d out of order; median over all pairs at the server %.2f a second", got.twice-seen.twice, got.torn-seen.torn, got.back-seen.back, median(perPair)),
	}, nil
}

// startClient starts a client whose pictures go to out, if that is not nil.
func (b *bench) startClient(out *numbers, args ...string) (*proc.Process, error) {
	if out == nil {
		return proc.Start(nil, b.client, args...)
	}
	return proc.Start(out, b.client, args...)
}

// framesOut is how many pictures each member was sent.
func (r *relay) framesOut(ctx context.Context) map[string]uint64 {
	all := map[string]uint64{}
	s, err := r.stats(ctx)
	if err != nil {
		return all
	}
	for _, room := range s.Rooms {
		for _, m := range room.Members {
			all[m.Name] = m.FramesOut
		}
	}
	return all
}
