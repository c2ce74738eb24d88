package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/coder/websocket"

	"acip/packet"
)

// slowMessage is after how long an unfinished message is reported: ascii-chat gives up on it then.
const slowMessage = 100 * time.Millisecond

// errTruncated is a message that the end of the connection cut off. The library returns it as if it were whole.
var errTruncated = errors.New("transport: the connection ended inside a message")

// readState is the reader's state.
type readState struct {
	head      [packet.HeaderSize]byte
	discarded [512]byte     // for bytes that are skipped
	header    packet.Header // of the message; zero: not known yet
	expected  int           // bytes that the message's header announces; 0: not known yet
	bad       int           // packets dropped for their content
	reported  time.Time     // when Observer.Reassembly was last called
	greeted   bool          // a packet came
	bucket    bucket
	freePings int // pings that are not counted: one for each picture that came, up to maxFreePings
}

// readLoop lends packets to h until the connection ends.
func (c *Conn) readLoop(h Handler) {
	for {
		b, err := c.nextPacket()
		if err != nil {
			c.end(c.readEnding(err))
			return
		}
		if !c.isClosing() { // what arrives after the end is ignored
			err = c.dispatch(b, h)
		}
		b.Release()
		if err != nil {
			c.end(c.handlerEnding(err))
			return
		}
	}
}

// dispatch handles PING and PONG and lends everything else to h.
func (c *Conn) dispatch(b *packet.Buffer, h Handler) error {
	if c.client && !c.reading.greeted {
		c.ping() // not before: HELLO must be the first packet that a server reads
	}
	c.reading.greeted = true
	if b.Type().Class() == packet.Video {
		c.reading.freePings = min(c.reading.freePings+1, maxFreePings)
	}
	switch b.Type() {
	case packet.Ping:
		return c.handlePing(b)
	case packet.Pong:
		return c.handlePong(b)
	}
	return h(b)
}

