package testkit

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"acip/packet"
)

// WebSocket opcodes (RFC 6455, 5.2).
const (
	OpContinuation = 0x0
	OpText         = 0x1
	OpBinary       = 0x2
	OpClose        = 0x8
	OpPing         = 0x9
	OpPong         = 0xa
)

// Frame is a WebSocket frame as it is to be written, lies included, or as it was
// read.
type Frame struct {
	Final    bool
	Reserved byte // RSV1 4, RSV2 2, RSV3 1
	Op       byte
	Unmasked bool // a client must mask; this one does not
	Payload  []byte
	Length   uint64 // declared instead of len(Payload), if Lie
	Lie      bool
}

// Bytes is the frame on the wire.
func (f Frame) Bytes() []byte {
	first := f.Op | f.Reserved<<4
	if f.Final {
		first |= 0x80
	}
	mask := byte(0x80)
	if f.Unmasked {
		mask = 0
	}
	n := uint64(len(f.Payload))
	if f.Lie {
		n = f.Length
	}
	b := []byte{first}
	switch {
	case n < 126:
		b = append(b, mask|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, mask|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, mask|127), n)
	}
	if f.Unmasked {
		return append(b, f.Payload...)
	}
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d} // the key of the RFC's example
	b = append(b, key[:]...)
	for i, c := range f.Payload {
		b = append(b, c^key[i&3])
	}
	return b
}

// Peer is a WebSocket client that writes frames by hand over a connection. It
// shares no code with the transport. Its methods are not for concurrent use, but
// one goroutine may write while another reads.
type Peer struct {
	Conn net.Conn
	r    *bufio.Reader
	Pong bool // answer PINGs of either kind while reading
}

// Upgrade asks for a WebSocket on conn at path with the sub-protocols and returns
// the peer, or the server's answer if it was another than 101, body included.
func Upgrade(conn net.Conn, path string, protocols ...string) (*Peer, *http.Response, error) {
	return UpgradeWith(conn, path, http.Header{"Sec-Websocket-Protocol": {strings.Join(protocols, ", ")}})
}

// UpgradeWith is Upgrade with headers of one's own, which go out as they are.
func UpgradeWith(conn net.Conn, path string, headers http.Header) (*Peer, *http.Response, error) {
	key := base64.StdEncoding.EncodeToString([]byte("sixteen bytes ok"))
	ask := "GET " + path + " HTTP/1.1\r\nHost: acip.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + "\r\n"
	for name, values := range headers {
		for _, v := range values {
			if v != "" {
				ask += name + ": " + v + "\r\n"
			}
		}
	}
	if _, err := io.WriteString(conn, ask+"\r\n"); err != nil {
		return nil, nil, fmt.Errorf("upgrade: %w", err)
	}
	p := NewPeer(conn)
	resp, err := http.ReadResponse(p.r, &http.Request{Method: http.MethodGet})
	if err != nil {
		return nil, nil, fmt.Errorf("upgrade: %w", err)
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return nil, resp, fmt.Errorf("upgrade: HTTP status %d", resp.StatusCode)
	}
	return p, resp, nil
}

// NewPeer is a peer on a connection that is upgraded already.
func NewPeer(conn net.Conn) *Peer { return &Peer{Conn: conn, r: bufio.NewReader(conn)} }

// Buffered is how many bytes were read from Conn already and not looked at, for
// who goes on reading there.
func (p *Peer) Buffered() int { return p.r.Buffered() }

// WriteFrame writes one frame.
func (p *Peer) WriteFrame(f Frame) error {
	_, err := p.Conn.Write(f.Bytes())
	return err
}

// WriteMessage writes payload as one binary message in fragments of at most size
// bytes, 0 for one frame; the pause, if any, lies before the fragment in the
// middle.
func (p *Peer) WriteMessage(payload []byte, size int, pause time.Duration) error {
	frames := Fragments(payload, size)
	for i, f := range frames {
		if i == len(frames)/2 && pause > 0 {
			time.Sleep(pause)
		}
		if err := p.WriteFrame(f); err != nil {
			return err
		}
	}
	return nil
}

// Fragments cuts a binary message into frames of at most size bytes; 0 for one.
func Fragments(payload []byte, size int) []Frame {
	if size <= 0 {
		size = max(1, len(payload))
	}
	var frames []Frame
	op := byte(OpBinary)
	for {
		n := min(size, len(payload))
		frames = append(frames, Frame{Op: op, Payload: payload[:n], Final: n == len(payload)})
		if payload, op = payload[n:], OpContinuation; len(payload) == 0 {
			return frames
		}
	}
}

// Packet is a whole ACIP packet of a client that does not know its id.
func Packet(t packet.Type, payload []byte) []byte {
	b := make([]byte, packet.HeaderSize, packet.HeaderSize+len(payload))
	packet.Header{Type: t, Length: uint32(len(payload)), CRC: packet.Checksum(payload)}.Put(b)
	return append(b, payload...)
}

