package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"acip/internal/bench/proc"
)

// soak runs it all and judges it.
func soak(ctx context.Context, s settings) error {
	server, addr, err := serve(ctx, s)
	if err != nil {
		return err
	}
	defer server.Stop()
	steady, err := gather(ctx, addr, s)
	if err != nil {
		return err
	}
	defer steady.close()
	chaos, err := newProxy(addr)
	if err != nil {
		return err
	}
	defer chaos.close()
	churning, stop := context.WithCancel(ctx)
	defer stop()
	var churn churn
	var all sync.WaitGroup
	for i := range s.churn {
		via := addr
		if i%2 == 1 {
			via = chaos.addr()
		}
		all.Go(func() { churn.run(churning, via, i) })
	}
	samples, err := watch(ctx, s, server, addr, steady, &churn.rounds)
	stop()
	all.Wait()
	if err != nil {
		return err
	}
	return errors.Join(judge(s, samples), steady.wrong(), farewell(ctx, server, addr, s))
}

// serve starts the server on a free port.
func serve(ctx context.Context, s settings) (*proc.Process, string, error) {
	server, err := proc.Start(nil, s.server, "--listen", "127.0.0.1:0", "--log-format", "json", "--log-level", "info")
	if err != nil {
		return nil, "", err
	}
	line, err := server.Await(ctx, `"addr":`)
	if err != nil {
		server.Stop()
		return nil, "", err
	}
	var said struct{ Addr string }
	if err := json.Unmarshal([]byte(line), &said); err != nil {
		server.Stop()
		return nil, "", fmt.Errorf("address in %q: %w", line, err)
	}
	return server, said.Addr, nil
}

// watch prints and collects a sample each interval until the time is over.
func watch(ctx context.Context, s settings, server *proc.Process, addr string, steady *steady, rounds *atomic.Int64) ([]sample, error) {
	interval := min(max(s.duration/40, 2*time.Second), 30*time.Second)
	tick := time.NewTicker(interval)
	defer tick.Stop()
	end := time.NewTimer(s.duration)
	defer end.Stop()
	meter := newMeter(server, addr, steady, rounds)
	fmt.Println(header)
	var all []sample
	for {
		select {
		case <-tick.C:
			one, err := meter.read(ctx, interval)
			if err != nil {
				return all, err
			}
			fmt.Println(one)
			all = append(all, one)
		case <-end.C:
			return all, nil
		case <-ctx.Done():
			return all, fmt.Errorf("soak: %w", ctx.Err())
		}
	}
}

// farewell waits until only the steady members are there, and ends the server.
func farewell(ctx context.Context, server *proc.Process, addr string, s settings) error {
	deadline := time.Now().Add(30 * time.Second)
	used := -1
	for used != s.steady && time.Now().Before(deadline) {
		st, err := fetch(ctx, addr)
		if err != nil {
			return err
		}
		if used = st.Slots.Used; used != s.steady {
			time.Sleep(200 * time.Millisecond)
		}
	}
	began := time.Now()
	usage := server.Stop()
	fmt.Printf("slots %d of the steady %d; ended in %v; processor %v\n", used, s.steady, time.Since(began).Round(time.Millisecond), usage.CPU.Round(time.Millisecond))
	if used != s.steady {
		return fmt.Errorf("%d slots taken when only %d members were left", used, s.steady)
	}
	return nil
}
