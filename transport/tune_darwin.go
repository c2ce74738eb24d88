package transport

import (
	"time"

	"golang.org/x/sys/unix"
)

// notsentLowat is TCP_NOTSENT_LOWAT of <netinet/tcp.h>.
const notsentLowat = 0x201

// setOptions bounds the unsent bytes; dead peers are found by keep-alive.
func setOptions(fd uintptr, _ time.Duration) {
	setUnsent(fd, firstQueue)
}

// setUnsent bounds the unsent bytes.
func setUnsent(fd uintptr, limit int) {
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, notsentLowat, limit)
}

// takesMore does not know here.
func takesMore(uintptr) bool { return true }

// unacknowledged is not known here.
func unacknowledged(uintptr) int { return 0 }

// leastRTT is not known here.
func leastRTT(uintptr) time.Duration { return 0 }
