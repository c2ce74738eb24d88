package pool

import (
	"acip/packet"
)

// A viewer's link is for media, so what it spends on chat is bounded: a person reads a few hundred bytes a second, and
// 4 KiB a second is 7 % of a link of 500 kbit/s. Lines above that are dropped and counted; no connection is closed for
// what others say.
const (
	chatRate  = 4 << 10  // bytes a second
	chatBurst = 16 << 10 // bytes at once: a screenful of lines, or two of the longest
	chatWaits = 32       // lines that wait for a writer
	chatShare = 256      // bytes a second that one member may send however many members there are
	chatOwn   = 9 << 10  // bytes that one member may send at once: the longest line, or fifty short ones
)

// chat holds the lines that wait for one member.
type chat struct {
	lines   []*packet.Buffer
	budget  bucket
	dropped uint64
}

// put queues a line, lent, or drops and counts it. It reports whether the line was queued.
func (c *chat) put(b *packet.Buffer, now int64) bool {
	if len(c.lines) >= chatWaits || !c.budget.pass(now, b.Len(), chatRate, chatBurst) {
		c.dropped++
		return false
	}
	c.lines = append(c.lines, b.Retain())
	return true
}

// take removes the oldest line; nil if none waits.
func (c *chat) take() *packet.Buffer {
	if len(c.lines) == 0 {
		return nil
	}
	b := c.lines[0]
	c.lines[0] = nil
	c.lines = c.lines[1:]
	return b
}

// bucket is a token bucket of bytes.
type bucket struct {
	used float64
	at   int64
}

// pass takes n bytes from a bucket of burst bytes that is filled at rate a second, or none if there are not as many.
func (c *bucket) pass(now int64, n, rate, burst int) bool {
	c.used = max(0, c.used-float64(now-c.at)/1e9*float64(rate))
	c.at = now
	if c.used+float64(n) > float64(burst) {
		return false
	}
	c.used += float64(n)
	return true
}
