// Command fairness measures what one hostile member costs the others, with real programs.
//
//	go run ./internal/bench/fairness -server bin/acip-server -client bin/acip-client
//
// For each attack it runs a server in a network namespace, two honest senders and one honest viewer, then the hostile
// members, which are written from PROTOCOL.md alone and share no code with the client. It prints one row for each attack:
// what the viewer got of the honest senders before and during it. It needs root on Linux, iproute2 and curl.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"acip/internal/bench/proc"
)

func main() { os.Exit(proc.Main("fairness", run)) }

// settings of a measurement.
type settings struct {
	server, client string
	duration       time.Duration // of each attack
	only           string
	check          bool
}

func run(ctx context.Context, args []string) error {
	var s settings
	flags := flag.NewFlagSet("fairness", flag.ContinueOnError)
	flags.StringVar(&s.server, "server", "bin/acip-server", "the server to measure")
	flags.StringVar(&s.client, "client", "bin/acip-client", "the client of the honest senders")
	flags.DurationVar(&s.duration, "duration", 10*time.Second, "how long each attack lasts")
	flags.StringVar(&s.only, "only", "", "only the attacks whose names contain this")
	flags.BoolVar(&s.check, "check", false, "fail where a goal is missed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for _, file := range []string{s.server, s.client} {
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("%w: make build first", err)
		}
	}
	fmt.Println("| attack | viewer's link | fps of the honest, before → during | age p99, before → during | uplink of the honest, kbit/s | kbit/s from the attacker | result |")
	fmt.Println("| --- | --- | --- | --- | --- | --- | --- |")
	var failed []error
	for _, a := range attacks() {
		if !strings.Contains(a.name, s.only) {
			continue
		}
		row, err := measure(ctx, s, a)
		if err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
		fmt.Println(row.line)
		if s.check && row.missed != "" {
			failed = append(failed, fmt.Errorf("%s: %s", a.name, row.missed))
		}
	}
	return errors.Join(failed...)
}
