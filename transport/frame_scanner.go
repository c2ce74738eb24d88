package transport

import (
	"encoding/binary"
	"fmt"

	"acip/packet"
)

var errMasked error = packet.CloseError{Code: packet.CodeFraming, Reason: "a frame masked by a server, or unmasked by a client"}

// frameScanner follows the frames in a WebSocket byte stream, since the library hides where they begin. It knows just
// enough to say which message a byte belongs to; the library checks the framing.
type frameScanner struct {
	limit  uint64 // longest data frame in bytes
	masked bool   // frames must come masked: this is the server's end

	head    [14]byte // the frame header so far
	have    int
	need    int
	remain  uint64 // payload bytes of the current frame that are still to come
	control bool
	final   bool
	closed  bool // a whole close frame has passed
	stray   bool // the frame is a close frame that is masked as the other end's are

	messages  uint64 // messages begun
	frames    uint64 // data frames begun
	in        bool   // inside a message
	fragments int    // data frames of the message so far
	size      int    // their payload bytes so far
}

// take passes over b up to the end of the current message and returns how far that is. An error is a packet.CloseError;
// nothing of b may be used then.
func (s *frameScanner) take(b []byte) (n int, err error) {
	for n < len(b) {
		if s.remain > 0 {
			n += s.skip(len(b) - n)
		} else {
			n++
			if err := s.header(b[n-1]); err != nil {
				return 0, err
			}
		}
		if s.remain == 0 && s.have == 0 && s.final && !s.in {
			return n, nil // a message ended with this byte
		}
	}
	return n, nil
}

// skip passes over at most n payload bytes.
func (s *frameScanner) skip(n int) int {
	n = int(min(uint64(n), s.remain))
	s.remain -= uint64(n)
	if !s.control {
		s.size += n
	}
	if s.remain == 0 {
		s.endFrame()
	}
	return n
}

// header takes the next byte of a frame's header.
func (s *frameScanner) header(b byte) error {
	s.head[s.have] = b
	s.have++
	switch s.have {
	case 1:
		return s.beginFrame(b)
	case 2:
		masked := b&0x80 != 0
		s.stray = masked != s.masked && s.head[0] == 0x80|opClose && b&0x7f == closeSize
		if masked != s.masked && !s.stray { // a server's end would wait for a mask that never comes
			return errMasked
		}
		s.need = 2 + lengthBytes(b&0x7f)
		if masked {
			s.need += maskBytes
		}
		if s.stray {
			s.need += closeSize
		}
	}
	if s.stray {
		return s.strayClose()
	}
	declared := s.need
	if s.masked {
		declared -= maskBytes
	}
	if s.have == declared {
		if err := s.checkLength(); err != nil {
			return err
		}
	}
	if s.have == s.need {
		s.beginPayload()
	}
	return nil
}

// strayClose takes a close frame of two bytes that is masked as the other end's are. Proxies send such frames to both
// ends, for example Caddy when it reloads its configuration. Once it is whole it counts as the peer's close frame.
func (s *frameScanner) strayClose() error {
	if s.have < s.need {
		return nil
	}
	s.have = 0
	p := s.head[2:s.need]
	if len(p) > closeSize {
		p[4], p[5] = p[4]^p[0], p[5]^p[1]
	}
	code := packet.Code(binary.BigEndian.Uint16(p[len(p)-closeSize:]))
	if !code.Sendable() {
		return errMasked
	}
	s.closed = true
	return packet.CloseError{Code: code, Remote: true}
}

// checkLength checks the length that a frame declares, as soon as it is known.
func (s *frameScanner) checkLength() error {
	if n := frameLength(s.head[:]); !s.control && n > s.limit {
		return packet.CloseError{Code: packet.CodeTooBig,
			Reason: fmt.Sprintf("a frame of %d bytes, the limit is %d", n, s.limit)}
	}
	return nil
}

// beginFrame takes a frame's first byte.
func (s *frameScanner) beginFrame(b byte) error {
	s.need = len(s.head)
	s.control = b&0x8 != 0
	s.final = b&0x80 != 0
	if s.control {
		return nil
	}
	if !s.in {
		s.in, s.fragments, s.size = true, 0, 0
		s.messages++
	}
	s.frames++
	if s.fragments++; s.fragments > packet.MaxFragments {
		return packet.Violation("a message in more than %d fragments", packet.MaxFragments)
	}
	return nil
}

// beginPayload begins the payload of a frame whose header is whole.
func (s *frameScanner) beginPayload() {
	s.have = 0
	s.remain = frameLength(s.head[:])
	if s.remain == 0 {
		s.endFrame()
	}
}

// endFrame notes the end of a frame.
func (s *frameScanner) endFrame() {
	if s.control {
		s.closed = s.closed || s.head[0]&0xf == opClose
		s.final = false // it ends no message
		return
	}
	s.in = !s.final
}

// lengthBytes returns how many bytes the extended length takes.
func lengthBytes(short byte) int {
	switch short {
	case 126:
		return 2
	case 127:
		return 8
	}
	return 0
}

// frameLength returns the payload length that a whole frame header declares.
func frameLength(head []byte) uint64 {
	switch short := head[1] & 0x7f; short {
	case 126:
		return uint64(binary.BigEndian.Uint16(head[2:]))
	case 127:
		return binary.BigEndian.Uint64(head[2:])
	default:
		return uint64(short)
	}
}
