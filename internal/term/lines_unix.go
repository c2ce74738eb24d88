//go:build !windows

package term

import (
	"bufio"
	"context"
	"os"
	"strings"
)

// ReadLines sends each line typed on the terminal behind f, until ctx ends or
// the terminal does. The terminal's modes stay as they are.
func ReadLines(ctx context.Context, f *os.File, lines chan<- string) {
	d, err := openDevice(f)
	if err != nil {
		return // without a keyboard there is nothing to read
	}
	defer d.close()
	defer context.AfterFunc(ctx, d.interrupt)()
	scan := bufio.NewScanner(d.file)
	for scan.Scan() && ctx.Err() == nil {
		select {
		case lines <- strings.TrimSpace(scan.Text()):
		case <-ctx.Done():
			return
		}
	}
}
