//go:build darwin || freebsd || openbsd || netbsd || dragonfly

package term

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

const (
	getTermios = unix.TIOCGETA
	setNow     = unix.TIOCSETA
	setFlush   = unix.TIOCSETAF
)

// terminalPath looks for the device that f is. The name matters: kqueue can wait for /dev/ttys000 but not for /dev/tty.
func terminalPath(f *os.File) (string, error) {
	var want unix.Stat_t
	if err := control(f, func(fd int) error { return unix.Fstat(fd, &want) }); err != nil {
		return "", err
	}
	for _, pattern := range []string{"/dev/ttys*", "/dev/pts/*", "/dev/tty*"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		for _, name := range names {
			var have unix.Stat_t
			if unix.Stat(name, &have) == nil && have.Rdev == want.Rdev &&
				have.Mode&unix.S_IFMT == unix.S_IFCHR && want.Mode&unix.S_IFMT == unix.S_IFCHR {
				return name, nil
			}
		}
	}
	return "", ErrNoTerminal
}

// hasten asks for this process to run before most, where it may.
func hasten() { _ = unix.Setpriority(unix.PRIO_PROCESS, 0, -10) }
