// Command soak runs a real server for a long time under steady clients, churn and faults, and fails on a trend.
//
//	go run ./internal/bench/soak -duration 10m
//
// Eight steady members send 30 pictures a second to each other and count. Eight more come and go in every manner that
// clients are known to end in, half of them through a network that delays, slices, cuts and swallows. Each line is one
// interval; at the end memory, goroutines and descriptors of the last third are held against those of the first.
// Before that, programs are ended, and clients end in every manner, to see what that takes and what it leaves.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"acip/internal/bench/proc"
)

func main() { os.Exit(proc.Main("soak", run)) }

// settings of a soak.
type settings struct {
	duration time.Duration
	steady   int
	churn    int
	fps      int
	server   string
}

func run(ctx context.Context, args []string) error {
	var s settings
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.DurationVar(&s.duration, "duration", 10*time.Minute, "how long")
	flags.IntVar(&s.steady, "steady", 8, "members that stay")
	flags.IntVar(&s.churn, "churn", 8, "clients that come and go")
	flags.IntVar(&s.fps, "fps", 30, "pictures a second of each steady member")
	flags.StringVar(&s.server, "server", "bin/acip-server", "the program to be soaked")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if _, err := os.Stat(s.server); err != nil {
		return fmt.Errorf("%w: make build first", err)
	}
	if err := errors.Join(endPrograms(ctx, s), endAll(ctx, s)); err != nil {
		return err
	}
	return soak(ctx, s)
}
