package transport

import (
	"encoding/binary"
	"errors"
	"sync/atomic"
	"time"

	"acip/packet"
)

// writing is the state of writing, of whoever holds the pen.
type writing struct {
	open    PacketSource // while WriteInline may write from it
	left    leftover
	broken  bool // a frame is half-written, or the socket failed
	parted  bool // the close frame is out
	begun   bool
	pingDue atomic.Bool
	frame   []byte
	batch   batching
	alarm   *time.Timer // wakes the writer that waits for an answer; nil: it never did
	control [maxControl]byte
}

// write sends what there is to send until the connection ends, and says goodbye.
func (c *Conn) write(out PacketSource) {
	ping := time.AfterFunc(c.o.PingEvery, func() {
		c.out.pingDue.Store(true)
		signal(c.wake)
	})
	defer ping.Stop()
	defer c.disarm()
	c.pen.Lock()
	defer c.pen.Unlock()
	c.out.open = out
	for !c.isClosing() {
		if c.out.pingDue.CompareAndSwap(true, false) {
			ping.Reset(c.o.PingEvery)
			c.ask()
		}
		c.w.settle(c.closing)
		sent, err := c.sendNext(out)
		if err != nil {
			c.end(c.writeEnding(err))
			break
		}
		if !sent {
			c.rest()
		}
	}
	c.out.open = nil
	c.goodbye(out)
}

// disarm stops the writer's alarm.
func (c *Conn) disarm() {
	if c.out.alarm != nil {
		c.out.alarm.Stop()
	}
}

// rest lays the pen down until somebody knocks.
func (c *Conn) rest() {
	c.pen.Unlock()
	defer c.pen.Lock()
	<-c.wake
}

// sendNext sends one packet, if there is one: the connection's own first, but for what waited when it began to run, as a
// WELCOME does.
func (c *Conn) sendNext(out PacketSource) (sent bool, err error) {
	if err := c.finish(); err != nil {
		return false, err
	}
	if c.out.begun {
		if err := c.sendOwn(); err != nil {
			return false, err
		}
	}
	c.out.begun = true
	if held, err := c.held(); held || err != nil {
		return false, err
	}
	b := out.Next()
	if b == nil {
		return false, nil
	}
	if c.client || b.Len() > batchPiece {
		err = c.sendTaken(b)
	} else {
		err = c.sendBatch(b, out)
	}
	if err == nil {
		err = c.askBehind(time.Now())
	}
	return true, err
}

// held reports whether too much is under way for anything to be taken from the outbox. The writer is woken when that may
// have changed.
func (c *Conn) held() (bool, error) {
	now := time.Now()
	wait := c.w.hold(&c.window, now)
	if err := c.askBehind(now); err != nil {
		return false, err
	}
	if wait == 0 {
		return false, nil
	}
	if c.out.alarm == nil {
		c.out.alarm = time.AfterFunc(wait, func() { signal(c.wake) })
	} else {
		c.out.alarm.Reset(wait)
	}
	return true, nil
}

// sendTaken sends a packet that was taken from the outbox.
func (c *Conn) sendTaken(b *packet.Buffer) error {
	c.window.took(b)
	return c.send(b)
}

// askBehind sends a ping behind what was written, if one is due.
func (c *Conn) askBehind(now time.Time) error {
	number, due := c.window.ask(now)
	if !due {
		return nil
	}
	return c.send(c.pingOf(number))
}

// pingOf is a PING with that number.
func (c *Conn) pingOf(number uint64) *packet.Buffer {
	b := c.o.Buffers.Get(packet.PingSize)
	packet.PutPing(b.Payload(), number)
	b.Finish(packet.Ping, 0)
	return b
}

// sendOwn sends what the connection itself has to say.
func (c *Conn) sendOwn() error {
	if err := c.sendPongs(); err != nil {
		return err
	}
	for b := c.own.next(&c.mu); b != nil; b = c.own.next(&c.mu) {
		if err := c.send(b); err != nil {
			return err
		}
	}
	return nil
}

