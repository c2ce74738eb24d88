package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"acip/packet"
)

// slowMessage is after how long an unfinished message is worth a Notice: the
// original gave up on it then.
const slowMessage = 100 * time.Millisecond

// errTruncated is a message that the end of the connection cut off. The library
// hands it out as if it were whole.
var errTruncated = errors.New("transport: the connection ended inside a message")

// reading is the reader's state.
type reading struct {
	head     [packet.HeaderSize]byte
	rest     [512]byte     // where bytes go that nobody wants
	header   packet.Header // of the message; zero: not known yet
	expected int           // bytes that the message's header announces; 0: not known yet
	bad      int           // packets dropped for their content
	noticed  time.Time     // the last Notice of reassembly
	greeted  bool          // a packet came
	bucket   bucket
	spare    int // pings that are not counted: one for each picture that came, up to mostSpare
}

// read hands packets to h until the connection ends.
func (c *Conn) read(h Handler) {
	for {
		b, err := c.next()
		if err != nil {
			c.end(c.readEnding(err))
			return
		}
		if !c.isClosing() { // what came behind the end is not wanted
			err = c.dispatch(b, h)
		}
		b.Release()
		if err != nil {
			c.end(c.handlerEnding(err))
			return
		}
	}
}

// dispatch answers what the connection answers itself and lends h the rest.
func (c *Conn) dispatch(b *packet.Buffer, h Handler) error {
	if c.client && !c.in.greeted {
		c.ask() // not before: HELLO must be the first that a server hears
	}
	c.in.greeted = true
	if b.Type().Class() == packet.Video {
		c.in.spare = min(c.in.spare+1, mostSpare)
	}
	switch b.Type() {
	case packet.Ping:
		return c.pinged(b)
	case packet.Pong:
		return c.ponged(b)
	}
	return h(b)
}

