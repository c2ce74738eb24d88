package transport

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"acip/packet"
)

// readAhead is what is read from the socket at once where the library asks for
// less.
const readAhead = 16 << 10

// errHalted is what the library gets to read once the connection is to end.
var errHalted = errors.New("transport: reading ended")

// wire is the byte stream beneath the WebSocket library. What is read passes the
// scanner, never beyond the end of the current message, so that the message the
// scanner speaks of is the one that the library hands out. What the library
// writes (it would be close frames and nothing else) is swallowed: the writer
// says goodbye in its own turn. The socket's read deadline is the timer of all
// time limits: it fires in the reader itself, also when no byte comes.
type wire struct {
	conn net.Conn
	src  io.Reader // conn, or what net/http read from it already and then conn
	o    *Options
	step time.Duration // how often a blocked write looks whether it got on

	tls    bool
	opaque bool // TLS without a seal: a write must not time out half-way and go on

	onExpire func() // called in the reader when a message misses its deadline

	// The reader's.
	scan     scanner
	buf      []byte
	lo, hi   int       // what is read ahead
	err      error     // what ended reading; a packet.CloseError if the peer is to blame
	lost     bool      // the socket ended or failed
	begin    time.Time // when the message's first byte was seen
	expired  bool      // the message missed its deadline
	since    time.Time // since when the reader waits for a byte
	armed    time.Time // the read deadline that is set; zero after it fired
	bytesIn  atomic.Uint64
	fragsIn  atomic.Uint64
	bytesOut atomic.Uint64
	waited   atomic.Int64 // ns, for the link to take more

	dst      io.Writer // conn
	now      writerNow // nil: there is none
	writeDue time.Time // the writer's deadline that is set
	pace     pace
	owed     int // what askOwed found
	askOwed  func(fd uintptr)
	flight   flight

	mu      sync.Mutex // orders deadlines against halt and leave
	halted  bool       // no more reading
	leaveBy time.Time  // when writing must be over; zero so long as it need not
}

func newWire(conn net.Conn, o *Options, client bool) *wire {
	w := &wire{conn: conn, o: o, step: o.WriteStall / 10, buf: make([]byte, readAhead)}
	w.ends()
	w.scan.limit = uint64(max(o.MaxFrame, packet.MaxControl) + packet.HeaderSize)
	w.scan.masked = !client
	w.pace = newPace(tune(conn, o.Silence))
	w.flight.socket = w.pace.socket
	return w
}

// ends finds what to read from and to write to.
func (w *wire) ends() {
	bare := direct(w.conn)
	w.src, w.dst = bare, bare
	w.now, _ = bare.(writerNow)
	if _, w.tls = w.conn.(interface{ NetConn() net.Conn }); !w.tls {
		return
	}
	s := newSealed(w.conn)
	if w.opaque = s == nil; w.opaque {
		w.step = w.o.WriteStall
		return
	}
	w.dst = s
	if s.now != nil {
		w.now = s
	}
}

// prepend makes bytes that were read before the wire was there its first ones.
func (w *wire) prepend(p []byte) {
	w.buf = append(p[:len(p):len(p)], w.buf...)[:max(len(p), readAhead)]
	w.hi = len(p)
}

// Read gives the library bytes of the current message.
func (w *wire) Read(p []byte) (int, error) {
	for len(p) > 0 {
		if w.err != nil {
			return 0, w.err
		}
		if w.lo < w.hi {
			n := copy(p, w.buf[w.lo:w.hi])
			n, w.err = w.pass(p[:n])
			w.lo += n
			if n > 0 && !w.scan.stray { // the library would object before the frame is whole
				return n, nil
			}
			continue
		}
		// A large read goes straight to where it is wanted, if it can't reach into
		// the next message.
		if len(p) >= len(w.buf) && uint64(len(p)) <= w.scan.remain && !w.scan.control {
			n, err := w.fetch(p)
			if err != nil {
				w.err = err
				continue
			}
			return w.pass(p[:n])
		}
		w.lo, w.hi = 0, 0
		w.hi, w.err = w.fetch(w.buf)
	}
	return 0, w.err
}