// sendPongs answers WebSocket pings; it may be called between two fragments.
func (c *Conn) sendPongs() error {
	for {
		n, ok := c.own.nextPong(&c.mu, &c.out.control)
		if !ok {
			return nil
		}
		if err := c.put(opPong, c.out.control[:n], true); err != nil {
			return err
		}
	}
}

// send writes one packet and gives its reference back. The server writes the
// frame that was built once and is shared by all; a client has to mask.
func (c *Conn) send(b *packet.Buffer) error {
	defer b.Release()
	c.stats.packetsOut.Add(1)
	if !c.client {
		return c.raw(framed(b))
	}
	return c.sendFragments(b.Bytes())
}

// sendFragments writes a message in fragments, so that control frames fit
// between them.
func (c *Conn) sendFragments(p []byte) error {
	op := byte(opBinary)
	for {
		n := min(len(p), c.o.FragmentSize)
		final := n == len(p)
		if err := c.put(op, p[:n], final); err != nil || final {
			return err
		}
		p, op = p[n:], opContinuation
		if err := c.sendPongs(); err != nil {
			return err
		}
	}
}

// put writes one frame, masked if this is the client.
func (c *Conn) put(op byte, payload []byte, final bool) error {
	c.out.frame = appendFrame(c.out.frame[:0], op, payload, final, c.client)
	return c.raw(c.out.frame)
}

// raw writes whole frames.
func (c *Conn) raw(p []byte) error {
	err := c.w.write(p)
	if err != nil {
		c.out.broken = true
	}
	return err
}

// goodbye says what the ending asks for. Nothing more may be written afterwards.
func (c *Conn) goodbye(out PacketSource) {
	why := c.ended()
	defer c.forget()
	if why.manner == silent || c.out.broken {
		return
	}
	c.w.stay()
	if c.finish() != nil {
		return
	}
	if why.manner == say {
		if c.sendOwn() != nil || c.drain(out) != nil || c.sayFault(why) != nil {
			return
		}
	}
	c.w.stay()
	var p [maxControl]byte
	binary.BigEndian.PutUint16(p[:], uint16(why.code))
	n := 2 + copy(p[2:], packet.Shorten(why.reason, maxReason))
	c.out.parted = c.put(opClose, p[:n], true) == nil && why.manner == say
}

// forget gives back what was not finished.
func (c *Conn) forget() {
	if b := c.out.left.b; b != nil {
		b.Release()
	}
	c.out.left = leftover{}
}

// drain sends the control packets that wait, up to the first picture; of a client
// that goes of its own will, the pictures that it still meant to send too.
func (c *Conn) drain(out PacketSource) error {
	if out == nil {
		return nil
	}
	for range controlQueue {
		b := out.Next()
		if b == nil {
			return nil
		}
		if b.Type().Class() == packet.Video && !(c.client && c.ended().code == packet.CodeBye) {
			b.Release()
			return nil
		}
		if err := c.send(b); err != nil {
			return err
		}
	}
	return nil
}

// sayFault sends the ERROR_MESSAGE that goes before a server's close frame.
func (c *Conn) sayFault(why *ending) error {
	if c.client || why.code == packet.CodeBye || why.code == packet.CodeGoingAway {
		return nil
	}
	text := why.reason
	if text == "" {
		text = why.code.Info().Meaning
	}
	c.w.stay()
	return c.send(c.o.Buffers.Error(why.code, text))
}

// writeEnding is how a connection ends that can't be written any more: the frame
// is half out, so that nothing can be said.
func (c *Conn) writeEnding(err error) ending {
	var fault packet.CloseError
	if errors.As(err, &fault) {
		return ending{err: fault, code: fault.Code, reason: fault.Reason, manner: silent}
	}
	return lostEnding(err)
}
