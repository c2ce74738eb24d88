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

// A link that carries fastLink bytes a second gets room for fastQueue of its own
// time instead: at such rates a picture waits there no longer than it takes to
// show, and waking the writer for each 16 KiB costs a tenth of the server's time.
const (
	fastLink   = 16 << 20
	slowLink   = fastLink / 2 // below it a fast link is so no more
	fastQueue  = 50 * time.Millisecond
	paceWindow = 25 * time.Millisecond
)

// A link that takes less than unsentLimit in slowQueue gets room for that time
// only: there a picture would wait longer than it is worth. What a write of a
// moment says is how fast the buffer was, not the link.
const (
	slowQueue  = 50 * time.Millisecond
	leastQueue = 2 << 10
	firstQueue = 4 << 10 // of a link that is not known yet
	slowWrite  = 20 * time.Millisecond
)

// pace follows how fast a connection takes what is written to it. Writer only.
type pace struct {
	socket syscall.RawConn // nil where there is none
	since  time.Time
	bytes  int
	fast   int // windows that were since it was last slow
	limit  int // unsent bytes that the kernel takes
	usual  int // the same while the link is not fast

	looked time.Time // when the socket was last asked whether it takes more
	slow   time.Time // when it last did not
}

// How often a socket is asked whether it takes more, while it does; and for how long after it did not it is asked each time.
const (
	lookEvery = 20 * time.Millisecond
	slowFor   = time.Second
)

// await waits until no more is unsent than the limit, or for the write deadline. The kernel adds what is small to what waits
// already, however much that is: only one that asks first is held to the limit. It reports whether there was a wait.
func (p *pace) await(now time.Time) bool {
	if !p.due(now) {
		return false
	}
	asked := 0
	_ = p.socket.Write(func(fd uintptr) bool { // the write that follows tells what is wrong, and has patience
		asked++
		return takesMore(fd)
	})
	return !p.judge(asked < 2, time.Now())
}

// due reports whether it is time to ask, and notes that.
func (p *pace) due(now time.Time) bool {
	if p.socket == nil || p.limit > unsentLimit || now.Sub(p.looked) < lookEvery && now.Sub(p.slow) > slowFor {
		return false
	}
	p.looked = now
	return true
}

// judge notes what the socket said.
func (p *pace) judge(takes bool, now time.Time) bool {
	if !takes {
		p.slow = now
	}
	return takes
}

// newPace is for a socket that has firstQueue; nil is none.
func newPace(socket syscall.RawConn) pace {
	return pace{socket: socket, limit: firstQueue, usual: firstQueue}
}

// took notes that writing n bytes had to wait so long.
func (p *pace) took(n int, wait time.Duration) {
	if p.socket == nil || wait < slowWrite && n < unsentLimit {
		return
	}
	room := float64(n) / max(wait, time.Microsecond).Seconds() * slowQueue.Seconds()
	p.usual = int(min(max(room, leastQueue), unsentLimit))
	if p.limit <= unsentLimit {
		p.set(p.usual)
	}
}

// wrote notes n bytes taken; now may be when the write began. The window holds
// idle time too, so that only a link that has just carried much counts as fast.
func (p *pace) wrote(n int, now time.Time) {
	p.bytes += n
	took := now.Sub(p.since)
	if took < paceWindow || p.socket == nil {
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
		p.set(p.usual)
	case p.fast > 1: // one may be no more than the burst that a shaper lets through
		p.set(int(rate * fastQueue.Seconds()))
	}
}

// blocked notes a write that did not get through in a step.
func (p *pace) blocked() {
	p.usual = leastQueue
	p.set(leastQueue)
}

// set tells the kernel, if it is worth a system call.
func (p *pace) set(limit int) {
	if p.socket == nil || limit > p.limit/2 && limit < 2*p.limit && limit != p.usual || limit == p.limit {
		return
	}
	p.limit = limit
	_ = p.socket.Control(func(fd uintptr) { setUnsent(fd, limit) })
}

// tune sets what a connection needs of its socket, as far as there is one, and
// returns it for what is set later.
func tune(conn net.Conn, silence time.Duration) syscall.RawConn {
	conn = beneath(conn)
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

// beneath is the socket that conn is made of.
func beneath(conn net.Conn) net.Conn {
	for {
		t, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return conn
		}
		conn = t.NetConn()
	}
}

// tuneEarly is tune for a socket that is about to connect.
func tuneEarly(_, _ string, raw syscall.RawConn) error {
	_ = raw.Control(func(fd uintptr) { setOptions(fd, DefaultSilence) })
	return nil
}
