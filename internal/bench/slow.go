package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"acip/internal/bench/load"
	"acip/internal/bench/proc"
)

// slowViewer sends 55 Mbit/s of raw pictures to a viewer behind a link of 20 and to one on loopback.
func slowViewer(ctx context.Context, b *bench) ([]Figure, error) {
	ns, err := newNamespace(ctx, "rate 20mbit burst 16kb latency 10ms", "")
	if err != nil {
		return nil, err
	}
	defer ns.remove()
	r, err := b.serve(ctx, load.ACIP, "0.0.0.0")
	if err != nil {
		return nil, err
	}
	defer r.Stop()
	audience, err := load.Gather(ctx, load.ACIP, "127.0.0.1:"+r.port(), 1, load.Member{Name: "quick", Room: "bench", Codecs: []string{"raw"}})
	if err != nil {
		return nil, err
	}
	defer audience.Close()
	var said strings.Builder
	slow, err := proc.StartCommand(ns.command(b.self, "watch", "-addr", ns.host+":"+r.port(), "-for", "9s"), &said)
	if err != nil {
		return nil, err
	}
	if err := b.sendRaw(ctx, r, 30, 10*30); err != nil {
		slow.Stop()
		return nil, err
	}
	if _, err := slow.Wait(ctx); err != nil {
		return nil, err
	}
	var w watched
	if err := json.Unmarshal([]byte(said.String()), &w); err != nil {
		return nil, fmt.Errorf("what the slow viewer said: %w", err)
	}
	return []Figure{
		figure("slow_viewer_age_p50", w.P50, "ms").atMost(160).beside("20 of 55 Mbit/s, %s; one picture takes 92 ms; p99 %.0f ms, %d pictures", ns.shape, w.P99, w.Frames),
		figure("slow_viewer_age_p99", w.P99, "ms"),
		figure("slow_viewer_others_age_p99", ms(audience.Ages.Percentile(0.99)), "ms").beside("a viewer on loopback in the same room, p50 %.1f ms", ms(audience.Ages.Percentile(0.5))),
	}, nil
}

// sendRaw sends pictures of 230,400 bytes at a rate.
func (b *bench) sendRaw(ctx context.Context, r *relay, fps float64, n int) error {
	s, err := load.Join(ctx, load.ACIP, "127.0.0.1:"+r.port(), load.Member{Name: "sender", Room: "bench", Codecs: []string{"raw"}}, nil)
	if err != nil {
		return err
	}
	defer s.Close()
	go s.Run() // ends with Close
	p := load.RawPicture(load.ACIP, 320, 240)
	return paced(ctx, fps, n, func(int) error { return s.Send(p) })
}

// watched is what a viewer in another process counted.
type watched struct {
	Frames   uint64
	P50, P99 float64 // ms
}

// watchFor is that viewer: it counts for a while and prints JSON.
func watchFor(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("watch", flag.ContinueOnError)
	addr := flags.String("addr", "", "`host:port`")
	d := flags.Duration("for", 5*time.Second, "how long")
	if err := flags.Parse(args); err != nil {
		return err
	}
	a, err := load.Gather(ctx, load.ACIP, *addr, 1, load.Member{Name: "slow", Room: "bench", Codecs: []string{"raw"}})
	if err != nil {
		return err
	}
	sleep(ctx, *d)
	a.Close()
	n, _ := a.Frames()
	return json.NewEncoder(out).Encode(watched{Frames: n, P50: ms(a.Ages.Percentile(0.5)), P99: ms(a.Ages.Percentile(0.99))})
}
