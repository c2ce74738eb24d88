package transport

import (
	"time"

	"acip/packet"
)

// maxInlineWrite is how many bytes of a packet are written by whoever knocks. Larger
// ones cost more than waking the writer does, and go out side by side.
const maxInlineWrite = 16 << 10

// leftover is what the writer has to finish: the rest of a frame, and the packet
// that it is of.
type leftover struct {
	p []byte
	b *packet.Buffer // nil: nothing is left
}

// WriteInline says that the outbox may hold something, and has it written at once, in
// the caller's goroutine, if it is small, the connection's writer is at rest and
// the socket takes it. It reports false where the writer has to be woken, by the
// outbox's channel. It never waits for the peer. It may be called at any time, from
// any goroutine.
func (c *Conn) WriteInline() bool {
	if !c.pen.TryLock() {
		return false
	}
	defer c.pen.Unlock()
	return c.out.open != nil && c.writeNow(c.out.open, time.Now())
}

// writeNow writes what waits and is small, with the pen in hand. What is beyond
// stays for the writer, and so does what came so soon that it waits for more.
func (c *Conn) writeNow(out PacketSource, now time.Time) bool {
	if c.client || c.out.left.b != nil || now.Sub(c.out.batch.last) < batchMoment ||
		c.isClosing() || c.own.waits(&c.mu) || c.window.asksFirst() || c.w.unsettled(now) || !c.w.takesNow(now) {
		return false
	}
	for c.w.hold(&c.window, now) == 0 {
		b := out.Next()
		if b == nil {
			return c.askNow(now)
		}
		c.window.took(b)
		c.stats.packetsOut.Add(1)
		rest := framed(b)
		if b.Len() <= maxInlineWrite {
			rest = rest[c.w.writeSome(rest, now):]
		}
		if len(rest) > 0 {
			c.out.left = leftover{rest, b}
			return false
		}
		b.Release()
		c.out.batch.last = now
	}
	return false
}

// askNow writes a ping behind what was written, if one is due.
func (c *Conn) askNow(now time.Time) bool {
	number, due := c.window.ask(now)
	if !due {
		return true
	}
	c.stats.packetsOut.Add(1)
	b := c.pingOf(number)
	rest := framed(b)
	if rest = rest[c.w.writeSome(rest, now):]; len(rest) > 0 {
		c.out.left = leftover{rest, b}
		return false
	}
	b.Release()
	return true
}

// finish writes what a knock left.
func (c *Conn) finish() error {
	left := c.out.left
	if left.b == nil {
		return nil
	}
	c.out.left = leftover{}
	defer left.b.Release()
	return c.raw(left.p)
}
