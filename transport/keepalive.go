package transport

import (
	"context"
	"time"

	"acip/packet"
)

// wsPing is called by the library, in the reader, for each WebSocket ping. It
// reports that the library need not answer: the writer does.
func (c *Conn) wsPing(_ context.Context, payload []byte) bool {
	if c.allowed() {
		c.own.addPong(&c.mu, payload)
		c.stir()
	}
	return false
}

// wsPong is called by the library, in the reader, for each WebSocket pong.
func (c *Conn) wsPong(context.Context, []byte) { c.allowed() }

// allowed counts what makes us work for nothing; too much of it ends the
// connection.
func (c *Conn) allowed() bool {
	if c.in.bucket.take(c.o.ControlRate, time.Now()) {
		return true
	}
	c.w.fail(errTooMany)
	return false
}

var errTooMany error = packet.CloseError{Code: packet.CodeRate, Reason: "too many pings"}

// mostSpare is how many pings may come late behind their pictures.
const mostSpare = 4

// pinged answers an ACIP ping. A ping for each picture costs less than the picture and is not counted: flow control needs
// it, whatever the limit is.
func (c *Conn) pinged(b *packet.Buffer) error {
	asked, err := packet.ParsePing(b.Payload())
	if err != nil {
		return packet.Violation("malformed PING")
	}
	if c.in.spare > 0 {
		c.in.spare--
	} else if !c.allowed() {
		return errTooMany
	}
	c.window.expect()
	answer := c.o.Buffers.Get(packet.PongSize)
	packet.PutPong(answer.Payload(), asked, uint64(time.Now().UnixMicro()))
	answer.Finish(packet.Pong, 0)
	c.post(answer)
	return nil
}

// ponged takes the answer to a ping of ours. Others are ignored, but counted
// against the limit.
func (c *Conn) ponged(b *packet.Buffer) error {
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

// ask sends a ping.
func (c *Conn) ask() {
	c.mu.Lock()
	number := c.clock.ask()
	c.mu.Unlock()
	c.post(c.pingOf(number))
}

// post queues a packet of the connection's own; the reference passes.
func (c *Conn) post(b *packet.Buffer) {
	c.own.add(&c.mu, b)
	c.stir()
}

// stir has the writer look. Before Run there is none, and the reader writes
// itself.
func (c *Conn) stir() {
	signal(c.wake)
	if c.isReceiving() {
		_ = c.sendOwn()
	}
}
