package transport

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// setOptions sets the limit of unsent bytes and how long sent bytes may stay unacknowledged. A kernel that does not
// know an option does without it.
func setOptions(fd uintptr, silence time.Duration) {
	setUnsent(fd, initialUnsent)
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(silence.Milliseconds()))
}

// setUnsent sets the limit of unsent bytes.
func setUnsent(fd uintptr, limit int) {
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, limit)
}

// writable reports whether fewer bytes than the limit are unsent. If not, the poller wakes the caller when they are.
func writable(fd uintptr) bool {
	ask, now := unix.PollFd{Fd: int32(fd), Events: unix.POLLOUT}, unix.Timespec{}
	n, _, errno := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&ask)), 1, uintptr(unsafe.Pointer(&now)), 0, 0, 0)
	return n != 0 || errno != 0
}

// unacknowledged returns the bytes that were written and not acknowledged, unsent ones included.
func unacknowledged(fd uintptr) int {
	var n int32                                                                               // stays 0 where the kernel does not say
	_, _, _ = unix.RawSyscall(unix.SYS_IOCTL, fd, unix.TIOCOUTQ, uintptr(unsafe.Pointer(&n))) // SIOCOUTQ: see tcp(7)
	return int(n)
}

// minRTT returns the smallest round trip that the kernel has seen; 0 if it does not say.
func minRTT(fd uintptr) time.Duration {
	info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil || info.Min_rtt == ^uint32(0) {
		return 0
	}
	return time.Duration(info.Min_rtt) * time.Microsecond
}
