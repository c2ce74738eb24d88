package transport

import (
	"sync/atomic"
	"time"

	"acip/packet"
)

// maxInlineWrite is how many bytes of a packet WriteInline writes. Larger packets cost more than waking the writer
// does, and are written on several cores at once.
const maxInlineWrite = 16 << 10

// Many small packets a second cost a server mostly the system calls that write them. So a small packet that comes
// within batchEvery of the last small one waits for the rest of that time, and goes out together with what came
// meanwhile. Packets that come less often than that wait for nothing.
const (
	smallPacket = 2 << 10  // bytes of a packet that is small
	maxBatch    = 16 << 10 // bytes written at once
	batchEvery  = 4 * time.Millisecond
)

// writeState is the state of writing, for the holder of the write lock.
type writeState struct {
	source    PacketSource // while WriteInline may write from it
	partial   partialWrite
	broken    bool // a frame is half-written, or the socket failed
	closeSent bool
	begun     bool
	pingDue   atomic.Bool
	frame     []byte
	batch     batch
	alarm     *time.Timer // wakes the writer that waits for an answer; nil before the first wait
	pong      [maxControl]byte
}

// partialWrite is what the writer has to finish: the rest of a frame, and the packet that it belongs to.
type partialWrite struct {
	rest []byte
	b    *packet.Buffer // nil: nothing is left
}

// batch collects small packets.
type batch struct {
	buf   []byte
	last  time.Time // when the last batch was written
	timer *time.Timer
}

// writeLoop sends what there is to send until the connection ends, and then does this end's part of the close handshake.
func (c *Conn) writeLoop(out PacketSource) {
	ping := time.AfterFunc(c.o.PingEvery, func() {
		c.writing.pingDue.Store(true)
		signal(c.wake)
	})
	defer ping.Stop()
	defer c.stopAlarm()
	c.writeMu.Lock()
	defer c.writeMu.Unlock()
	c.writing.source = out
	for !c.isClosing() {
		if c.writing.pingDue.CompareAndSwap(true, false) {
			ping.Reset(c.o.PingEvery)
			c.ping()
		}
		c.stream.writer.waitForRoom(c.closing)
		sent, err := c.sendNext(out)
		if err != nil {
			c.end(c.writeEnding(err))
			break
		}
		if !sent {
			c.waitForWork()
		}
	}
	c.writing.source = nil
	c.closeHandshake(out)
}

// stopAlarm stops the writer's alarm.
func (c *Conn) stopAlarm() {
	if c.writing.alarm != nil {
		c.writing.alarm.Stop()
	}
}

// waitForWork gives up the write lock until the writer is woken.
func (c *Conn) waitForWork() {
	c.writeMu.Unlock()
	defer c.writeMu.Lock()
	<-c.wake
}

// sendNext sends one packet, if there is one. The connection's own control packets go first, except before the first
// packet of the source: a WELCOME must be the first that a client reads.
func (c *Conn) sendNext(out PacketSource) (sent bool, err error) {
	if err := c.writePartial(); err != nil {
		return false, err
	}
	if c.writing.begun {
		if err := c.sendControl(); err != nil {
			return false, err
		}
	}
	c.writing.begun = true
	if full, err := c.windowFull(); full || err != nil {
		return false, err
	}
	b := out.Next()
	if b == nil {
		return false, nil
	}
	if c.client || b.Len() > smallPacket {
		err = c.sendPacket(b)
	} else {
		err = c.sendBatch(b, out)
	}
	if err == nil {
		err = c.pingBehind(time.Now())
	}
	return true, err
}

// windowWait returns 0 if the window lets a packet be taken from the source, else how long to wait for an answer.
func (c *Conn) windowWait(now time.Time) time.Duration {
	s := c.stream
	wait := c.window.wait(now, s.reader.bytes.Load(), s.writer.inFlight.bytes)
	if d := c.window.takeWaited(); d > 0 {
		s.writer.waited.Add(int64(d))
	}
	return wait
}

// windowFull reports whether so much is in flight that nothing may be taken from the source. The writer is woken when
// that may have changed.
func (c *Conn) windowFull() (bool, error) {
	now := time.Now()
	wait := c.windowWait(now)
	if err := c.pingBehind(now); err != nil {
		return false, err
	}
	if wait == 0 {
		return false, nil
	}
	if c.writing.alarm == nil {
		c.writing.alarm = time.AfterFunc(wait, func() { signal(c.wake) })
	} else {
		c.writing.alarm.Reset(wait)
	}
	return true, nil
}

// sendPacket sends a packet that was taken from the source.
func (c *Conn) sendPacket(b *packet.Buffer) error {
	c.window.taken(b)
	return c.send(b)
}

// sendBatch sends a small packet, whose reference passes, and those that come with it.
func (c *Conn) sendBatch(b *packet.Buffer, out PacketSource) error {
	c.waitForBatch()
	p := c.writing.batch.buf[:0]
	for b != nil && b.Len() <= smallPacket && len(p) < maxBatch {
		p = append(p, framed(b)...)
		c.window.taken(b)
		b.Release()
		c.stats.packetsOut.Add(1)
		if b = nil; c.windowWait(time.Now()) == 0 {
			b = out.Next()
		}
	}
	c.writing.batch.buf = p
	err := c.write(p)
	c.writing.batch.last = time.Now()
	if b == nil {
		return err
	}
	if err != nil {
		b.Release()
		return err
	}
	return c.sendPacket(b)
}

