package packet

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// What every program that speaks ACIP agrees on.
const (
	HeaderSize      = 22                 // bytes of header in front of each payload
	Magic           = 0x0000000A5C11C4A1 // first eight bytes of each packet
	DefaultMaxFrame = 4 << 20            // payload limit for pictures in bytes, their head included
	MaxControl      = 64 << 10           // payload limit for everything else in bytes
	MaxFragments    = 65536              // WebSocket frames in one message, empty ones included
	Protocol        = 1                  // version of the relay conversation
	Subprotocol     = "acip.relay.1"     // WebSocket sub-protocol of the relay conversation
	DefaultPort     = 27226              // TCP port, also the WebSocket port of ascii-chat
	DefaultPath     = "/acip"            // path of the WebSocket, appended to an address without one
)

// Errors of parsing. Compare with errors.Is.
var (
	ErrMagic    = errors.New("packet: bad magic")
	ErrShort    = errors.New("packet: shorter than it says")
	ErrLong     = errors.New("packet: longer than it says")
	ErrTooBig   = errors.New("packet: declared length above the limit")
	ErrChecksum = errors.New("packet: wrong checksum")
	ErrSize     = errors.New("packet: picture size does not fit the payload")
	ErrCodec    = errors.New("packet: unknown codec")
	ErrBody     = errors.New("packet: malformed body")
)

// castagnoli is the table of CRC-32C, which the standard library computes with the processor's own instruction.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Checksum returns the CRC-32C of a payload; 0 for an empty one.
func Checksum(payload []byte) uint32 { return crc32.Checksum(payload, castagnoli) }

// Header is the fixed part in front of each payload.
type Header struct {
	Type   Type
	Length uint32 // payload bytes
	CRC    uint32 // CRC-32C of the payload, 0 when there is none
	Client uint32 // id of the sender, 0 the server; the server overwrites it
}

// ParseHeader reads the header at the start of b. It returns ErrShort for fewer than HeaderSize bytes and ErrMagic if b
// is no ACIP packet. Whether Length is acceptable is for the caller to check, with Type.Limit.
func ParseHeader(b []byte) (Header, error) {
	if !HasMagic(b) {
		return Header{}, ErrMagic
	}
	if len(b) < HeaderSize {
		return Header{}, ErrShort
	}
	return Header{
		Type:   Type(binary.BigEndian.Uint16(b[8:])),
		Length: binary.BigEndian.Uint32(b[10:]),
		CRC:    binary.BigEndian.Uint32(b[14:]),
		Client: binary.BigEndian.Uint32(b[18:]),
	}, nil
}

// HasMagic reports whether b, as far as it goes, begins as a packet does. So a caller can tell a truncated packet from
// something else.
func HasMagic(b []byte) bool {
	var m [8]byte
	binary.BigEndian.PutUint64(m[:], Magic)
	n := min(len(b), len(m))
	return string(b[:n]) == string(m[:n])
}

// Put writes the header, magic included, to the first HeaderSize bytes of b.
func (h Header) Put(b []byte) {
	_ = b[HeaderSize-1]
	binary.BigEndian.PutUint64(b, Magic)
	binary.BigEndian.PutUint16(b[8:], uint16(h.Type))
	binary.BigEndian.PutUint32(b[10:], h.Length)
	binary.BigEndian.PutUint32(b[14:], h.CRC)
	binary.BigEndian.PutUint32(b[18:], h.Client)
}
