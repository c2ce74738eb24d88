package yard

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
)

// ServeTCP relays frames over bare TCP: whoever says "s" sends frames with WebSocket headers and without masks, whoever says
// "r" gets them, each written from one shared buffer by one system call. It returns when the listener is closed.
func ServeTCP(l net.Listener) error {
	h := newHub()
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() { // the yardstick lives as long as its process
			defer c.Close()
			_ = h.serveTCP(c)
		}()
	}
}

func (h *hub) serveTCP(c net.Conn) error {
	var role [1]byte
	if _, err := io.ReadFull(c, role[:]); err != nil {
		return err
	}
	if role[0] == 's' {
		return h.readTCP(bufio.NewReaderSize(c, 4096))
	}
	box := h.enter()
	defer h.leave(box)
	for s := range box {
		_, err := c.Write(s.b)
		s.release()
		if err != nil {
			return err
		}
	}
	return nil
}

// readTCP publishes the frames of a sender.
func (h *hub) readTCP(r *bufio.Reader) error {
	for {
		head, n, err := tcpFrame(r)
		if err != nil {
			return err
		}
		s := h.get(len(head) + n)
		copy(s.b, head)
		if _, err := io.ReadFull(r, s.b[len(head):]); err != nil {
			return err
		}
		h.publish(s)
	}
}

// tcpFrame reads the header of a frame.
func tcpFrame(r *bufio.Reader) (head []byte, n int, err error) {
	var b [10]byte
	if _, err := io.ReadFull(r, b[:2]); err != nil {
		return nil, 0, err
	}
	size := 2
	switch b[1] {
	case 126:
		size = 4
	case 127:
		size = 10
	default:
		n = int(b[1])
	}
	if _, err := io.ReadFull(r, b[2:size]); err != nil {
		return nil, 0, err
	}
	switch size {
	case 4:
		n = int(binary.BigEndian.Uint16(b[2:]))
	case 10:
		n = int(binary.BigEndian.Uint64(b[2:]))
	}
	if n > 64<<20 {
		return nil, 0, fmt.Errorf("frame of %d bytes", n)
	}
	return append([]byte(nil), b[:size]...), n, nil
}
