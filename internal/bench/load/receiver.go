package load

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"acip/packet"
)

// Receiver is a member that counts pictures.
type Receiver struct {
	Frames atomic.Uint64 // pictures received whole
	Bytes  atomic.Uint64 // of them, packet headers included
	Ages   *Ages         // from the sender's stamp to the last byte; may be shared; nil: not wanted

	// Seen, if set before Run, is called with the head of each picture received, from Run's goroutine.
	Seen func(h packet.Header, head []byte)

	conn net.Conn
	r    *bufio.Reader
	skip *skipper // nil: what comes has to be decrypted
	pace *pace    // of its audience; nil: of none
}

// Watch connects a receiver. It counts while Run runs.
func Watch(ctx context.Context, kind Kind, addr string, m Member, ages *Ages) (*Receiver, error) {
	m.Watch = true
	return join(ctx, kind, addr, m, ages)
}

func join(ctx context.Context, kind Kind, addr string, m Member, ages *Ages) (*Receiver, error) {
	conn, r, err := dial(ctx, kind, addr, m)
	if err != nil {
		return nil, err
	}
	made := &Receiver{conn: conn, r: r, Ages: ages}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return made, nil
	}
	if made.skip, err = newSkipper(tcp); err != nil {
		conn.Close()
		return nil, err
	}
	return made, nil
}

// Run counts until Close or the server's end of the connection, which is the error; it is never nil.
func (r *Receiver) Run() error {
	for {
		if err := r.next(); err != nil {
			return err
		}
	}
}

// Close ends Run.
func (r *Receiver) Close() { r.conn.Close() }

// headLen is how much of a packet is looked at: its header, a picture's head, and the sender's stamp after it.
const headLen = packet.HeaderSize + packet.ImageHeadSize + 8

// next reads one WebSocket frame.
func (r *Receiver) next() error {
	n, op, err := r.frame()
	if err != nil {
		return err
	}
	head, err := r.r.Peek(min(n, headLen))
	if err != nil {
		return err
	}
	stamp, picture := stampOf(head)
	if op == 8 {
		return fmt.Errorf("closed by the server: %q", head)
	}
	r.show(head, picture)
	if err := r.discard(n); err != nil {
		return err
	}
	if op != 2 || !picture {
		return nil
	}
	r.Bytes.Add(uint64(n))
	r.pace.count(r.Frames.Add(1))
	if r.Ages != nil && stamp != 0 {
		r.Ages.Add(time.Since(time.UnixMicro(int64(stamp))))
	}
	return nil
}

// show lends a picture's head to Seen.
func (r *Receiver) show(head []byte, picture bool) {
	if !picture || r.Seen == nil {
		return
	}
	if h, err := packet.ParseHeader(head); err == nil {
		r.Seen(h, head)
	}
}

// frame reads a frame's header (RFC 6455, 5.2).
func (r *Receiver) frame() (n int, op byte, err error) {
	head, err := r.r.Peek(2)
	if err != nil {
		return 0, 0, err
	}
	op, n = head[0]&15, int(head[1]&127)
	extra := 0
	switch n {
	case 126:
		extra = 2
	case 127:
		extra = 8
	}
	if head, err = r.r.Peek(2 + extra); err != nil {
		return 0, 0, err
	}
	switch extra {
	case 2:
		n = int(binary.BigEndian.Uint16(head[2:]))
	case 8:
		n = int(binary.BigEndian.Uint64(head[2:]))
	}
	_, err = r.r.Discard(2 + extra)
	return n, op, err
}

// stampOf reads the sender's stamp in µs from the head of a packet, where it has one.
func stampOf(head []byte) (stamp uint64, picture bool) {
	h, err := packet.ParseHeader(head)
	if err != nil || h.Type.Class() != packet.Video {
		return 0, false
	}
	body := head[packet.HeaderSize:]
	switch {
	case h.Type == packet.ImageFrame && len(body) >= packet.ImageHeadSize+8:
		return binary.BigEndian.Uint64(body[packet.ImageHeadSize:]), true
	case h.Type == packet.VideoFrame && len(body) >= packet.VideoHeadSize:
		return binary.BigEndian.Uint64(body[packet.VideoHeadSize-8:]), true
	}
	return 0, true
}

// discard throws n bytes away: first those that are here already, then those in the kernel.
func (r *Receiver) discard(n int) error {
	here := min(n, r.r.Buffered())
	if _, err := r.r.Discard(here); err != nil {
		return err
	}
	if n -= here; n == 0 {
		return nil
	}
	if n < 4096 || r.skip == nil {
		_, err := io.CopyN(io.Discard, r.r, int64(n))
		return err
	}
	return r.skip.skip(n)
}

// KeepAlive says something, which servers want at least every 20 s.
func (r *Receiver) KeepAlive() error {
	var ping [8]byte
	binary.BigEndian.PutUint64(ping[:], uint64(time.Now().UnixMicro()))
	_, err := r.conn.Write(Masked(packetOf(packet.Ping, ping[:])))
	return err
}

func packetOf(t packet.Type, payload []byte) []byte {
	b := make([]byte, packet.HeaderSize, packet.HeaderSize+len(payload))
	packet.Header{Type: t, Length: uint32(len(payload)), CRC: packet.Checksum(payload)}.Put(b)
	return append(b, payload...)
}
