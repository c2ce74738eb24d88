package packet

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
)

// Headroom is the bytes kept free in front of the packet, for what carries it: see Prefixed. With the packet's header
// it makes 32, so that payloads are aligned.
const Headroom = 10

// Buffer is one packet: header and payload, contiguous, with head-room in front of them. It is counted by references:
// Get gives one, Retain adds one, Release gives one back, and the last Release recycles the memory. It may be written
// while there is one reference. Once finished and shared it is read-only.
type Buffer struct {
	owner *Buffers
	mem   []byte
	size  int // payload bytes
	class int
	refs  atomic.Int32

	prefix   atomic.Int32 // bytes of the prefix in the head-room; 0: not written yet
	prefixMu sync.Mutex   // held while the prefix is written: several connections may send the packet for the first time at once
}

// Retain adds a reference and returns b.
func (b *Buffer) Retain() *Buffer {
	if b.refs.Add(1) <= 1 {
		panic("packet: retained after the last release")
	}
	return b
}

// Release gives one reference back. Giving back more than were taken panics: that is a fault of this program, never of
// a peer.
func (b *Buffer) Release() {
	switch n := b.refs.Add(-1); {
	case n < 0:
		panic("packet: released more often than retained")
	case n == 0:
		b.owner.outstanding.Add(-1)
		b.owner.give(b)
	}
}

// Header returns the packet's header as it stands in the buffer; the zero Header before Finish.
func (b *Buffer) Header() Header {
	h, err := ParseHeader(b.mem[Headroom:])
	if err != nil { // not finished yet
		return Header{}
	}
	return h
}

// Type returns the packet's type; 0 before Finish.
func (b *Buffer) Type() Type { return Type(binary.BigEndian.Uint16(b.mem[Headroom+8:])) }

// Client returns the sender's id in the header.
func (b *Buffer) Client() uint32 { return binary.BigEndian.Uint32(b.mem[Headroom+18:]) }

// Payload returns the payload, with spare capacity behind it: append to it, then call Adopt.
func (b *Buffer) Payload() []byte {
	return b.mem[Headroom+HeaderSize : Headroom+HeaderSize+b.size]
}

// Bytes returns header and payload.
func (b *Buffer) Bytes() []byte { return b.mem[Headroom : Headroom+HeaderSize+b.size] }

// Len returns the packet's length in bytes, header included.
func (b *Buffer) Len() int { return HeaderSize + b.size }

// Resize sets the payload's length in bytes and keeps its content. Slices that Payload returned before are stale
// afterwards. Call it only before Finish, with one reference.
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

// Adopt makes p the payload. It costs nothing if p was made by appending to Payload() and still lies there, and a copy
// if the append had to move it. Call it only before Finish, with one reference.
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

// Finish writes the header: type, length, CRC-32C of the payload, sender. Call it with one reference only.
func (b *Buffer) Finish(t Type, client uint32) {
	Header{Type: t, Length: uint32(b.size), CRC: Checksum(b.Payload()), Client: client}.Put(b.mem[Headroom:])
	b.prefix.Store(0)
}

// Stamp overwrites the sender's id, as the server does with what it received. The checksum covers the payload only and
// stays valid. Call it with one reference only.
func (b *Buffer) Stamp(client uint32) { binary.BigEndian.PutUint32(b.mem[Headroom+18:], client) }

// Fill writes a received header and sets the payload's length to the header's, which the caller has checked against a
// limit.
func (b *Buffer) Fill(h Header) {
	b.Resize(int(h.Length))
	h.Put(b.mem[Headroom:])
	b.prefix.Store(0)
}

// Prefixed returns the packet with a prefix in front of it, contiguous: what the carrier puts before each message, such
// as a frame header. On the first call put writes the prefix of a packet of length bytes into the last bytes of head,
// which has Headroom bytes, and returns how many it wrote, at least one. All later calls share those bytes, so all
// callers must pass the same put. It is safe for concurrent use after Finish or Fill.
func (b *Buffer) Prefixed(put func(head []byte, length int) int) []byte {
	n := b.prefix.Load()
	if n == 0 {
		n = b.writePrefix(put)
	}
	return b.mem[Headroom-int(n) : Headroom+HeaderSize+b.size]
}

// writePrefix writes the prefix unless somebody else just did, and returns its length.
func (b *Buffer) writePrefix(put func(head []byte, length int) int) int32 {
	b.prefixMu.Lock()
	defer b.prefixMu.Unlock()
	if n := b.prefix.Load(); n != 0 {
		return n
	}
	n := int32(put(b.mem[:Headroom], b.Len()))
	b.prefix.Store(n)
	return n
}
