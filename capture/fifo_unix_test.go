//go:build unix

package capture

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe that has a name is read once, and waiting for its other end can be given up.
func TestNamedPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, "file:"+path, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("with nobody at the other end: %v", err)
	}
	for _, name := range []string{"s2x2.jpg", "PNG24.png", "lossy.webp", "three.gif", "still.bmp", "one.y4m"} {
		data := corpusData(t, name)
		wrote := make(chan error, 1)
		go func() { wrote <- os.WriteFile(path, data, 0) }()
		if f, err := firstPictureOf(t, "file:"+path, Options{}); err != nil || f.Size().Empty() {
			t.Errorf("%s: %v", name, err)
		}
		<-wrote
	}
}
