package packet

import "encoding/binary"

// Payload lengths in bytes of the small binary packets.
const (
	PingSize   = 8
	PongSize   = 16
	StreamSize = 4
)

// StreamVideo is the stream of STREAM_START and STREAM_STOP.
const StreamVideo = 1

// PutPing writes a PING payload to the first PingSize bytes of b: the asker's clock in µs since the Unix epoch.
func PutPing(b []byte, clock uint64) { binary.BigEndian.PutUint64(b, clock) }

// ParsePing reads a PING payload. It returns ErrBody for any other length.
func ParsePing(b []byte) (clock uint64, err error) {
	if len(b) != PingSize {
		return 0, ErrBody
	}
	return binary.BigEndian.Uint64(b), nil
}

// PutPong writes a PONG payload to the first PongSize bytes of b: the PING's number, then the answerer's clock in µs
// since the Unix epoch.
func PutPong(b []byte, asked, clock uint64) {
	binary.BigEndian.PutUint64(b, asked)
	binary.BigEndian.PutUint64(b[8:], clock)
}

// ParsePong reads a PONG payload. It returns ErrBody for any other length.
func ParsePong(b []byte) (asked, clock uint64, err error) {
	if len(b) != PongSize {
		return 0, 0, ErrBody
	}
	return binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:]), nil
}

// PutStream writes a STREAM_START or STREAM_STOP payload to the first StreamSize bytes of b.
func PutStream(b []byte, stream uint32) { binary.BigEndian.PutUint32(b, stream) }

// ParseStream reads a STREAM_START or STREAM_STOP payload. It returns ErrBody for any other length.
func ParseStream(b []byte) (stream uint32, err error) {
	if len(b) != StreamSize {
		return 0, ErrBody
	}
	return binary.BigEndian.Uint32(b), nil
}
