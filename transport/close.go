package transport

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"acip/packet"
)

// How long the end of a connection may take: Options.Grace for what is being written and the close frame, of which each
// part has closeStep at least, if a busy machine used up all of it; then closeWait for the peer's close frame. Together
// they stay below a second.
const (
	closeStep = 50 * time.Millisecond
	closeWait = 400 * time.Millisecond
)

// ending is why and how a connection ends. The first one counts.
type ending struct {
	err    error // what Run returns
	code   packet.Code
	reason string
	mode   closeMode
}

// closeMode is what is still sent at the end.
type closeMode uint8

const (
	closeInitiate closeMode = iota // what is queued, the error, the close frame
	closeReply                     // the peer has closed: its code back
	closeAbort                     // nothing: the socket is gone, or a frame is half-written
)

// end notes why the connection ends and interrupts reading and writing. The first ending counts.
func (c *Conn) end(e ending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.why != nil {
		return
	}
	e.reason = packet.CleanText(e.reason)
	c.why = &e
	close(c.closing)
	signal(c.wake)
	c.stream.deadlines.end(c.o.Grace)
}

// ended returns why the connection ends; nil while it lives.
func (c *Conn) ended() *ending {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.why
}

// isClosing reports whether the connection is to end.
func (c *Conn) isClosing() bool {
	select {
	case <-c.closing:
		return true
	default:
		return false
	}
}

// closeCode returns the code with which this end closes of its own will.
func (c *Conn) closeCode() packet.Code {
	if c.client {
		return packet.CodeBye
	}
	return packet.CodeGoingAway
}

// closeHandshake sends what the ending asks for, up to the close frame. Nothing may be written afterwards.
func (c *Conn) closeHandshake(out PacketSource) {
	why := c.ended()
	defer c.releasePartial()
	if why.mode == closeAbort || c.writing.broken {
		return
	}
	c.stream.deadlines.extendWrite()
	if c.writePartial() != nil {
		return
	}
	if why.mode == closeInitiate {
		if c.sendControl() != nil || c.sendQueued(out) != nil || c.sendFault(why) != nil {
			return
		}
	}
	c.stream.deadlines.extendWrite()
	var p [maxControl]byte
	binary.BigEndian.PutUint16(p[:], uint16(why.code))
	n := closeSize + copy(p[closeSize:], packet.Shorten(why.reason, maxReason))
	c.writing.closeSent = c.writeFrame(opClose, p[:n], true) == nil && why.mode == closeInitiate
}

// sendQueued sends the queued control packets, up to the first media packet. A client that leaves of its own will sends
// the media that it queued too.
func (c *Conn) sendQueued(out PacketSource) error {
	if out == nil {
		return nil
	}
	for range maxControlQueued {
		b := out.Next()
		if b == nil {
			return nil
		}
		if b.Type().Class() != packet.Control && !(c.client && c.ended().code == packet.CodeBye) {
			b.Release()
			return nil
		}
		if err := c.send(b); err != nil {
			return err
		}
	}
	return nil
}

// sendFault sends the ERROR_MESSAGE that precedes a server's close frame.
func (c *Conn) sendFault(why *ending) error {
	if c.client || why.code == packet.CodeBye || why.code == packet.CodeGoingAway {
		return nil
	}
	text := why.reason
	if text == "" {
		text = why.code.Info().Meaning
	}
	c.stream.deadlines.extendWrite()
	return c.send(c.o.Buffers.Error(why.code, text))
}

// finishClose waits for the peer's close frame, if ours was sent, and frees everything. Nobody reads or writes any more.
func (c *Conn) finishClose() {
	if c.writing.closeSent {
		c.stream.drain(closeWait)
	}
	c.stream.abort()
	_ = c.ws.CloseNow() // frees the library's own; the socket is closed
	c.control.clear()
}

// contextEnding is the end of a connection whose context is done.
func (c *Conn) contextEnding(ctx context.Context) ending {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && c.isReceiving() {
		return faultEnding(packet.CloseError{Code: packet.CodeNoHello, Reason: "no hello in time"}, closeInitiate)
	}
	return ending{err: context.Cause(ctx), code: c.closeCode()}
}

// readEnding is the end of a connection that cannot be read any more.
func (c *Conn) readEnding(err error) ending {
	r := &c.stream.reader
	var fault packet.CloseError
	if errors.As(r.err, &fault) || errors.As(err, &fault) {
		if fault.Remote {
			return ending{err: fault, code: fault.Code, mode: closeReply}
		}
		return faultEnding(fault, closeInitiate)
	}
	var closed websocket.CloseError
	if errors.As(err, &closed) && utf8.ValidString(closed.Reason) {
		return closedEnding(closed)
	}
	if r.lost || errors.Is(err, errTruncated) {
		return lostEnding(r.err)
	}
	if errors.Is(err, context.DeadlineExceeded) { // a control frame's payload never came
		return faultEnding(packet.CloseError{Code: packet.CodeFragment, Reason: "a control frame stopped half-way"}, closeInitiate)
	}
	return faultEnding(packet.CloseError{Code: packet.CodeFraming, Reason: "broken WebSocket framing: " + innermost(err)}, closeInitiate)
}

// writeEnding is the end of a connection that cannot be written any more: a frame is half-written, so nothing can be sent.
func (c *Conn) writeEnding(err error) ending {
	var fault packet.CloseError
	if errors.As(err, &fault) {
		return faultEnding(fault, closeAbort)
	}
	return lostEnding(err)
}

// handlerEnding is the end that the handler asked for.
func (c *Conn) handlerEnding(err error) ending {
	var fault packet.CloseError
	if errors.As(err, &fault) {
		return ending{err: err, code: fault.Code, reason: fault.Reason}
	}
	return ending{err: err, code: c.closeCode()}
}

// faultEnding is an end with the error's own code and reason.
func faultEnding(e packet.CloseError, mode closeMode) ending {
	return ending{err: e, code: e.Code, reason: e.Reason, mode: mode}
}

// closedEnding is the end that the peer asked for.
func closedEnding(e websocket.CloseError) ending {
	code := packet.Code(e.Code)
	if e.Code == websocket.StatusNoStatusRcvd {
		code = packet.CodeBye
	}
	return ending{
		err:  packet.CloseError{Code: code, Reason: packet.CleanText(e.Reason), Remote: true},
		code: code, mode: closeReply,
	}
}

// lostEnding is the end of a connection whose socket ended or failed.
func lostEnding(err error) ending {
	reason := "the other end went away without a goodbye"
	if err != nil && err != io.EOF {
		reason = innermost(err)
	}
	return ending{err: packet.CloseError{Code: packet.CodeLost, Reason: reason}, code: packet.CodeLost, mode: closeAbort}
}

// innermost returns the text of the first cause.
func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return packet.CleanText(err.Error())
		}
		err = next
	}
}
