package transport

import (
	"bytes"
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"

	"acip/packet"
)

// TestFramedPacket: the frame around a packet declares the packet's length in the shortest form, whatever happened to
// the packet before, and is the frame that appendFrame writes.
func TestFramedPacket(t *testing.T) {
	var p packet.Buffers
	rapid.Check(t, func(t *rapid.T) {
		b := p.Get(0)
		defer b.Release()
		for range rapid.IntRange(1, 3).Draw(t, "rounds") {
			b.Resize(rapid.SampledFrom([]int{0, 103, 104, 1000, 65513, 65514, 100000}).Draw(t, "size"))
			b.Finish(packet.TextMessage, rapid.Uint32().Draw(t, "client"))
			b.Stamp(rapid.Uint32().Draw(t, "stamp"))
			f := framed(b)
			if !bytes.Equal(unframe(t, f), b.Bytes()) {
				t.Fatal("another packet")
			}
			if !bytes.Equal(f, appendFrame(nil, opBinary, b.Bytes(), true, false)) {
				t.Fatal("two kinds of frame header")
			}
		}
	})
}

// unframe checks the header of an unmasked WebSocket frame and returns its payload.
func unframe(t *rapid.T, f []byte) []byte {
	if f[0] != 0x82 {
		t.Fatalf("frame begins with %x", f[0])
	}
	n, rest := uint64(f[1]), f[2:]
	switch n {
	case 126:
		n, rest = uint64(binary.BigEndian.Uint16(rest)), rest[2:]
		if n < 126 {
			t.Fatal("not the shortest form")
		}
	case 127:
		n, rest = binary.BigEndian.Uint64(rest), rest[8:]
		if n < 1<<16 {
			t.Fatal("not the shortest form")
		}
	}
	if n != uint64(len(rest)) {
		t.Fatalf("declares %d of %d bytes", n, len(rest))
	}
	return rest
}
