package main

import (
	"context"
	"fmt"
	"time"

	"acip/internal/bench/load"
)

// trial is what one server did with one load.
type trial struct {
	cpuPerGB float64 // server's CPU seconds per GB delivered
	mbps     float64 // MB/s delivered
}

// fanout drives each server as fast as its receivers take pictures of 230,400 bytes, in interleaved rounds.
func fanout(ctx context.Context, b *bench) (all []Figure, err error) {
	for _, n := range []int{32, 128} {
		got := map[load.Kind][]trial{}
		for range b.rounds {
			for _, kind := range []load.Kind{load.Raw, load.ACIP, load.Coder} {
				t, err := b.flood(ctx, target{kind: kind}, n)
				if err != nil {
					return all, fmt.Errorf("%s with %d receivers: %w", kind, n, err)
				}
				got[kind] = append(got[kind], t)
			}
		}
		all = append(all, fanoutFigures(n, got)...)
	}
	return all, nil
}

// fanoutFigures takes the median of each round's ratio: what disturbs the machine disturbs a round as a whole.
func fanoutFigures(n int, got map[load.Kind][]trial) []Figure {
	cost := func(t trial) float64 { return t.cpuPerGB }
	speed := func(t trial) float64 { return t.mbps }
	over := func(kind load.Kind, f func(trial) float64) float64 {
		var r []float64
		for i, t := range got[kind] {
			r = append(r, f(t)/f(got[load.Raw][i]))
		}
		return median(r)
	}
	mid := func(kind load.Kind, f func(trial) float64) float64 {
		var v []float64
		for _, t := range got[kind] {
			v = append(v, f(t))
		}
		return median(v)
	}
	return []Figure{
		figure(fmt.Sprintf("fanout_cpu_ratio_%d", n), over(load.ACIP, cost), "× raw TCP").atMost(1.05).
			beside("CPU s/GB: acip %.3f, raw TCP %.3f, coder/websocket plain %.3f (%.2f ×)", mid(load.ACIP, cost), mid(load.Raw, cost), mid(load.Coder, cost), over(load.Coder, cost)),
		figure(fmt.Sprintf("fanout_throughput_ratio_%d", n), over(load.ACIP, speed), "× raw TCP").atLeast(0.95).
			beside("MB/s: acip %.0f, raw TCP %.0f, coder/websocket plain %.0f (%.2f ×)", mid(load.ACIP, speed), mid(load.Raw, speed), mid(load.Coder, speed), over(load.Coder, speed)),
	}
}

// target is a server under load.
type target struct {
	kind load.Kind
	cert *certificate // nil: without TLS
}

// flood measures one server for two seconds. The sender is never more than two pictures ahead of the slowest receiver, so that
// nothing is dropped and every byte is delivered.
func (b *bench) flood(ctx context.Context, t target, n int) (trial, error) {
	kind, args := t.kind, []string{"--max-clients", fmt.Sprint(n + 1)}
	viewer := load.Member{Name: "viewer", Room: "bench", Codecs: []string{"raw"}}
	if t.cert != nil {
		args, viewer.Roots = append(args, t.cert.flags()...), t.cert.roots
	}
	r, err := b.serve(ctx, kind, "127.0.0.1", args...)
	if err != nil {
		return trial{}, err
	}
	defer r.Stop()
	audience, err := load.Gather(ctx, kind, r.addr, n, viewer)
	if err != nil {
		return trial{}, err
	}
	defer audience.Close()
	sleep(ctx, 200*time.Millisecond) // the yardsticks say nothing when a receiver has been entered
	viewer.Name = "sender"
	s, err := load.Join(ctx, kind, r.addr, viewer, nil)
	if err != nil {
		return trial{}, err
	}
	defer s.Close()
	go s.Run() // ends with Close; what it reads is nothing but the roster
	p := load.RawPicture(kind, 320, 240)
	sent := uint64(0)
	if err := pump(ctx, s, p, audience, 500*time.Millisecond, &sent); err != nil {
		return trial{}, err
	}
	cpu, bytes, begin := r.CPU(), audience.Bytes(), time.Now()
	if err := pump(ctx, s, p, audience, 2*time.Second, &sent); err != nil {
		return trial{}, err
	}
	gb := float64(audience.Bytes()-bytes) / 1e9
	return trial{cpuPerGB: (r.CPU() - cpu).Seconds() / gb, mbps: gb * 1000 / time.Since(begin).Seconds()}, nil
}

// pump sends for a while, in step with the slowest receiver.
func pump(ctx context.Context, s *load.Sender, p *load.Picture, a *load.Audience, d time.Duration, sent *uint64) error {
	const ahead = 2
	ctx, cancel := context.WithTimeout(ctx, d+5*time.Second)
	defer cancel()
	for end := time.Now().Add(d); time.Now().Before(end); {
		if err := s.Send(p); err != nil {
			return err
		}
		*sent++
		if *sent < ahead {
			continue
		}
		if err := a.Await(ctx, *sent-ahead+1); err != nil {
			_, least := a.Frames()
			return fmt.Errorf("the slowest receiver stays at %d of %d pictures: %w", least, *sent, err)
		}
	}
	return nil
}