// Image is an IMAGE_FRAME payload of w x h pixels, each byte the number of the
// picture.
func Image(w, h int, number byte) []byte {
	b := make([]byte, packet.ImageHeadSize+w*h*3)
	packet.ImageHead{Width: uint32(w), Height: uint32(h), Format: packet.FormatRGB24}.Put(b)
	for i := packet.ImageHeadSize; i < len(b); i++ {
		b[i] = number
	}
	return b
}

// Send writes a packet in fragments of at most size bytes.
func (p *Peer) Send(t packet.Type, payload []byte, size int) error {
	return p.WriteMessage(Packet(t, payload), size, 0)
}

// SendText writes a packet with a JSON body, in one frame.
func (p *Peer) SendText(t packet.Type, body string) error { return p.Send(t, []byte(body), 0) }

// Hello writes a plain client's HELLO: name and room, everything else as the
// simplest tool would have it.
func (p *Peer) Hello(name, room string) error {
	return p.SendText(packet.HelloType, fmt.Sprintf(
		`{"protocol":1,"room":%q,"name":%q,"role":"join","codecs":["raw"]}`, room, name))
}

// ReadFrame reads one frame, of at most 64 MiB.
func (p *Peer) ReadFrame() (Frame, error) {
	var head [8]byte
	if _, err := io.ReadFull(p.r, head[:2]); err != nil {
		return Frame{}, err
	}
	f := Frame{Final: head[0]&0x80 != 0, Reserved: head[0] >> 4 & 7, Op: head[0] & 0xf, Unmasked: head[1]&0x80 == 0}
	n := uint64(head[1] & 0x7f)
	switch n {
	case 126:
		if _, err := io.ReadFull(p.r, head[:2]); err != nil {
			return f, err
		}
		n = uint64(binary.BigEndian.Uint16(head[:]))
	case 127:
		if _, err := io.ReadFull(p.r, head[:]); err != nil {
			return f, err
		}
		n = binary.BigEndian.Uint64(head[:])
	}
	if n > 64<<20 || !f.Unmasked {
		return f, fmt.Errorf("frame of %d bytes, masked %t", n, !f.Unmasked)
	}
	f.Payload = make([]byte, n)
	_, err := io.ReadFull(p.r, f.Payload)
	return f, err
}

// Next reads the next packet, past control frames. A close frame is a
// packet.CloseError.
func (p *Peer) Next() (packet.Header, []byte, error) {
	for {
		f, err := p.ReadFrame()
		if err != nil {
			return packet.Header{}, nil, err
		}
		switch f.Op {
		case OpClose:
			return packet.Header{}, nil, closeError(f.Payload)
		case OpPing:
			if p.Pong {
				err = p.WriteFrame(Frame{Final: true, Op: OpPong, Payload: f.Payload})
			}
		case OpBinary:
			h, err := packet.ParseHeader(f.Payload)
			if err != nil || !f.Final || int(h.Length) != len(f.Payload)-packet.HeaderSize {
				return h, nil, fmt.Errorf("packet of %d bytes, final %t: %w", len(f.Payload), f.Final, err)
			}
			payload := f.Payload[packet.HeaderSize:]
			if h.Type == packet.Ping && p.Pong {
				if err := p.Send(packet.Pong, append(payload, payload...), 0); err != nil {
					return h, nil, err
				}
				continue
			}
			return h, payload, nil
		}
		if err != nil {
			return packet.Header{}, nil, err
		}
	}
}

// Expect reads up to the next packet of a type.
func (p *Peer) Expect(t packet.Type) ([]byte, error) {
	for {
		h, payload, err := p.Next()
		if err != nil {
			return nil, fmt.Errorf("expecting %s: %w", t, err)
		}
		if h.Type == t {
			return payload, nil
		}
	}
}

// Closed reads up to the close frame and returns what it says; an error of
// another kind means that there was none.
func (p *Peer) Closed() (packet.CloseError, error) {
	for {
		_, _, err := p.Next()
		if e, ok := err.(packet.CloseError); ok {
			return e, nil
		}
		if err != nil {
			return packet.CloseError{}, err
		}
	}
}

// Close writes a close frame and leaves the connection open for the answer.
func (p *Peer) Close(code packet.Code, reason string) error {
	return p.WriteFrame(Frame{Final: true, Op: OpClose,
		Payload: append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)})
}

func closeError(payload []byte) error {
	if len(payload) < 2 {
		return packet.CloseError{Code: packet.CodeBye}
	}
	return packet.CloseError{Code: packet.Code(binary.BigEndian.Uint16(payload)), Reason: string(payload[2:])}
}