// next is the next whole and well-formed packet, one reference. Packets that are
// neither are dropped and counted here.
func (c *Conn) next() (*packet.Buffer, error) {
	for {
		// A context that can be done would cost allocations, and would close the
		// connection behind the writer's back.
		kind, r, err := c.ws.Reader(context.Background())
		if err != nil {
			return nil, err
		}
		if kind != websocket.MessageBinary {
			return nil, packet.Violation("a text message")
		}
		b, err := c.assemble(r)
		if b != nil && err == nil {
			c.stats.packetsIn.Add(1)
			return b, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// assemble reads one message into one buffer, sized by the header that has been
// checked; nil when it was dropped.
func (c *Conn) assemble(r io.Reader) (*packet.Buffer, error) {
	c.in.expected, c.in.header = 0, packet.Header{}
	h, err := c.header(r)
	var b *packet.Buffer
	if err == nil {
		b, err = c.body(r, h)
	}
	if errors.Is(err, errDropped) {
		return nil, c.discard(r)
	}
	return b, err
}

// errDropped is a packet that was dropped and counted; the connection goes on.
var errDropped = errors.New("transport: packet dropped")

// header reads the header and judges what it announces.
func (c *Conn) header(r io.Reader) (packet.Header, error) {
	n, err := c.fill(r, c.in.head[:])
	h, wrong := packet.ParseHeader(c.in.head[:n])
	switch limit := h.Type.Limit(c.o.MaxFrame); {
	case errors.Is(err, errDropped):
		return h, err
	case errors.Is(wrong, packet.ErrMagic):
		return h, packet.Violation("bad magic")
	case err != nil:
		return h, c.cutOff(err, n, packet.HeaderSize)
	case uint64(h.Length) > uint64(limit):
		return h, packet.CloseError{Code: packet.CodeTooBig,
			Reason: fmt.Sprintf("%s of %d bytes, the limit is %d", h.Type, h.Length, limit)}
	}
	if h.Type.Class() == packet.Video && c.isReceiving() { // who has said nothing yet gets no memory for it
		return h, packet.Violation("%s before hello", h.Type)
	}
	c.in.expected, c.in.header = packet.HeaderSize+int(h.Length), h
	return h, nil
}

// body reads and checks the payload.
func (c *Conn) body(r io.Reader, h packet.Header) (*packet.Buffer, error) {
	b := c.o.Buffers.Get(int(h.Length))
	b.Fill(h)
	n, err := c.fill(r, b.Payload())
	if err != nil {
		err = c.cutOff(err, packet.HeaderSize+n, c.in.expected)
	} else if err = c.atEnd(r); err == nil {
		c.arrived()
		err = c.check(b, h)
	}
	if err != nil {
		b.Release()
		return nil, err
	}
	return b, nil
}

// atEnd makes sure that the message ends here.
func (c *Conn) atEnd(r io.Reader) error {
	n, err := c.fill(r, c.in.rest[:1])
	switch {
	case n > 0:
		return packet.Violation("a message longer than its header says")
	case err == io.EOF && c.w.lost: // its last frame never came
		return c.cutOff(err, c.in.expected, c.in.expected)
	case err == io.EOF:
		return nil
	}
	return err
}

// check judges a packet that arrived whole.
func (c *Conn) check(b *packet.Buffer, h packet.Header) error {
	if sum := packet.Checksum(b.Payload()); sum != h.CRC {
		c.stats.checksum.Add(1)
		return c.bad(fmt.Errorf("%s: %w", h.Type, packet.ErrChecksum))
	}
	err := packet.CheckPicture(h.Type, b.Payload(), c.o.MaxFrame)
	switch {
	case errors.Is(err, packet.ErrCodec):
		return packet.Violation("%s: unknown codec", h.Type)
	case err != nil:
		c.stats.badSize.Add(1)
		return c.bad(err)
	}
	return nil
}

// fill reads until p is full: io.EOF with fewer bytes at the message's end,
// errDropped once the message has missed its deadline.
func (c *Conn) fill(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = r.Read(p[n:])
		n += m
		c.progress()
	}
	if c.w.expired && (err == nil || err == io.EOF) {
		return n, errDropped
	}
	if n == len(p) {
		return n, nil
	}
	return n, err
}

// discard reads what still comes of a message that was dropped.
func (c *Conn) discard(r io.Reader) error {
	for {
		if _, err := r.Read(c.in.rest[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// cutOff tells a message that is shorter than it should be, which is dropped, from
// one that the end of the connection cut off, and from a failure to read.
func (c *Conn) cutOff(err error, n, expected int) error {
	if err != io.EOF {
		return err
	}
	if c.w.lost {
		c.stats.truncated.Add(1)
		return errTruncated
	}
	c.stats.short.Add(1)
	return c.bad(fmt.Errorf("%w: %d bytes of %d", packet.ErrShort, n, expected))
}

// bad counts a packet that was dropped for its content. The third one ends the
// connection, and so does the first before HELLO.
func (c *Conn) bad(err error) error {
	c.in.bad++
	if f := c.o.Observer.BadPacket; f != nil {
		f(c.message(), err)
	}
	if c.isReceiving() {
		return packet.Violation("before hello: %s", err)
	}
	if c.in.bad >= BadPackets {
		return packet.Violation("%d bad packets, the last: %s", c.in.bad, err)
	}
	return errDropped
}

// expired is called by the wire when the message misses its deadline.
func (c *Conn) expired() {
	c.stats.timeout.Add(1)
	m := c.message()
	if f := c.o.Observer.Timeout; f != nil {
		f(m)
	}
	if !c.client {
		c.post(c.o.Buffers.Error(packet.CodeFragment, fmt.Sprintf(
			"a packet was dropped: not complete after %s (%d of %d bytes)", m.Timeout, m.Size, m.Expected)))
	}
}

// progress tells the owner of a message that is slow to arrive.
func (c *Conn) progress() {
	if c.o.Observer.Reassembly == nil || !c.w.scan.in || c.w.since.Sub(c.w.begin) < slowMessage || c.w.since.Sub(c.in.noticed) < time.Second {
		return
	}
	c.in.noticed = c.w.since
	c.o.Observer.Reassembly(c.message())
}

// arrived tells the owner of a message that came in fragments.
func (c *Conn) arrived() {
	if c.o.Observer.Reassembly == nil || c.w.scan.fragments < 2 || time.Since(c.in.noticed) < time.Second {
		return
	}
	c.in.noticed = time.Now()
	c.o.Observer.Reassembly(c.message())
}

// message describes the message that is being read.
func (c *Conn) message() Message {
	return Message{Fragments: c.w.scan.fragments, Elapsed: time.Since(c.w.begin),
		Timeout: c.o.ReassemblyTimeout, Size: c.w.scan.size, Expected: c.in.expected, Header: c.in.header}
}

func (c *Conn) isReceiving() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.phase == receiving
}

// readEnding is how a connection ends that can't be read any more.
func (c *Conn) readEnding(err error) ending {
	var fault packet.CloseError
	if errors.As(c.w.err, &fault) || errors.As(err, &fault) {
		if fault.Remote {
			return ending{err: fault, code: fault.Code, manner: echo}
		}
		return ending{err: fault, code: fault.Code, reason: fault.Reason}
	}
	var closed websocket.CloseError
	if errors.As(err, &closed) && utf8.ValidString(closed.Reason) {
		return closedEnding(closed)
	}
	if c.w.lost || errors.Is(err, errTruncated) {
		return lostEnding(c.w.err)
	}
	if errors.Is(err, context.DeadlineExceeded) { // a control frame's payload never came
		fault = packet.CloseError{Code: packet.CodeFragment, Reason: "a control frame stopped half-way"}
	} else {
		fault = packet.CloseError{Code: packet.CodeFraming, Reason: "broken WebSocket framing: " + innermost(err)}
	}
	return ending{err: fault, code: fault.Code, reason: fault.Reason}
}

// closedEnding is the end that the peer asked for.
func closedEnding(e websocket.CloseError) ending {
	code := packet.Code(e.Code)
	if e.Code == websocket.StatusNoStatusRcvd {
		code = packet.CodeBye
	}
	return ending{
		err:  packet.CloseError{Code: code, Reason: packet.CleanText(e.Reason), Remote: true},
		code: code, manner: echo,
	}
}

// lostEnding is the end of a wire.
func lostEnding(err error) ending {
	reason := "the other end went away without a goodbye"
	if err != nil && err != io.EOF {
		reason = innermost(err)
	}
	return ending{err: packet.CloseError{Code: packet.CodeLost, Reason: reason}, code: packet.CodeLost, manner: silent}
}

// handlerEnding is the end that the handler asked for.
func (c *Conn) handlerEnding(err error) ending {
	var fault packet.CloseError
	if errors.As(err, &fault) {
		return ending{err: err, code: fault.Code, reason: fault.Reason}
	}
	return ending{err: err, code: c.bye()}
}

// innermost is the text of the first cause.
func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return packet.CleanText(err.Error())
		}
		err = next
	}
}
