package transport

import (
	"crypto/rand"
	"encoding/binary"

	"acip/packet"
)

// WebSocket opcodes (RFC 6455, 5.2).
const (
	opContinuation = 0x0
	opBinary       = 0x2
	opClose        = 0x8
	opPong         = 0xa
)

// Bits and lengths of a frame's header. A frame header without a mask has at most 10 bytes, for which a packet has
// head-room.
const (
	finalBit  = 0x80 // of the first byte
	maskBit   = 0x80 // of the second byte
	maskBytes = 4

	maxFrameHeader = packet.Headroom
	maxControl     = 125 // payload of a control frame in bytes
	closeSize      = 2   // payload of a close frame that is a code alone
	maxReason      = maxControl - closeSize
)

// appendFrameHeader appends the header of a frame with n payload bytes to dst, without the mask itself.
func appendFrameHeader(dst []byte, op byte, n int, final, masked bool) []byte {
	if final {
		op |= finalBit
	}
	mask := byte(0)
	if masked {
		mask = maskBit
	}
	switch {
	case n < 126:
		return append(dst, op, mask|byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, op, mask|126), uint16(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, op, mask|127), uint64(n))
}

// appendFrame appends a whole frame to dst.
func appendFrame(dst []byte, op byte, payload []byte, final, masked bool) []byte {
	dst = appendFrameHeader(dst, op, len(payload), final, masked)
	if !masked {
		return append(dst, payload...)
	}
	n := len(dst)
	dst = append(append(dst, 0, 0, 0, 0), payload...)
	key := dst[n : n+maskBytes]
	_, _ = rand.Read(key) // never fails since Go 1.24
	xor(dst[n+maskBytes:], binary.LittleEndian.Uint32(key))
	return dst
}

// framed returns the packet in one unmasked, final, binary frame, as a server sends it. The frame's header is written
// once and shared by all connections that send the packet.
func framed(b *packet.Buffer) []byte { return b.Prefixed(putFrameHeader) }

// putFrameHeader is the prefix of framed.
func putFrameHeader(head []byte, length int) int {
	var header [maxFrameHeader]byte
	h := appendFrameHeader(header[:0], opBinary, length, true, false)
	return copy(head[len(head)-len(h):], h)
}

// xor masks p in place, eight bytes at a time.
func xor(p []byte, key uint32) {
	wide := uint64(key)<<32 | uint64(key)
	for len(p) >= 32 {
		q := p[:32]
		binary.LittleEndian.PutUint64(q, binary.LittleEndian.Uint64(q)^wide)
		binary.LittleEndian.PutUint64(q[8:], binary.LittleEndian.Uint64(q[8:])^wide)
		binary.LittleEndian.PutUint64(q[16:], binary.LittleEndian.Uint64(q[16:])^wide)
		binary.LittleEndian.PutUint64(q[24:], binary.LittleEndian.Uint64(q[24:])^wide)
		p = p[32:]
	}
	for i := range p {
		p[i] ^= byte(key >> (8 * (i & 3)))
	}
}
