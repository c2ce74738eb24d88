package transport

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

const (
	// maxPlaintext is how many bytes are encrypted before they go to the socket: four records' worth.
	maxPlaintext = 64 << 10
	// maxBuffered bounds the record buffer: one maxPlaintext, and what TLS sends by itself, such as answers to key updates.
	maxBuffered = 2 * maxPlaintext
)

// BufferTLS returns a listener on whose connections TLS (tls.NewListener, http.Server.ServeTLS) costs little more than
// the encryption: Accept writes their TLS records itself, many at once. It is optional.
func BufferTLS(l net.Listener) net.Listener { return bufferedListener{l} }

type bufferedListener struct{ net.Listener }

// Accept implements net.Listener.
func (l bufferedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newRecordBuffer(conn), nil
}

// recordBuffer is a socket beneath TLS. Once there is a tlsWriter, it buffers the records that TLS writes, and the
// tlsWriter puts them on the socket. So many records go out at once, a write can say how far it got, which TLS alone
// cannot, and a small write never waits.
type recordBuffer struct {
	net.Conn               // the socket
	raw      io.ReadWriter // the same

	mu        sync.Mutex // TLS answers in the reader while the writer writes
	buffering bool
	records   []byte
}

// errTLSBacklog ends a connection whose TLS has more to say than its writer can send.
var errTLSBacklog = errors.New("transport: too much TLS chatter")

func newRecordBuffer(conn net.Conn) *recordBuffer {
	return &recordBuffer{Conn: conn, raw: rawConn(conn)}
}

// NetConn returns the socket.
func (b *recordBuffer) NetConn() net.Conn { return b.Conn }

// Read implements net.Conn.
func (b *recordBuffer) Read(p []byte) (int, error) { return b.raw.Read(p) }

// Write implements net.Conn for TLS.
func (b *recordBuffer) Write(p []byte) (int, error) {
	buffered, err := b.buffer(p)
	if buffered {
		return len(p), nil
	}
	if err != nil {
		return 0, err
	}
	return b.raw.Write(p)
}

// buffer appends p to the records, if there is a tlsWriter.
func (b *recordBuffer) buffer(p []byte) (buffered bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.buffering && len(b.records)+len(p) > maxBuffered {
		return false, errTLSBacklog
	}
	if b.buffering {
		b.records = append(b.records, p...)
	}
	return b.buffering, nil
}

// startBuffering has everything buffered that is written from now on.
func (b *recordBuffer) startBuffering() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buffering = true
}

// takeRecords returns the records and uses the memory of empty for those to come.
func (b *recordBuffer) takeRecords(empty []byte) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.records
	b.records = empty[:0]
	return p
}

// tlsWriter writes to a TLS connection and says how far writes get. A caller that wrote p and is told n continues with
// p[n:].
type tlsWriter struct {
	tls    net.Conn
	buffer *recordBuffer
	inline inlineWriter // nil if the socket cannot be written to without waiting

	records   []byte // from the buffer
	unsent    []byte // of records, what is not on the socket
	plaintext int    // bytes of the caller's in it that were not reported as written yet
}

// newTLSWriter returns a writer for the TLS connection conn if there is a recordBuffer beneath it, else nil.
func newTLSWriter(conn net.Conn) *tlsWriter {
	t, ok := conn.(interface{ NetConn() net.Conn })
	if !ok {
		return nil
	}
	b, ok := t.NetConn().(*recordBuffer)
	if !ok {
		return nil
	}
	b.startBuffering()
	inline, _ := b.raw.(inlineWriter)
	return &tlsWriter{tls: conn, buffer: b, inline: inline}
}

// Write implements io.Writer. After a time-out it may be called again.
func (w *tlsWriter) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		if err = w.encrypt(p[n:]); err != nil {
			break
		}
		var sent int
		sent, err = w.buffer.raw.Write(w.unsent)
		n += w.advance(sent)
	}
	return n, err
}

// Writable reports whether a write now would not wait.
func (w *tlsWriter) Writable() bool { return w.inline != nil && w.inline.Writable() }

// WriteSome writes what the socket takes.
func (w *tlsWriter) WriteSome(p []byte) (n int) {
	for n < len(p) && w.encrypt(p[n:]) == nil {
		n += w.advance(w.inline.WriteSome(w.unsent))
		if len(w.unsent) > 0 {
			break
		}
	}
	return n
}

// closeNotify sends what TLS has to say at the end: an alert if it broke off, and close_notify. Inside a record nothing
// can be said.
func (w *tlsWriter) closeNotify(by time.Time) {
	if len(w.unsent) > 0 {
		return
	}
	if half, ok := w.tls.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	w.records = w.buffer.takeRecords(w.records)
	_ = w.buffer.SetWriteDeadline(by) // TLS has set one that is over
	_, _ = w.buffer.raw.Write(w.records)
}

// encrypt encrypts the first bytes of p, unless records are unsent.
func (w *tlsWriter) encrypt(p []byte) error {
	if len(w.unsent) > 0 {
		return nil
	}
	n := min(len(p), maxPlaintext)
	if _, err := w.tls.Write(p[:n]); err != nil {
		return err
	}
	w.records = w.buffer.takeRecords(w.records)
	w.unsent, w.plaintext = w.records, n
	return nil
}

// advance notes n bytes on the socket and returns how many of the caller's those are: the last one only when nothing is
// unsent.
func (w *tlsWriter) advance(n int) int {
	written := w.plaintext
	if n < len(w.unsent) {
		written = min(n, w.plaintext-1)
	}
	w.unsent, w.plaintext = w.unsent[n:], w.plaintext-written
	return written
}
