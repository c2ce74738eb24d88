//go:build !windows

package term

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"
)

// ReadLines sends each line typed on the terminal behind f, until ctx ends or the terminal does. The terminal's modes
// stay as they are.
func ReadLines(ctx context.Context, f *os.File, lines chan<- string) {
	d, err := openDevice(f)
	if err != nil {
		return // without a keyboard there is nothing to read
	}
	defer d.close()
	defer context.AfterFunc(ctx, d.interrupt)()
	scan := bufio.NewScanner(&lineInput{d, ctx.Done()})
	for scan.Scan() && ctx.Err() == nil {
		select {
		case lines <- strings.TrimSpace(scan.Text()):
		case <-ctx.Done():
			return
		}
	}
}

// lineInput reads what is typed, in the background nothing, until done is closed.
type lineInput struct {
	dev  *localDevice
	done <-chan struct{}
}

// Read implements io.Reader.
func (t *lineInput) Read(b []byte) (int, error) {
	for {
		n, err := t.dev.read(b, 0)
		if !errors.Is(err, errBackground) {
			return n, err
		}
		select {
		case <-t.done:
			return 0, io.EOF
		case <-time.After(foregroundEvery):
		}
	}
}
