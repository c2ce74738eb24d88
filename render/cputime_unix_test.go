//go:build unix

package render

import (
	"syscall"
	"time"
)

// cpuTime is the processor time that the process has used, which says more than the clock on a machine with other work.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
