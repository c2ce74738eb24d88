package transport

import (
	"time"

	"acip/packet"
)

// Many small packets a second cost a server mostly the system calls that write
// them. So what is small and comes within a moment of the last small one waits for
// the rest of the moment, and goes out with what came meanwhile. A viewer of fewer
// packets than one a moment waits for nothing.
const (
	batchPiece  = 2 << 10  // bytes of a packet that is small
	batchSize   = 16 << 10 // bytes written at once
	batchMoment = 4 * time.Millisecond
)

// batching is what the writer puts small packets together with.
type batching struct {
	buf   []byte
	last  time.Time // when the last batch was written
	timer *time.Timer
}

// sendBatch writes a small packet, whose reference passes, and those that come
// with it.
func (c *Conn) sendBatch(b *packet.Buffer, out PacketSource) error {
	c.pause()
	p := c.out.batch.buf[:0]
	for b != nil && b.Len() <= batchPiece && len(p) < batchSize {
		p = append(p, framed(b)...)
		c.window.took(b)
		b.Release()
		c.stats.packetsOut.Add(1)
		if b = nil; c.w.hold(&c.window, time.Now()) == 0 {
			b = out.Next()
		}
	}
	c.out.batch.buf = p
	err := c.raw(p)
	c.out.batch.last = time.Now()
	if b == nil {
		return err
	}
	if err != nil {
		b.Release()
		return err
	}
	return c.sendTaken(b)
}

// pause waits for the rest of the moment that the last batch began, or for the
// connection's end.
func (c *Conn) pause() {
	t := &c.out.batch
	rest := batchMoment - time.Since(t.last)
	if rest <= 0 {
		return
	}
	if t.timer == nil {
		t.timer = time.NewTimer(rest)
	} else {
		t.timer.Reset(rest)
	}
	select {
	case <-t.timer.C:
	case <-c.closing:
		t.timer.Stop()
	}
}
