package transport_test

import (
	"io"
	"net"

	"golang.org/x/sys/unix"
)

// cpuSeconds is the processor time that this process has used.
func cpuSeconds() float64 {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// discard takes n bytes off the socket without copying them, so that receivers cost little.
func discard(c net.Conn, n int64) error {
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		return err
	}
	buf := make([]byte, 1<<20)
	for n > 0 && err == nil {
		var got int
		var failed error
		err = raw.Read(func(fd uintptr) bool {
			got, _, failed = unix.Recvfrom(int(fd), buf[:min(n, int64(len(buf)))], unix.MSG_TRUNC)
			return failed != unix.EAGAIN
		})
		if err == nil {
			err = failed
		}
		if err == nil && got == 0 {
			err = io.ErrUnexpectedEOF
		}
		n -= int64(max(got, 0))
	}
	return err
}
