package term

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

const (
	getTermios = unix.TCGETS
	setNow     = unix.TCSETS
	setFlush   = unix.TCSETSF
)

// terminalPath goes through /proc, which works where the terminal's own name
// is not in this mount namespace.
func terminalPath(f *os.File) (path string, err error) {
	err = control(f, func(fd int) error {
		path = fmt.Sprintf("/proc/self/fd/%d", fd)
		_, err := unix.IoctlGetTermios(fd, getTermios)
		return err
	})
	return path, err
}
