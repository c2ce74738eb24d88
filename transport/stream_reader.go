package transport

import (
	"errors"
	"io"
	"os"
	"sync/atomic"
	"time"

	"acip/packet"
)

// readAhead is how many bytes are read from the socket at once if the library asks for fewer.
const readAhead = 16 << 10

// errReadEnded is what the library reads once the connection is to end.
var errReadEnded = errors.New("transport: reading ended")

// streamReader reads from the socket. What it reads passes the scanner, never beyond the end of the current message, so
// that the scanner's message is the one that the library returns. The socket's read deadline is the timer of all time
// limits: it fires in the reader itself, also if no byte arrives. Only the reader uses it, except for the counters.
type streamReader struct {
	o         *Options
	deadlines *deadlines
	src       io.Reader // the socket, or what net/http has read from it already and then the socket
	onExpire  func()    // called when a message misses its deadline

	scan     frameScanner
	buf      []byte
	lo, hi   int       // what is read ahead: buf[lo:hi]
	err      error     // what ended reading; a packet.CloseError if the peer is to blame
	lost     bool      // the socket ended or failed
	begin    time.Time // when the message's first byte was seen
	expired  bool      // the message missed its deadline
	waiting  time.Time // since when the reader waits for a byte
	deadline time.Time // the read deadline that is set; zero after it fired

	bytes  atomic.Uint64
	frames atomic.Uint64
}

// prepend puts bytes in front that were read from the socket before there was a stream.
func (r *streamReader) prepend(p []byte) {
	r.buf = append(p[:len(p):len(p)], r.buf...)[:max(len(p), readAhead)]
	r.hi = len(p)
}

// Read implements io.Reader for the library.
func (r *streamReader) Read(p []byte) (int, error) {
	for len(p) > 0 {
		if r.err != nil {
			return 0, r.err
		}
		if r.lo < r.hi {
			n := copy(p, r.buf[r.lo:r.hi])
			n, r.err = r.pass(p[:n])
			r.lo += n
			if n > 0 && !r.scan.stray { // the library would object before the frame is whole
				return n, nil
			}
			continue
		}
		// A large read goes straight to its destination, unless it might reach into the next message.
		if len(p) >= len(r.buf) && uint64(len(p)) <= r.scan.remain && !r.scan.control {
			n, err := r.fetch(p)
			if err != nil {
				r.err = err
				continue
			}
			return r.pass(p[:n])
		}
		r.lo, r.hi = 0, 0
		r.hi, r.err = r.fetch(r.buf)
	}
	return 0, r.err
}

// pass runs bytes through the scanner and notes when a message begins.
func (r *streamReader) pass(b []byte) (int, error) {
	messages, frames := r.scan.messages, r.scan.frames
	n, err := r.scan.take(b)
	if r.scan.messages != messages {
		r.begin, r.expired = time.Now(), false
	}
	r.frames.Add(r.scan.frames - frames)
	return n, err
}

// fetch reads from the socket and checks the time limits while it waits.
func (r *streamReader) fetch(p []byte) (int, error) {
	r.waiting = time.Now()
	for {
		r.arm()
		n, err := r.src.Read(p)
		if n > 0 {
			r.bytes.Add(uint64(n))
			return n, nil
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			if err := r.checkLimits(time.Now()); err != nil {
				return 0, err
			}
		} else if err != nil {
			r.lost = true
			return 0, err
		}
	}
}

// arm sets the read deadline to the next time limit, unless the one that is set is earlier. A deadline that fires early
// now and then costs less than setting it for each message.
func (r *streamReader) arm() {
	due := r.nextLimit()
	if !r.deadline.IsZero() && !due.Before(r.deadline) {
		return
	}
	r.deadline = due
	r.deadlines.setRead(due)
}

// nextLimit returns when the next time limit is due.
func (r *streamReader) nextLimit() time.Time {
	due := r.waiting.Add(r.o.Silence)
	if r.scan.in {
		due = earlier(due, earlier(r.waiting.Add(r.o.FragmentStall), r.begin.Add(r.messageLimit())))
		if !r.expired {
			due = earlier(due, r.begin.Add(r.o.ReassemblyTimeout))
		}
	}
	return due
}

// messageLimit returns how long a message may take in all before the connection ends.
func (r *streamReader) messageLimit() time.Duration {
	if r.o.ReassemblyTimeout < r.o.FragmentStall {
		return r.o.FragmentStall
	}
	return r.o.ReassemblyTimeout + r.o.FragmentStall
}

// checkLimits acts on the time limits that have passed. An error ends the connection.
func (r *streamReader) checkLimits(now time.Time) error {
	r.deadline = time.Time{}
	if r.deadlines.readEnded() {
		return errReadEnded
	}
	if r.scan.in && !r.expired && !now.Before(r.begin.Add(r.o.ReassemblyTimeout)) {
		r.expired = true
		r.onExpire()
	}
	switch {
	case r.scan.in && !now.Before(r.waiting.Add(r.o.FragmentStall)):
		return packet.CloseError{Code: packet.CodeFragment, Reason: "no byte for " + r.o.FragmentStall.String() + " inside a message"}
	case r.scan.in && !now.Before(r.begin.Add(r.messageLimit())):
		return packet.CloseError{Code: packet.CodeFragment, Reason: "a message not finished after " + r.messageLimit().String()}
	case !now.Before(r.waiting.Add(r.o.Silence)):
		return packet.CloseError{Code: packet.CodeSilent, Reason: "nothing heard for " + r.o.Silence.String()}
	}
	return nil
}

// fail makes the library's next read return err.
func (r *streamReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// drain reads and discards up to the peer's close frame, the end of the stream or the time end.
func (r *streamReader) drain(end time.Time) {
	rest := r.buf[r.lo:r.hi]
	for !r.scan.closed && time.Now().Before(end) {
		for len(rest) > 0 && !r.scan.closed {
			n, err := r.scan.take(rest)
			if err != nil { // out of step: only the end of the stream counts
				break
			}
			rest = rest[n:]
		}
		if r.scan.closed {
			return
		}
		n, err := r.src.Read(r.buf)
		if err != nil {
			return
		}
		rest = r.buf[:n]
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
