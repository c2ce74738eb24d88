package pool

import (
	"acip/packet"
)

// A viewer's link is for pictures. What it spends on chat is bounded: a person
// reads a few hundred bytes a second, and 4 KiB a second is 7 % of a link of
// 500 kbit/s. Lines above that are dropped and counted; nobody is cut for what
// others say.
const (
	chatRate  = 4 << 10  // bytes a second
	chatBurst = 16 << 10 // bytes at once: a screenful of lines, or two of the longest
	chatWaits = 32       // lines that wait for a writer
	chatShare = 256      // bytes a second that one member may say however many there are
	chatOwn   = 9 << 10  // bytes that one member may say at once: the longest line, or fifty short ones
)

// chat is the lines that wait for one member.
type chat struct {
	lines   []*packet.Buffer
	budget  bucket
	dropped uint64
}

// put keeps a line, lent, or drops it and counts it. It reports whether it was
// kept.
func (c *chat) put(b *packet.Buffer, now int64) bool {
	if len(c.lines) >= chatWaits || !c.budget.pass(now, b.Len(), chatRate, chatBurst) {
		c.dropped++
		return false
	}
	c.lines = append(c.lines, b.Retain())
	return true
}

// take is the oldest line, nil when none waits.
func (c *chat) take() *packet.Buffer {
	if len(c.lines) == 0 {
		return nil
	}
	b := c.lines[0]
	c.lines[0] = nil
	c.lines = c.lines[1:]
	return b
}

// bucket is bytes that may be spent, filled at a rate.
type bucket struct {
	used float64
	at   int64
}

// pass spends n bytes of a bucket of burst bytes that is filled at rate a second,
// or none where there are not as many.
func (c *bucket) pass(now int64, n, rate, burst int) bool {
	c.used = max(0, c.used-float64(now-c.at)/1e9*float64(rate))
	c.at = now
	if c.used+float64(n) > float64(burst) {
		return false
	}
	c.used += float64(n)
	return true
}
