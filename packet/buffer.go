package packet

import (
	"encoding/binary"
	"sync/atomic"
)

// Headroom is the bytes kept in front of the packet for the longest header of
// an unmasked WebSocket frame. With the packet's header it makes 32, so that
// payloads begin aligned.
const Headroom = 10

// Buffer is one packet: header, payload, and in front of them room for the
// header of the WebSocket frame that carries it, all contiguous. It is counted by
// references: Get gives one, Retain adds one, Release gives one back, the last
// one recycles the memory. It may be written while there is one reference, and
// after being sealed and shared it is read-only.
type Buffer struct {
	owner *Buffers
	mem   []byte
	size  int // payload bytes
	start int // where the WebSocket frame begins in mem
	class int
	refs  atomic.Int32
}

// Retain adds a reference and returns b.
func (b *Buffer) Retain() *Buffer {
	if b.refs.Add(1) <= 1 {
		panic("packet: retained after the last release")
	}
	return b
}

// Release gives one reference back. Giving back more than were taken panics: it
// is an error of this program, never of a peer.
func (b *Buffer) Release() {
	switch n := b.refs.Add(-1); {
	case n < 0:
		panic("packet: released more often than retained")
	case n == 0:
		b.owner.outstanding.Add(-1)
		b.owner.give(b)
	}
}

// Header is the packet's header as it stands in the buffer.
func (b *Buffer) Header() Header {
	h, err := ParseHeader(b.mem[Headroom:])
	if err != nil { // not sealed yet
		return Header{}
	}
	return h
}

// Type is the packet's type; 0 before Seal.
func (b *Buffer) Type() Type { return Type(binary.BigEndian.Uint16(b.mem[Headroom+8:])) }

// Client is the sender's id that the header carries.
func (b *Buffer) Client() uint32 { return binary.BigEndian.Uint32(b.mem[Headroom+18:]) }

// Payload is the payload, with spare room up to its capacity: append into it,
// then tell with Adopt.
func (b *Buffer) Payload() []byte {
	return b.mem[Headroom+HeaderSize : Headroom+HeaderSize+b.size]
}

// Bytes is header and payload.
func (b *Buffer) Bytes() []byte { return b.mem[Headroom : Headroom+HeaderSize+b.size] }

// Len is the packet's length in bytes, header included.
func (b *Buffer) Len() int { return HeaderSize + b.size }

// Resize sets the payload's length in bytes, keeping what was there. Payload
// slices taken before are stale afterwards. Only before Seal, with one reference.
func (b *Buffer) Resize(payload int) {
	if Headroom+HeaderSize+payload > len(b.mem) {
		b.grow(payload)
	}
	b.size = payload
}

// grow swaps the memory for a larger one and recycles the old.
func (b *Buffer) grow(payload int) {
	spare := b.owner.take(payload)
	copy(spare.mem, b.mem[:Headroom+HeaderSize+b.size])
	b.mem, spare.mem = spare.mem, b.mem
	b.class, spare.class = spare.class, b.class
	b.owner.give(spare)
}

// Adopt makes p the payload. It costs nothing when p was made by appending to
// Payload() and still lies there, and a copy when the append had to move. Only
// before Seal, with one reference.
func (b *Buffer) Adopt(p []byte) {
	own := b.mem[Headroom+HeaderSize:]
	if len(p) > 0 && len(own) >= len(p) && &own[0] == &p[0] {
		b.size = len(p)
		return
	}
	b.size = 0
	b.Resize(len(p))
	copy(b.Payload(), p)
}

// Seal writes the header: type, length, CRC-32C of the payload, sender. Only
// with one reference.
func (b *Buffer) Finish(t Type, client uint32) {
	Header{Type: t, Length: uint32(b.size), CRC: Checksum(b.Payload()), Client: client}.Put(b.mem[Headroom:])
	b.frame()
}

// Stamp overwrites the sender's id, as the server does with what it received.
// The checksum covers the payload only and stays. Only with one reference.
func (b *Buffer) Stamp(client uint32) {
	binary.BigEndian.PutUint32(b.mem[Headroom+18:], client)
	b.frame()
}

// Fill puts a received header in place and sets the payload's length to what it
// says, which the caller has checked against a limit.
func (b *Buffer) Fill(h Header) {
	b.Resize(int(h.Length))
	h.Put(b.mem[Headroom:])
	b.frame()
}

// Framed is the whole packet as one unmasked, final, binary WebSocket frame, as
// a server sends it. It was built by Seal, Stamp or Fill, once, and is shared by
// all who send it.
func (b *Buffer) Framed() []byte { return b.mem[b.start : Headroom+HeaderSize+b.size] }

// frame writes the WebSocket frame's header (RFC 6455, 5.2) into the head-room.
func (b *Buffer) frame() {
	const finalBinary = 0x82
	n := HeaderSize + b.size
	switch {
	case n < 126:
		b.start = Headroom - 2
		b.mem[b.start+1] = byte(n)
	case n < 1<<16:
		b.start = Headroom - 4
		b.mem[b.start+1] = 126
		binary.BigEndian.PutUint16(b.mem[b.start+2:], uint16(n))
	default:
		b.start = Headroom - 10
		b.mem[b.start+1] = 127
		binary.BigEndian.PutUint64(b.mem[b.start+2:], uint64(n))
	}
	b.mem[b.start] = finalBinary
}
