package transport

import (
	"net"
	"syscall"
	"time"
)

// unsentLimit bounds what waits in the kernel behind a slow link: above it the
// writer blocks, and newer pictures replace older ones where they can still be
// replaced. 16 KiB keeps the throughput of a fast link.
const unsentLimit = 16 << 10

// tune sets what a connection needs of its socket, as far as there is one.
func tune(conn net.Conn, silence time.Duration) {
	if t, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = t.NetConn()
	}
	if t, ok := conn.(*net.TCPConn); ok {
		_ = t.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: silence / 2, Interval: silence / 8, Count: 3})
	}
	if s, ok := conn.(syscall.Conn); ok {
		if raw, err := s.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) { setOptions(fd, silence) })
		}
	}
}

// tuneEarly is tune for a socket that is about to connect.
func tuneEarly(_, _ string, raw syscall.RawConn) error {
	_ = raw.Control(func(fd uintptr) { setOptions(fd, DefaultSilence) })
	return nil
}
