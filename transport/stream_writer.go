package transport

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"

	"acip/packet"
)

// writeSteps is how often within the stall limit a blocked write checks whether there was progress.
const writeSteps = 10

// streamWriter writes to the socket, paced so that little waits in the kernel. Only the holder of the write lock uses
// it, except for the counters.
type streamWriter struct {
	o         *Options
	deadlines *deadlines
	dst       io.Writer    // the socket, or TLS over it
	inline    inlineWriter // the same; nil if it cannot write without waiting
	opaque    bool         // TLS without a record buffer: a write that timed out half-way cannot be continued
	step      time.Duration

	due      time.Time // the write deadline that is set
	pacer    sendPacer
	inFlight bytesInFlight

	bytes  atomic.Uint64
	waited atomic.Int64 // ns that the link needed before it took more
}

// inlineWriter is a socket that can be written to without waiting.
type inlineWriter interface {
	Writable() bool
	WriteSome(p []byte) (n int)
}

// overTLS makes the writer write to conn, a TLS connection.
func (w *streamWriter) overTLS(conn net.Conn) {
	t := newTLSWriter(conn)
	if t == nil {
		w.opaque, w.step = true, w.o.WriteStall
		return
	}
	w.dst = t
	if t.inline != nil {
		w.inline = t
	}
}

// write writes all of p, however slowly, as long as there is progress. After an error the stream is broken.
func (w *streamWriter) write(p []byte) error {
	progress := time.Now() // when there last was some
	w.arm(progress)
	if w.pacer.waitWritable(progress) {
		w.waited.Add(int64(time.Since(progress)))
		progress, w.due = time.Now(), time.Time{}
	}
	for now := progress; ; now = time.Now() {
		w.arm(now)
		n, err := w.dst.Write(p[:w.chunk(len(p))])
		w.bytes.Add(uint64(n))
		w.pacer.noteBytes(n, now)
		w.pacer.noteWait(n, time.Since(now))
		if p = p[n:]; len(p) == 0 {
			return nil
		}
		if err != nil {
			if err := w.retryWrite(err, n, &progress); err != nil {
				return err
			}
		} else {
			progress = now
		}
	}
}

// writable reports whether a write would not have to wait.
func (w *streamWriter) writable(now time.Time) bool {
	if w.inline == nil {
		return false
	}
	return !w.pacer.shouldAsk(now) || w.pacer.noteWritable(w.inline.Writable(), now)
}

// writeSome writes as much of p as the socket takes now. It writes nothing if the socket is broken: the write that
// follows returns the error.
func (w *streamWriter) writeSome(p []byte, now time.Time) int {
	n := w.inline.WriteSome(p)
	w.bytes.Add(uint64(n))
	w.pacer.noteBytes(n, now)
	return n
}

// retryWrite decides whether a write that failed is tried again: if there was progress within the stall limit, and the
// connection is not about to end. It returns the error that ends the connection otherwise.
func (w *streamWriter) retryWrite(err error, n int, progress *time.Time) error {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	end, now := w.deadlines.writeBy(), time.Now()
	late := !end.IsZero() && !now.Before(end)
	w.due = time.Time{}
	w.pacer.noteBlocked()
	if n > 0 && !w.opaque {
		*progress = now
	}
	if late || w.opaque || now.Sub(*progress) >= w.o.WriteStall {
		return packet.CloseError{Code: packet.CodeStalled, Reason: "nothing could be written for " + w.o.WriteStall.String()}
	}
	return nil
}

// chunk returns how many of n bytes to write at once. TLS alone cannot say how far a write got, so it gets one record
// at a time.
func (w *streamWriter) chunk(n int) int {
	if w.opaque {
		return min(n, 16<<10)
	}
	return n
}

// arm sets the write deadline, unless the one that is set still leaves half a step: setting it costs as much as a small
// write.
func (w *streamWriter) arm(now time.Time) {
	if !w.opaque && w.due.Sub(now) > w.step/2 {
		return
	}
	w.due = now.Add(w.step)
	w.deadlines.setWrite(w.due)
}

// closeTLS has buffered TLS say that this is the end.
func (w *streamWriter) closeTLS() {
	t, ok := w.dst.(*tlsWriter)
	if !ok {
		return
	}
	w.deadlines.extendWrite()
	t.closeNotify(w.deadlines.writeBy())
}