// pass runs bytes through the scanner and notes when a message begins.
func (w *wire) pass(b []byte) (int, error) {
	messages, frames := w.scan.messages, w.scan.frames
	n, err := w.scan.take(b)
	if w.scan.messages != messages {
		w.begin, w.expired = time.Now(), false
	}
	w.fragsIn.Add(w.scan.frames - frames)
	return n, err
}

// fetch reads from the socket, minding the time limits while it waits.
func (w *wire) fetch(p []byte) (int, error) {
	w.since = time.Now()
	for {
		w.arm()
		n, err := w.src.Read(p)
		if n > 0 {
			w.bytesIn.Add(uint64(n))
			return n, nil
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			if err := w.tick(time.Now()); err != nil {
				return 0, err
			}
		} else if err != nil {
			w.lost = true
			return 0, err
		}
	}
}

// arm sets the read deadline to the next time limit, if the one that is set is
// later. It fires early now and then, which costs less than setting it for each
// message.
func (w *wire) arm() {
	due := w.due()
	if !w.armed.IsZero() && !due.Before(w.armed) {
		return
	}
	w.armed = due
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.halted {
		_ = w.conn.SetReadDeadline(due)
	}
}

// due is when the next time limit falls due.
func (w *wire) due() time.Time {
	due := w.since.Add(w.o.Silence)
	if w.scan.in {
		due = earlier(due, earlier(w.since.Add(w.o.FragmentStall), w.begin.Add(w.wholeLimit())))
		if !w.expired {
			due = earlier(due, w.begin.Add(w.o.ReassemblyTimeout))
		}
	}
	return due
}

// wholeLimit is how long a message may take in all before the connection ends.
func (w *wire) wholeLimit() time.Duration {
	if w.o.ReassemblyTimeout < w.o.FragmentStall {
		return w.o.FragmentStall
	}
	return w.o.ReassemblyTimeout + w.o.FragmentStall
}

// tick looks which time limit has passed; an error ends the connection.
func (w *wire) tick(now time.Time) error {
	w.armed = time.Time{}
	w.mu.Lock()
	halted := w.halted
	w.mu.Unlock()
	if halted {
		return errHalted
	}
	if w.scan.in && !w.expired && !now.Before(w.begin.Add(w.o.ReassemblyTimeout)) {
		w.expired = true
		w.onExpire()
	}
	switch {
	case w.scan.in && !now.Before(w.since.Add(w.o.FragmentStall)):
		return packet.CloseError{Code: packet.CodeFragment, Reason: "no byte for " + w.o.FragmentStall.String() + " inside a message"}
	case w.scan.in && !now.Before(w.begin.Add(w.wholeLimit())):
		return packet.CloseError{Code: packet.CodeFragment, Reason: "a message not finished after " + w.wholeLimit().String()}
	case !now.Before(w.since.Add(w.o.Silence)):
		return packet.CloseError{Code: packet.CodeSilent, Reason: "nothing heard for " + w.o.Silence.String()}
	}
	return nil
}

// fail makes the library's next read end with err. Reader only.
func (w *wire) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// Write swallows what the library would say.
func (w *wire) Write(p []byte) (int, error) { return len(p), nil }

// Close is the library's idea of the end; the socket lives until the writer has
// said goodbye.
func (w *wire) Close() error {
	w.halt()
	return nil
}

// halt ends reading: what blocks in Read returns.
func (w *wire) halt() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.halted = true
	_ = w.conn.SetReadDeadline(longAgo)
}

// leave ends reading and gives writing no more time than grace.
func (w *wire) leave(grace time.Duration) {
	w.halt()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.leaveBy = time.Now().Add(grace)
	_ = w.conn.SetWriteDeadline(w.leaveBy)
}

// stay leaves writing at least a moment from now.
func (w *wire) stay() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if due := time.Now().Add(lastMoment); w.leaveBy.Before(due) {
		w.leaveBy = due
		_ = w.conn.SetWriteDeadline(due)
	}
}

// longAgo as a deadline ends what blocks.
var longAgo = time.Unix(1, 0)

