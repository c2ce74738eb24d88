package transport

import (
	"context"
	"time"

	"acip/packet"
)

// wsPing is called by the library, in the reader, for each WebSocket ping. It returns false, since the writer answers
// instead of the library.
func (c *Conn) wsPing(_ context.Context, payload []byte) bool {
	if c.allowed() {
		c.control.addPong(payload)
		c.wakeWriter()
	}
	return false
}

// wsPong is called by the library, in the reader, for each WebSocket pong.
func (c *Conn) wsPong(context.Context, []byte) { c.allowed() }

// allowed counts pings and the like against Options.ControlRate. Too many end the connection.
func (c *Conn) allowed() bool {
	if c.reading.bucket.take(c.o.ControlRate, time.Now()) {
		return true
	}
	c.stream.reader.fail(errTooMany)
	return false
}

var errTooMany error = packet.CloseError{Code: packet.CodeRate, Reason: "too many pings"}

// maxFreePings is how many pings may arrive late behind their pictures.
const maxFreePings = 4

// handlePing answers an ACIP ping. A ping for each picture costs less than the picture and is not counted: flow control
// needs it, whatever the limit is.
func (c *Conn) handlePing(b *packet.Buffer) error {
	asked, err := packet.ParsePing(b.Payload())
	if err != nil {
		return packet.Violation("malformed PING")
	}
	if c.reading.freePings > 0 {
		c.reading.freePings--
	} else if !c.allowed() {
		return errTooMany
	}
	c.window.expect()
	answer := c.o.Buffers.Get(packet.PongSize)
	packet.PutPong(answer.Payload(), asked, uint64(time.Now().UnixMicro()))
	answer.Finish(packet.Pong, 0)
	c.enqueueControl(answer)
	return nil
}

// handlePong takes the answer to one of our pings. Others are ignored, but counted against the limit.
func (c *Conn) handlePong(b *packet.Buffer) error {
	asked, theirs, err := packet.ParsePong(b.Payload())
	if err != nil {
		return packet.Violation("malformed PONG")
	}
	if ours, wake := c.window.answer(asked, time.Now()); ours {
		if wake {
			signal(c.wake)
		}
		return nil
	}
	c.mu.Lock()
	sent, ok := c.clock.find(asked)
	c.mu.Unlock()
	if ok {
		trip := c.clock.answered(sent, theirs)
		if f := c.o.Observer.RoundTrip; f != nil {
			f(trip)
		}
	} else if !c.allowed() {
		return errTooMany
	}
	return nil
}

// ping sends a ping that measures the round trip.
func (c *Conn) ping() {
	c.mu.Lock()
	number := c.clock.ask()
	c.mu.Unlock()
	c.enqueueControl(c.newPing(number))
}

// enqueueControl queues a packet of the connection's own; the reference passes.
func (c *Conn) enqueueControl(b *packet.Buffer) {
	c.control.add(b)
	c.wakeWriter()
}

// wakeWriter wakes the writer. Before Run there is none, and the reader writes itself.
func (c *Conn) wakeWriter() {
	signal(c.wake)
	if c.isReceiving() {
		_ = c.sendControl()
	}
}
