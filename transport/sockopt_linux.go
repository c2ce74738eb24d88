package transport

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// setOptions bounds the unsent bytes and the time that sent ones may stay
// unanswered. A kernel that does not know an option goes without it.
func setOptions(fd uintptr, silence time.Duration) {
	setUnsent(fd, initialUnsent)
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(silence.Milliseconds()))
}

// setUnsent bounds the unsent bytes.
func setUnsent(fd uintptr, limit int) {
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, limit)
}

// writable reports whether less is unsent than the bound; if not, the kernel says when.
func writable(fd uintptr) bool {
	ask, now := unix.PollFd{Fd: int32(fd), Events: unix.POLLOUT}, unix.Timespec{}
	n, _, errno := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&ask)), 1, uintptr(unsafe.Pointer(&now)), 0, 0, 0)
	return n != 0 || errno != 0
}

// unacknowledged is the bytes that were written and not acknowledged, unsent ones included.
func unacknowledged(fd uintptr) int {
	var n int32                                                                               // stays 0 where the kernel does not say
	_, _, _ = unix.RawSyscall(unix.SYS_IOCTL, fd, unix.TIOCOUTQ, uintptr(unsafe.Pointer(&n))) // SIOCOUTQ: see tcp(7)
	return int(n)
}

// minRTT is the least round trip that the kernel has seen, 0 where it does not say.
func minRTT(fd uintptr) time.Duration {
	info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil || info.Min_rtt == ^uint32(0) {
		return 0
	}
	return time.Duration(info.Min_rtt) * time.Microsecond
}
