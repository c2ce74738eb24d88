package main

import (
	"context"
	"time"

	"acip/internal/bench/load"
)

// viewers gives 128 of them a raw stream of 320x240 at 30 pictures a second for ten seconds.
func viewers(ctx context.Context, b *bench) ([]Figure, error) {
	const n, fps, seconds = 128, 30, 10
	r, err := b.serve(ctx, load.ACIP, "127.0.0.1", "--max-clients", "129")
	if err != nil {
		return nil, err
	}
	defer r.Stop()
	audience, err := load.Gather(ctx, load.ACIP, r.addr, n, load.Member{Name: "viewer", Room: "bench", Codecs: []string{"raw"}})
	if err != nil {
		return nil, err
	}
	defer audience.Close()
	s, err := load.Join(ctx, load.ACIP, r.addr, load.Member{Name: "sender", Room: "bench", Codecs: []string{"raw"}}, nil)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	go s.Run() // ends with Close
	p := load.RawPicture(load.ACIP, 320, 240)
	cpu, begin := r.CPU(), time.Now()
	if err := paced(ctx, fps, fps*seconds, func(int) error { return s.Send(p) }); err != nil {
		return nil, err
	}
	settle(ctx, func() bool { all, _ := audience.Frames(); return all >= n*fps*seconds })
	used := (r.CPU() - cpu).Seconds() / time.Since(begin).Seconds()
	all, _ := audience.Frames()
	_, peak := r.RSS()
	return []Figure{
		figure("viewers_128_delivered", float64(all)*100/(n*fps*seconds), "%").atLeast(100).beside("%d of %d pictures of 230,400 bytes", all, n*fps*seconds),
		figure("viewers_128_age_p99", ms(audience.Ages.Percentile(0.99)), "ms").atMost(30).beside("p50 %.1f ms", ms(audience.Ages.Percentile(0.5))),
		figure("viewers_128_server_memory", float64(peak)/(1<<20), "MiB").atMost(80),
		figure("viewers_128_server_cpu", used*100, "% of a core").beside("885 MB/s delivered"),
	}, nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// paced calls f n times at a rate, by the clock: a late call is not made up for by a later one's lateness.
func paced(ctx context.Context, fps float64, n int, f func(i int) error) error {
	begin := time.Now()
	for i := range n {
		due := begin.Add(time.Duration(float64(i) / fps * float64(time.Second)))
		if d := time.Until(due); d > 0 && !sleep(ctx, d) {
			return ctx.Err()
		}
		if err := f(i); err != nil {
			return err
		}
	}
	return nil
}

// settle waits until done says so, two seconds at most.
func settle(ctx context.Context, done func() bool) {
	for range 200 {
		if done() || !sleep(ctx, 10*time.Millisecond) {
			return
		}
	}
}
