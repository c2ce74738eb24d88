package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"acip/frame"
	"acip/internal/bench/load"
	"acip/internal/bench/proc"
)

// account is what --stats-file says, as far as it is wanted here.
type account struct {
	Received uint64         `json:"received"`
	Drawn    uint64         `json:"drawn"`
	Dropped  map[string]int `json:"dropped"`
	FPS      float64        `json:"fps"`
	AgeMS    struct {
		P50 float64 `json:"p50"`
		P99 float64 `json:"p99"`
	} `json:"age_ms"`
}

func readAccount(path string) (a account, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(text, &a)
}

// latency is the age of pictures when they are written to a terminal of 160x45 cells.
func latency(ctx context.Context, b *bench) ([]Figure, error) {
	r, err := b.serve(ctx, load.ACIP, "127.0.0.1")
	if err != nil {
		return nil, err
	}
	defer r.Stop()
	sender, err := proc.Start(nil, b.client, "--send-only", "--name", "sender", "--source", "pattern", "--fps", "30", r.addr)
	if err != nil {
		return nil, err
	}
	defer sender.Stop()
	if _, err := r.member(ctx, "sender"); err != nil {
		return nil, err
	}
	file := filepath.Join(b.tmp, "latency.json")
	viewer, term, err := startInTerminal(160, 45, b.client, "--view-only", "--duration", "12s", "--stats-file", file, r.addr)
	if err != nil {
		return nil, err
	}
	defer term.close()
	if _, err := viewer.Wait(ctx); err != nil {
		return nil, err
	}
	a, err := readAccount(file)
	if err != nil {
		return nil, err
	}
	return []Figure{
		figure("capture_to_terminal_p50", a.AgeMS.P50, "ms").atMost(20).beside("pattern at 30 fps, 160x45 cells, %d drawn of %d received", a.Drawn, a.Received),
		figure("capture_to_terminal_p99", a.AgeMS.P99, "ms").atMost(45),
		figure("terminal_fps", a.FPS, "new pictures a second").atLeast(29.9).beside("%d bytes to the terminal a picture", term.Bytes.Load()/max(a.Drawn, 1)),
	}, nil
}

// clientCPU is what a client costs that sends a film of 640x480 and draws one peer at 160x45 cells.
func clientCPU(ctx context.Context, b *bench) ([]Figure, error) {
	film, err := b.film(ctx, "head.avi", "", frame.Size{}, 30)
	if err != nil {
		return nil, err
	}
	r, err := b.serve(ctx, load.ACIP, "127.0.0.1")
	if err != nil {
		return nil, err
	}
	defer r.Stop()
	var shares []float64
	both := make([]*proc.Process, 2)
	for i := range both {
		p, term, err := startInTerminal(160, 45, b.client, "--source", "file:"+film.path, "--loop", "--name", fmt.Sprintf("peer%d", i), r.addr)
		if err != nil {
			return nil, err
		}
		defer term.close()
		defer p.Stop()
		both[i] = p
	}
	if !sleep(ctx, 3*time.Second) {
		return nil, ctx.Err()
	}
	before := []time.Duration{both[0].CPU(), both[1].CPU()}
	begin := time.Now()
	if !sleep(ctx, 10*time.Second) {
		return nil, ctx.Err()
	}
	wall := time.Since(begin)
	for i, p := range both {
		shares = append(shares, float64(p.CPU()-before[i])*100/float64(wall))
	}
	_, peak := both[0].RSS()
	m, err := r.member(ctx, "peer0")
	if err != nil {
		return nil, err
	}
	steps, err := measureStages(film, 150)
	if err != nil {
		return nil, err
	}
	return append([]Figure{
		figure("client_cpu", median(shares), "% of a core").atMost(12).beside("the best-known peer: 84 to 94 coded, 34 raw; %d pictures of %d bytes sent", m.FramesIn, m.BytesIn/max(m.FramesIn, 1)),
		figure("client_memory", float64(peak)/(1<<20), "MiB"),
	}, steps.figures(median(shares))...), nil
}