// waitForBatch waits until batchEvery has passed since the last batch, or the connection ends.
func (c *Conn) waitForBatch() {
	t := &c.writing.batch
	rest := batchEvery - time.Since(t.last)
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

// WriteInline writes what the packet source holds in the caller's goroutine, if it is small, the writer is idle and the
// socket takes it at once. It returns false if the writer has to be woken, through the source's channel. It never waits
// for the peer. It may be called at any time, from any goroutine.
func (c *Conn) WriteInline() bool {
	if !c.writeMu.TryLock() {
		return false
	}
	defer c.writeMu.Unlock()
	return c.writing.source != nil && c.writeSmall(c.writing.source, time.Now())
}

// writeSmall writes the small packets that the source holds, with the write lock held. The writer does the rest, and
// waits for a batch if the last one has just been written.
func (c *Conn) writeSmall(out PacketSource, now time.Time) bool {
	w := &c.stream.writer
	if c.client || c.writing.partial.b != nil || now.Sub(c.writing.batch.last) < batchEvery || c.isClosing() ||
		c.control.waits() || c.window.pingFirst() || w.overWindow(now) || !w.writable(now) {
		return false
	}
	for c.windowWait(now) == 0 {
		b := out.Next()
		if b == nil {
			return c.pingInline(now)
		}
		c.window.taken(b)
		if !c.sendInline(b, now) {
			return false
		}
		c.writing.batch.last = now
	}
	return false
}

// sendInline writes as much of a packet as is small and the socket takes now, and leaves the rest to the writer. It
// reports whether all was written.
func (c *Conn) sendInline(b *packet.Buffer, now time.Time) bool {
	c.stats.packetsOut.Add(1)
	rest := framed(b)
	if b.Len() <= maxInlineWrite {
		rest = rest[c.stream.writer.writeSome(rest, now):]
	}
	if len(rest) > 0 {
		c.writing.partial = partialWrite{rest, b}
		return false
	}
	b.Release()
	return true
}

// pingInline writes a ping behind what was written, if one is due.
func (c *Conn) pingInline(now time.Time) bool {
	number, due := c.window.nextPing(now)
	return !due || c.sendInline(c.newPing(number), now)
}

// writePartial writes the rest of what WriteInline began.
func (c *Conn) writePartial() error {
	left := c.writing.partial
	if left.b == nil {
		return nil
	}
	c.writing.partial = partialWrite{}
	defer left.b.Release()
	return c.write(left.rest)
}

// releasePartial releases what was not finished.
func (c *Conn) releasePartial() {
	if b := c.writing.partial.b; b != nil {
		b.Release()
	}
	c.writing.partial = partialWrite{}
}

// pingBehind sends a ping behind what was written, if one is due.
func (c *Conn) pingBehind(now time.Time) error {
	number, due := c.window.nextPing(now)
	if !due {
		return nil
	}
	return c.send(c.newPing(number))
}

// newPing returns a PING with a number.
func (c *Conn) newPing(number uint64) *packet.Buffer {
	b := c.o.Buffers.Get(packet.PingSize)
	packet.PutPing(b.Payload(), number)
	b.Finish(packet.Ping, 0)
	return b
}

// sendControl sends what the connection itself has to send.
func (c *Conn) sendControl() error {
	if err := c.sendPongs(); err != nil {
		return err
	}
	for b := c.control.next(); b != nil; b = c.control.next() {
		if err := c.send(b); err != nil {
			return err
		}
	}
	return nil
}

// sendPongs answers WebSocket pings. It may be called between two fragments.
func (c *Conn) sendPongs() error {
	for {
		n, ok := c.control.nextPong(&c.writing.pong)
		if !ok {
			return nil
		}
		if err := c.writeFrame(opPong, c.writing.pong[:n], true); err != nil {
			return err
		}
	}
}

// send writes one packet and releases it. A server writes the frame that is shared by all connections; a client has to
// mask a copy.
func (c *Conn) send(b *packet.Buffer) error {
	defer b.Release()
	c.stats.packetsOut.Add(1)
	if !c.client {
		return c.write(framed(b))
	}
	return c.sendFragments(b.Bytes())
}

// sendFragments writes a message in fragments, so that control frames fit in between.
func (c *Conn) sendFragments(p []byte) error {
	op := byte(opBinary)
	for {
		n := min(len(p), c.o.FragmentSize)
		final := n == len(p)
		if err := c.writeFrame(op, p[:n], final); err != nil || final {
			return err
		}
		p, op = p[n:], opContinuation
		if err := c.sendPongs(); err != nil {
			return err
		}
	}
}

// writeFrame writes one frame, masked if this is the client.
func (c *Conn) writeFrame(op byte, payload []byte, final bool) error {
	c.writing.frame = appendFrame(c.writing.frame[:0], op, payload, final, c.client)
	return c.write(c.writing.frame)
}

// write writes whole frames.
func (c *Conn) write(p []byte) error {
	err := c.stream.writer.write(p)
	if err != nil {
		c.writing.broken = true
	}
	return err
}
