package stream

import (
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// reopen opens a pipe or device once more, without blocking: changing the mode of the file itself would change it for
// every process that shares it.
func reopen(f *os.File) *os.File {
	again, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", f.Fd()), os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	if again.SetWriteDeadline(time.Time{}) != nil {
		_ = again.Close() // opened for nothing
		return nil
	}
	return again
}

// readerGone reports whether f is a pipe that nobody will read any more.
func readerGone(f *os.File) (gone bool) {
	raw, err := f.SyscallConn()
	if err != nil {
		return false
	}
	_ = raw.Control(func(fd uintptr) { // an error means that the file is closed, and Run over
		p := []unix.PollFd{{Fd: int32(fd)}}
		n, err := unix.Poll(p, 0)
		gone = err == nil && n > 0 && p[0].Revents&unix.POLLERR != 0
	})
	return gone
}