// write puts all of p on the socket, however slowly, so long as it gets on. After
// an error the stream is broken. Writer only.
func (w *wire) write(p []byte) error {
	got := time.Now() // when it last got on
	w.armWrite(got)
	if w.pace.await(got) {
		w.waited.Add(int64(time.Since(got)))
		got, w.writeDue = time.Now(), time.Time{}
	}
	for now := got; ; now = time.Now() {
		w.armWrite(now)
		n, err := w.dst.Write(p[:w.chunk(len(p))])
		w.bytesOut.Add(uint64(n))
		w.pace.wrote(n, now)
		w.pace.took(n, time.Since(now))
		if p = p[n:]; len(p) == 0 {
			return nil
		}
		if err != nil {
			if err := w.patience(err, n, &got); err != nil {
				return err
			}
		} else {
			got = now
		}
	}
}

// writerNow is a socket that can be asked for what it takes without waiting.
type writerNow interface {
	TakesMore() bool
	WriteSome(p []byte) (n int)
}

// takesNow reports whether a write would not have to wait. With the pen in hand.
func (w *wire) takesNow(now time.Time) bool {
	if w.now == nil {
		return false
	}
	return !w.pace.due(now) || w.pace.judge(w.now.TakesMore(), now)
}

// writeSome writes as much of p as the socket takes now, which is nothing too
// where it is broken: the write that follows will tell. With the pen in hand.
func (w *wire) writeSome(p []byte, now time.Time) int {
	n := w.now.WriteSome(p)
	w.bytesOut.Add(uint64(n))
	w.pace.wrote(n, now)
	return n
}

// patience decides whether a write that failed is tried again: so long as there
// was progress within the stall limit, and nobody asked to leave.
func (w *wire) patience(err error, n int, got *time.Time) error {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	w.mu.Lock()
	leaveBy := w.leaveBy
	w.mu.Unlock()
	now := time.Now()
	late := !leaveBy.IsZero() && !now.Before(leaveBy)
	w.writeDue = time.Time{}
	w.pace.blocked()
	if n > 0 && !w.opaque {
		*got = now
	}
	if late || w.opaque || now.Sub(*got) >= w.o.WriteStall {
		return packet.CloseError{Code: packet.CodeStalled, Reason: "nothing could be written for " + w.o.WriteStall.String()}
	}
	return nil
}

// chunk is how much of n bytes to write at once. TLS alone can't say how far a
// write got, so it gets a record at a time.
func (w *wire) chunk(n int) int {
	if w.opaque {
		return min(n, 16<<10)
	}
	return n
}

// armWrite sets the write deadline, unless the one that is set still leaves half
// a step: setting it costs as much as a small write.
func (w *wire) armWrite(now time.Time) {
	if !w.opaque && w.writeDue.Sub(now) > w.step/2 {
		return
	}
	w.writeDue = now.Add(w.step)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.leaveBy.IsZero() {
		_ = w.conn.SetWriteDeadline(w.writeDue)
	}
}

// linger reads and forgets until the peer has closed too, or limit has passed: a
// socket closed with bytes unread resets the connection, and the reason for the
// end would never arrive.
func (w *wire) linger(limit time.Duration) {
	if half, ok := w.conn.(interface{ CloseWrite() error }); ok && !w.tls {
		_ = half.CloseWrite()
	}
	w.unseal()
	end := time.Now().Add(limit)
	_ = w.conn.SetReadDeadline(end)
	rest := w.buf[w.lo:w.hi]
	for !w.scan.closed && time.Now().Before(end) {
		for len(rest) > 0 && !w.scan.closed {
			n, err := w.scan.take(rest)
			if err != nil { // out of step: only the end of the stream counts
				break
			}
			rest = rest[n:]
		}
		if w.scan.closed {
			return
		}
		n, err := w.src.Read(w.buf)
		if err != nil {
			return
		}
		rest = w.buf[:n]
	}
}

// unseal has TLS say that this is the end, if it is kept.
func (w *wire) unseal() {
	s, ok := w.dst.(*sealed)
	if !ok {
		return
	}
	w.stay()
	w.mu.Lock()
	by := w.leaveBy
	w.mu.Unlock()
	s.bye(by)
}

// cut closes the socket without ceremony.
func (w *wire) cut() {
	w.unseal()
	_ = beneath(w.conn).Close() // a TLS close waits for its alert to be written
	_ = w.conn.Close()
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
