// Command bench puts acip under load and prints what it reaches, each figure beside a yardstick from the same run.
//
//	go run ./internal/bench report            every figure, into docs/performance.md and build/report.json
//	go run ./internal/bench report -only fanout,room
//	go run ./internal/bench list              what can be measured
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench: error:", err)
		os.Exit(1)
	}
}

// run does what the first argument says.
func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return fmt.Errorf("say what: report, list")
	}
	switch args[0] {
	case "report":
		return report(ctx, args[1:], out)
	case "list":
		for _, m := range measures() {
			fmt.Fprintf(out, "%-10s %s\n", m.name, m.about)
		}
		return nil
	case "yard": // a yardstick server, started by a measurement
		return serveYard(args[1:])
	case "watch": // a receiver in another network namespace, started by a measurement
		return watchFor(ctx, args[1:], out)
	}
	return fmt.Errorf("unknown %q: report or list", args[0])
}

// measure is one measurement and the figures that it yields.
type measure struct {
	name  string
	about string
	run   func(context.Context, *bench) ([]Figure, error)
}

func measures() []measure {
	return []measure{
		{"fanout", "one sender, raw pictures to 32 and 128 receivers: CPU per GB and MB/s against bare TCP", fanout},
		{"encrypted", "the same to 32 receivers by TLS, against bare TCP without", encrypted},
		{"viewers", "128 viewers of a raw stream at 30 fps: delivery, age, memory", viewers},
		{"room", "32 members sending recorded VP8 to the 31 others", room},
		{"coding", "films through acip-client, acip-server and acip-client: rate and quality at the receiver", coding},
		{"others", "films of other kinds through the same: bits at equal quality against ffmpeg's libvpx in real-time mode", others},
		{"latency", "from the source handing a picture over to the terminal write", latency},
		{"client", "a client's processor time, 640x480 in and one peer drawn at 160x45 cells, and its steps by themselves", clientCPU},
		{"start", "the first picture after starting, and a late joiner's view of everybody", start},
		{"unique", "new pictures a second with 4, 8 and 16 senders", unique},
		{"narrow", "calls of two, one behind a narrow link both ways (root, Linux)", narrow},
		{"distant", "calls of two over a far link and a lossy one (root, Linux)", distant},
		{"slow", "a viewer at 20 Mbit/s of 55 (root, Linux)", slowViewer},
	}
}

// report measures and writes the report.
func report(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	only := flags.String("only", "", "comma-separated `names` of measurements (see list); the report is printed, not written")
	rounds := flags.Int("rounds", 5, "interleaved `rounds` of comparisons")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b, err := newBench(*rounds)
	if err != nil {
		return err
	}
	defer b.close()
	var all results
	for _, m := range measures() {
		if *only != "" && !strings.Contains(","+*only+",", ","+m.name+",") {
			continue
		}
		all = append(all, one(ctx, b, m, out))
	}
	if *only != "" {
		return all.print(out)
	}
	return all.write(b.root, out)
}

// one runs one measurement and says how it went.
func one(ctx context.Context, b *bench, m measure, out io.Writer) result {
	fmt.Fprintf(out, "%s: %s\n", m.name, m.about)
	begin := time.Now()
	figures, err := m.run(ctx, b)
	for _, f := range figures {
		fmt.Fprintf(out, "  %s\n", f)
	}
	if err != nil {
		fmt.Fprintf(out, "  not measured: %v\n", err)
	}
	fmt.Fprintf(out, "  (%.0f s)\n", time.Since(begin).Seconds())
	return result{measure: m, figures: figures, err: err}
}
