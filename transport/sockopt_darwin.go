package transport

import (
	"time"

	"golang.org/x/sys/unix"
)

// notsentLowat is TCP_NOTSENT_LOWAT of <netinet/tcp.h>.
const notsentLowat = 0x201

// setOptions sets the limit of unsent bytes. Keep-alive finds dead peers.
func setOptions(fd uintptr, _ time.Duration) {
	setUnsent(fd, initialUnsent)
}

// setUnsent sets the limit of unsent bytes.
func setUnsent(fd uintptr, limit int) {
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, notsentLowat, limit)
}

// writable returns true: the system does not say.
func writable(uintptr) bool { return true }

// unacknowledged returns 0: the system does not say.
func unacknowledged(uintptr) int { return 0 }

// minRTT returns 0: the system does not say.
func minRTT(uintptr) time.Duration { return 0 }
