package term

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// A shell lets one job at a time have the terminal. The others wait for it: a shell would stop them, but a stopped
// process is deaf to SIGTERM, and nobody continues it where timeout(1) or a script started it. So they wait by
// themselves.

// errBackground says that the terminal is another job's for now.
var errBackground = errors.New("term: in the background")

// foregroundEvery is how often a process in the background looks whether the terminal is its own: no signal tells if it
// was never stopped.
const foregroundEvery = 100 * time.Millisecond

// waitingLines say why nothing is drawn.
const waitingLines = "%[1]s: note: in the background, waiting for the terminal\n" +
	"%[1]s: hint: bring it to the foreground: fg in the shell, --foreground with timeout\n"

// awaitForeground waits until the terminal is ours, and says so if it has to wait. It returns ctx's error if
// that ends first.
func (d *localDevice) awaitForeground(ctx context.Context, notes io.Writer, program string) error {
	if d.foreground() {
		return nil
	}
	if notes == nil {
		notes = os.Stderr
	}
	fmt.Fprintf(notes, waitingLines, program) // nothing is left to tell it to
	look := time.NewTicker(foregroundEvery)
	defer look.Stop()
	for !d.foreground() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
	return nil
}
