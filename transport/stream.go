package transport

import (
	"net"
	"time"

	"acip/packet"
)

// stream is the byte stream beneath the WebSocket library: a connection with a reader that knows where messages begin
// and a paced writer. The library reads from it. What the library writes (close frames and nothing else) is discarded,
// since the writer sends the close frame in its own turn.
type stream struct {
	conn      net.Conn
	deadlines deadlines
	reader    streamReader
	writer    streamWriter
	tls       bool
}

// newStream returns the stream over conn. onExpire is called in the reader when a message misses its deadline.
func newStream(conn net.Conn, o *Options, client bool, onExpire func()) *stream {
	s := &stream{conn: conn, deadlines: deadlines{conn: conn}}
	raw := rawConn(conn)
	s.reader = streamReader{o: o, deadlines: &s.deadlines, src: raw, buf: make([]byte, readAhead), onExpire: onExpire}
	s.reader.scan = frameScanner{limit: uint64(max(o.MaxFrame, packet.MaxControl) + packet.HeaderSize), masked: !client}
	s.writer = streamWriter{o: o, deadlines: &s.deadlines, dst: raw, step: o.WriteStall / writeSteps}
	s.writer.inline, _ = raw.(inlineWriter)
	if _, s.tls = conn.(interface{ NetConn() net.Conn }); s.tls {
		s.writer.overTLS(conn)
	}
	socket := tune(conn, o.Silence)
	s.writer.pacer = newSendPacer(socket)
	s.writer.inFlight.socket = socket
	return s
}

// Read gives the library bytes of the current message.
func (s *stream) Read(p []byte) (int, error) { return s.reader.Read(p) }

// Write discards what the library would send.
func (s *stream) Write(p []byte) (int, error) { return len(p), nil }

// Close is called by the library at its end. The socket lives on until the close handshake is over.
func (s *stream) Close() error {
	s.deadlines.endRead()
	return nil
}

// drain reads and discards until the peer has closed too, or limit has passed. Closing a socket that has bytes unread
// resets the connection, and the close frame would never arrive.
func (s *stream) drain(limit time.Duration) {
	if half, ok := s.conn.(interface{ CloseWrite() error }); ok && !s.tls {
		_ = half.CloseWrite()
	}
	s.writer.closeTLS()
	end := time.Now().Add(limit)
	_ = s.conn.SetReadDeadline(end)
	s.reader.drain(end)
}

// abort closes the socket. TLS that is buffered says first that it ends.
func (s *stream) abort() {
	s.writer.closeTLS()
	_ = underlyingConn(s.conn).Close() // closing the TLS connection would wait for its alert to be written
	_ = s.conn.Close()
}

// streamConn is a stream as a net.Conn.
type streamConn struct {
	net.Conn
	stream *stream
}

func (c streamConn) Read(p []byte) (int, error)  { return c.stream.Read(p) }
func (c streamConn) Write(p []byte) (int, error) { return c.stream.Write(p) }
func (c streamConn) Close() error                { return c.stream.Close() }
