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

// terminalPath goes through /proc, which works where the terminal's own name is not in this mount namespace.
func terminalPath(f *os.File) (path string, err error) {
	err = control(f, func(fd int) error {
		path = fmt.Sprintf("/proc/self/fd/%d", fd)
		_, err := unix.IoctlGetTermios(fd, getTermios)
		return err
	})
	return path, err
}

// hasten asks for this thread to run before all ordinary ones, else before most.
func hasten() {
	if unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_RR, Priority: 1}, 0) != nil {
		_ = unix.Setpriority(unix.PRIO_PROCESS, 0, -10) // only for those who may
	}
}
