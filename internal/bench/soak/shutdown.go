package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"acip/internal/bench/load"
	"acip/internal/bench/proc"
	"acip/media"
	"acip/packet"
)

// shutdowns is how often each program is told to end.
const shutdowns = 20

// endPrograms tells servers with clients that stream, and clients in a call, to end, and prints how long that takes.
func endPrograms(ctx context.Context, s settings) error {
	return errors.Join(
		timed("server with 32 streaming", func() (time.Duration, error) { return endServer(ctx, s) }),
		timed("client, sending and watching", func() (time.Duration, error) { return endClient(ctx, s) }),
	)
}

// timed does it all times and fails when one of them took more than a second.
func timed(what string, one func() (time.Duration, error)) error {
	var all []time.Duration
	for range shutdowns {
		took, err := one()
		if err != nil {
			return fmt.Errorf("end of a %s: %w", what, err)
		}
		all = append(all, took)
	}
	slices.Sort(all)
	most := all[len(all)-1]
	fmt.Printf("end of a %s, exit 0: p50 %.1f ms, max %.1f ms of %d\n", what, ms(all[len(all)/2]), ms(most), len(all))
	if most > time.Second {
		return fmt.Errorf("a %s took %v to end", what, most)
	}
	return nil
}

// endServer ends a server under clients that are told so.
func endServer(ctx context.Context, s settings) (time.Duration, error) {
	server, addr, err := serve(ctx, s)
	if err != nil {
		return 0, err
	}
	defer server.Stop()
	var all sync.WaitGroup
	told := make(chan bool, poolSize)
	for i := range poolSize {
		c, err := load.Join(ctx, load.ACIP, addr, load.Member{Name: fmt.Sprint(i), Room: "end", Codecs: []string{"jpeg"}}, nil)
		if err != nil {
			return 0, err
		}
		all.Go(func() {
			defer c.Close()
			told <- strings.Contains(c.Run().Error(), "retry after")
		})
		all.Go(func() { stream(c) })
	}
	time.Sleep(200 * time.Millisecond) // streaming
	took, err := interrupt(ctx, server)
	all.Wait()
	close(told)
	for ok := range told {
		if !ok && err == nil {
			err = errors.New("a client was not told to come back")
		}
	}
	return took, err
}

// stream sends 30 pictures a second until the connection ends.
func stream(c *load.Sender) {
	payload := make([]byte, packet.VideoHeadSize+2500)
	packet.VideoHead{Codec: media.JPEG, Flags: media.Key | media.Discardable, Width: 160, Height: 90}.Put(payload)
	pic := load.VideoPicture(load.ACIP, payload)
	tick := time.NewTicker(time.Second / 30)
	defer tick.Stop()
	for c.Send(pic) == nil {
		<-tick.C
	}
}

// endClient ends a client in a call with another.
func endClient(ctx context.Context, s settings) (time.Duration, error) {
	server, addr, err := serve(ctx, s)
	if err != nil {
		return 0, err
	}
	defer server.Stop()
	program := filepath.Join(filepath.Dir(s.server), "acip-client")
	var last *proc.Process
	for range 2 {
		if last, err = proc.Start(nil, program, "--source", "pattern", "--output", "none", "--server", addr); err != nil {
			return 0, err
		}
		defer last.Stop()
	}
	for pictures := uint64(0); pictures < 10; {
		st, err := fetch(ctx, addr)
		if err != nil {
			return 0, err
		}
		pictures = 1 << 62
		for _, r := range st.Rooms {
			for _, m := range r.Members {
				pictures = min(pictures, m.FramesIn, m.FramesOut)
			}
		}
		if st.Slots.Used < 2 {
			pictures = 0
		}
		time.Sleep(20 * time.Millisecond)
	}
	return interrupt(ctx, last)
}

// interrupt ends a program and returns how long that took; anything but exit 0 is an error.
func interrupt(ctx context.Context, p *proc.Process) (time.Duration, error) {
	process, err := os.FindProcess(p.PID())
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := process.Signal(os.Interrupt); err != nil {
		return 0, err
	}
	_, err = p.Wait(ctx)
	return time.Since(began), err
}
