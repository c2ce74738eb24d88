package proc

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Main runs a program's job until it ends or the program is told to, and returns the exit code: 0, or 1 after it has
// written the error, with the program's name, to standard error. Having asked for help is no error.
func Main(name string, job func(ctx context.Context, args []string) error) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := job(ctx, os.Args[1:])
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fmt.Fprintf(os.Stderr, "%s: error: %v\n", name, err)
	return 1
}
