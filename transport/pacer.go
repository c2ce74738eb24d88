package transport

import (
	"net"
	"syscall"
	"time"
)

// unsentLimit bounds what waits in the kernel behind a slow link. Above it the writer blocks, and newer pictures
// replace older ones while they still can. 16 KiB keeps the throughput of a fast link.
const unsentLimit = 16 << 10

// A link that carries fastLink bytes a second may have fastQueue of its own time unsent instead. At such rates a
// picture waits there no longer than it takes to show, and waking the writer for each 16 KiB costs a tenth of the
// server's time.
const (
	fastLink   = 16 << 20
	slowLink   = fastLink / 2 // below it a fast link is no longer fast
	fastQueue  = 50 * time.Millisecond
	rateWindow = 25 * time.Millisecond
)

// A link that takes less than unsentLimit in slowQueue may have only that time unsent: a picture would wait there for
// too long. Writes below slowWrite tell how fast the buffer is, not the link.
const (
	slowQueue     = 50 * time.Millisecond
	minUnsent     = 2 << 10
	initialUnsent = 4 << 10 // on a link that is not known yet
	slowWrite     = 20 * time.Millisecond
)

// How often a socket that is writable is asked whether it still is, and for how long after it was not it is asked each
// time.
const (
	askSocketEvery = 20 * time.Millisecond
	slowFor        = time.Second
)

// sendPacer fits the bytes that the kernel may hold unsent to how fast the connection takes them. For the holder of the
// write lock.
type sendPacer struct {
	socket    syscall.RawConn // nil if there is none
	since     time.Time       // when the window of rateWindow began
	bytes     int             // written in it
	fast      int             // windows since the link was last slow
	limit     int             // unsent bytes that the kernel takes
	slowLimit int             // the same while the link is not fast

	asked       time.Time // when the socket was last asked whether it is writable
	notWritable time.Time // when it last was not
}

// newSendPacer returns a pacer for a socket whose limit is initialUnsent; nil means that there is no socket.
func newSendPacer(socket syscall.RawConn) sendPacer {
	return sendPacer{socket: socket, limit: initialUnsent, slowLimit: initialUnsent}
}

// waitWritable waits until fewer bytes than the limit are unsent, or for the write deadline. The kernel appends a small
// write to what is unsent already, however much that is, so the limit holds only for writers that ask first. It reports
// whether it had to wait.
func (p *sendPacer) waitWritable(now time.Time) bool {
	if !p.shouldAsk(now) {
		return false
	}
	asked := 0
	_ = p.socket.Write(func(fd uintptr) bool { // the write that follows returns the error, and retries
		asked++
		return writable(fd)
	})
	return !p.noteWritable(asked < 2, time.Now())
}

// shouldAsk reports whether it is time to ask the socket, and notes it.
func (p *sendPacer) shouldAsk(now time.Time) bool {
	if p.socket == nil || p.limit > unsentLimit || now.Sub(p.asked) < askSocketEvery && now.Sub(p.notWritable) > slowFor {
		return false
	}
	p.asked = now
	return true
}

// noteWritable notes the socket's answer and returns it.
func (p *sendPacer) noteWritable(writable bool, now time.Time) bool {
	if !writable {
		p.notWritable = now
	}
	return writable
}

// noteWait notes how long a write of n bytes took.
func (p *sendPacer) noteWait(n int, wait time.Duration) {
	if p.socket == nil || wait < slowWrite && n < unsentLimit {
		return
	}
	carried := float64(n) / max(wait, time.Microsecond).Seconds() * slowQueue.Seconds()
	p.slowLimit = int(min(max(carried, minUnsent), unsentLimit))
	if p.limit <= unsentLimit {
		p.setLimit(p.slowLimit)
	}
}

// noteBytes notes that the socket took n bytes; now may be when the write began. The window holds idle time too, so
// that only a link that has just carried much counts as fast.
func (p *sendPacer) noteBytes(n int, now time.Time) {
	p.bytes += n
	took := now.Sub(p.since)
	if took < rateWindow || p.socket == nil {
		return
	}
	rate := float64(p.bytes) / took.Seconds()
	p.since, p.bytes = now, 0
	if rate >= fastLink {
		p.fast++
	}
	switch {
	case rate < slowLink:
		p.fast = 0
		p.setLimit(p.slowLimit)
	case p.fast > 1: // one window may be no more than the burst that a shaper lets through
		p.setLimit(int(rate * fastQueue.Seconds()))
	}
}

// noteBlocked notes a write that did not get through in a step.
func (p *sendPacer) noteBlocked() {
	p.slowLimit = minUnsent
	p.setLimit(minUnsent)
}

// setLimit tells the kernel, if the change is worth a system call.
func (p *sendPacer) setLimit(limit int) {
	if p.socket == nil || limit > p.limit/2 && limit < 2*p.limit && limit != p.slowLimit || limit == p.limit {
		return
	}
	p.limit = limit
	_ = p.socket.Control(func(fd uintptr) { setUnsent(fd, limit) })
}

// tune sets the socket options that a connection needs and returns the socket; nil if there is none.
func tune(conn net.Conn, silence time.Duration) syscall.RawConn {
	conn = underlyingConn(conn)
	if t, ok := conn.(*net.TCPConn); ok {
		_ = t.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: silence / 2, Interval: silence / 8, Count: 3})
	}
	s, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return nil
	}
	_ = raw.Control(func(fd uintptr) { setOptions(fd, silence) })
	return raw
}

// underlyingConn returns the connection beneath TLS and the like.
func underlyingConn(conn net.Conn) net.Conn {
	for {
		t, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return conn
		}
		conn = t.NetConn()
	}
}

// tuneEarly sets the socket options of a socket that is about to connect.
func tuneEarly(_, _ string, raw syscall.RawConn) error {
	_ = raw.Control(func(fd uintptr) { setOptions(fd, DefaultSilence) })
	return nil
}