// nextPacket returns the next whole and well-formed packet with one reference. It drops and counts those that are not.
func (c *Conn) nextPacket() (*packet.Buffer, error) {
	for {
		// A context that can be done would cost allocations, and would close the connection behind the writer's back.
		kind, r, err := c.ws.Reader(context.Background())
		if err != nil {
			return nil, err
		}
		if kind != websocket.MessageBinary {
			return nil, packet.Violation("a text message")
		}
		b, err := c.readMessage(r)
		if b != nil && err == nil {
			c.stats.packetsIn.Add(1)
			return b, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// readMessage reads one message into one buffer, sized by the header after it was checked. It returns nil if the
// message was dropped.
func (c *Conn) readMessage(r io.Reader) (*packet.Buffer, error) {
	c.reading.expected, c.reading.header = 0, packet.Header{}
	h, err := c.readHeader(r)
	var b *packet.Buffer
	if err == nil {
		b, err = c.readBody(r, h)
	}
	if errors.Is(err, errDropped) {
		return nil, c.discard(r)
	}
	return b, err
}

// errDropped means that the packet was dropped and counted; the connection goes on.
var errDropped = errors.New("transport: packet dropped")

// readHeader reads the header and checks what it announces.
func (c *Conn) readHeader(r io.Reader) (packet.Header, error) {
	n, err := c.readFull(r, c.reading.head[:])
	h, wrong := packet.ParseHeader(c.reading.head[:n])
	switch limit := h.Type.Limit(c.o.MaxFrame); {
	case errors.Is(err, errDropped):
		return h, err
	case errors.Is(wrong, packet.ErrMagic):
		return h, packet.Violation("bad magic")
	case err != nil:
		return h, c.shortMessage(err, n, packet.HeaderSize)
	case uint64(h.Length) > uint64(limit):
		return h, packet.CloseError{Code: packet.CodeTooBig,
			Reason: fmt.Sprintf("%s of %d bytes, the limit is %d", h.Type, h.Length, limit)}
	}
	if h.Type.Class() != packet.Control && c.isReceiving() { // before HELLO media gets no memory
		return h, packet.Violation("%s before hello", h.Type)
	}
	c.reading.expected, c.reading.header = packet.HeaderSize+int(h.Length), h
	return h, nil
}

// readBody reads and checks the payload.
func (c *Conn) readBody(r io.Reader, h packet.Header) (*packet.Buffer, error) {
	b := c.o.Buffers.Get(int(h.Length))
	b.Fill(h)
	n, err := c.readFull(r, b.Payload())
	if err != nil {
		err = c.shortMessage(err, packet.HeaderSize+n, c.reading.expected)
	} else if err = c.expectEnd(r); err == nil {
		c.reportFragments()
		err = c.check(b, h)
	}
	if err != nil {
		b.Release()
		return nil, err
	}
	return b, nil
}

// expectEnd checks that the message ends here.
func (c *Conn) expectEnd(r io.Reader) error {
	n, err := c.readFull(r, c.reading.discarded[:1])
	switch {
	case n > 0:
		return packet.Violation("a message longer than its header says")
	case err == io.EOF && c.stream.reader.lost: // its last frame never came
		return c.shortMessage(err, c.reading.expected, c.reading.expected)
	case err == io.EOF:
		return nil
	}
	return err
}

// check checks the content of a whole packet.
func (c *Conn) check(b *packet.Buffer, h packet.Header) error {
	if sum := packet.Checksum(b.Payload()); sum != h.CRC {
		c.stats.checksum.Add(1)
		return c.dropBad(fmt.Errorf("%s: %w", h.Type, packet.ErrChecksum))
	}
	err := packet.CheckPicture(h.Type, b.Payload(), c.o.MaxFrame)
	switch {
	case errors.Is(err, packet.ErrCodec):
		return packet.Violation("%s: unknown codec", h.Type)
	case err != nil:
		c.stats.badSize.Add(1)
		return c.dropBad(err)
	}
	return nil
}

// readFull reads until p is full. It returns io.EOF and fewer bytes at the message's end, and errDropped once the
// message has missed its deadline.
func (c *Conn) readFull(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = r.Read(p[n:])
		n += m
		c.reportSlow()
	}
	if c.stream.reader.expired && (err == nil || err == io.EOF) {
		return n, errDropped
	}
	if n == len(p) {
		return n, nil
	}
	return n, err
}

// discard reads the rest of a message that was dropped.
func (c *Conn) discard(r io.Reader) error {
	for {
		if _, err := r.Read(c.reading.discarded[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// shortMessage tells apart a message that is shorter than its header says, which is dropped, one that the end of the
// connection cut off, and a failure to read.
func (c *Conn) shortMessage(err error, n, expected int) error {
	if err != io.EOF {
		return err
	}
	if c.stream.reader.lost {
		c.stats.truncated.Add(1)
		return errTruncated
	}
	c.stats.short.Add(1)
	return c.dropBad(fmt.Errorf("%w: %d bytes of %d", packet.ErrShort, n, expected))
}

// dropBad counts a packet that is dropped for its content. The third one ends the connection, and so does the first
// before HELLO.
func (c *Conn) dropBad(err error) error {
	c.reading.bad++
	if f := c.o.Observer.BadPacket; f != nil {
		f(c.message(), err)
	}
	if c.isReceiving() {
		return packet.Violation("before hello: %s", err)
	}
	if c.reading.bad >= BadPackets {
		return packet.Violation("%d bad packets, the last: %s", c.reading.bad, err)
	}
	return errDropped
}

// messageExpired is called by the stream's reader when the message misses its deadline.
func (c *Conn) messageExpired() {
	c.stats.timeout.Add(1)
	m := c.message()
	if f := c.o.Observer.Timeout; f != nil {
		f(m)
	}
	if !c.client {
		c.enqueueControl(c.o.Buffers.Error(packet.CodeFragment, fmt.Sprintf(
			"a packet was dropped: not complete after %s (%d of %d bytes)", m.Timeout, m.Size, m.Expected)))
	}
}

// reportSlow reports a message that is slow to arrive.
func (c *Conn) reportSlow() {
	r := &c.stream.reader
	if c.o.Observer.Reassembly == nil || !r.scan.in || r.waiting.Sub(r.begin) < slowMessage ||
		r.waiting.Sub(c.reading.reported) < time.Second {
		return
	}
	c.reading.reported = r.waiting
	c.o.Observer.Reassembly(c.message())
}

// reportFragments reports a message that arrived in fragments.
func (c *Conn) reportFragments() {
	if c.o.Observer.Reassembly == nil || c.stream.reader.scan.fragments < 2 || time.Since(c.reading.reported) < time.Second {
		return
	}
	c.reading.reported = time.Now()
	c.o.Observer.Reassembly(c.message())
}

// message describes the message that is being read.
func (c *Conn) message() Message {
	return Message{Fragments: c.stream.reader.scan.fragments, Elapsed: time.Since(c.stream.reader.begin),
		Timeout: c.o.ReassemblyTimeout, Size: c.stream.reader.scan.size, Expected: c.reading.expected, Header: c.reading.header}
}
