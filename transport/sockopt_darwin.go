package transport

import (
	"time"

	"golang.org/x/sys/unix"
)

// notsentLowat is TCP_NOTSENT_LOWAT of <netinet/tcp.h>.
const notsentLowat = 0x201

// setOptions bounds the unsent bytes; dead peers are found by keep-alive.
func setOptions(fd uintptr, _ time.Duration) {
	setUnsent(fd, initialUnsent)
}

// setUnsent bounds the unsent bytes.
func setUnsent(fd uintptr, limit int) {
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, notsentLowat, limit)
}

// writable does not know here.
func writable(uintptr) bool { return true }

// unacknowledged is not known here.
func unacknowledged(uintptr) int { return 0 }

// minRTT is not known here.
func minRTT(uintptr) time.Duration { return 0 }
