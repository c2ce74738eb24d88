//go:build linux && cgo

package v4l2

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"acip/frame"
)

func openFiles(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	return len(all)
}

// What streams for real is tried in the virtual machine of scripts/test-camera.sh.
func TestOpenWhatIsNoCamera(t *testing.T) {
	mode := Mode{Code: "YUYV", Size: frame.Size{W: 640, H: 480}, FPS: 30}
	before := openFiles(t)
	if s, err := Open("/dev/null", mode); s != nil || !errors.Is(err, unix.ENOTTY) {
		t.Errorf("%v, %v", s, err)
	}
	if s, err := Open("/dev/there-is-no-such", mode); s != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, %v", s, err)
	}
	if now := openFiles(t); now != before {
		t.Errorf("%d open files, %d before", now, before)
	}
}
