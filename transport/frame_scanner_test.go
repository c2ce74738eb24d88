package transport

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"acip/packet"
)

// TestScannerBoundaries: however the stream is cut, the scanner stops exactly at the end of each message, with its size
// and fragments.
func TestScannerBoundaries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		masked := rapid.Bool().Draw(t, "masked")
		type message struct{ end, size, fragments int }
		var stream []byte
		var want []message
		for range rapid.IntRange(1, 6).Draw(t, "messages") {
			m := message{fragments: rapid.IntRange(1, 5).Draw(t, "fragments")}
			for i := range m.fragments {
				if rapid.Bool().Draw(t, "control between") {
					stream = appendFrame(stream, opPong, make([]byte, rapid.IntRange(0, 125).Draw(t, "control")), true, masked)
				}
				n := rapid.SampledFrom([]int{0, 1, 125, 126, 127, 1000, 65535, 65536, 70000}).Draw(t, "payload")
				m.size += n
				op := byte(opBinary)
				if i > 0 {
					op = 0
				}
				stream = appendFrame(stream, op, make([]byte, n), i == m.fragments-1, masked)
			}
			m.end = len(stream)
			want = append(want, m)
		}
		s := frameScanner{limit: 1 << 20, masked: masked}
		var got []message
		for at := 0; at < len(stream); {
			n, err := s.take(stream[at:min(len(stream), at+rapid.IntRange(1, 100000).Draw(t, "cut"))])
			if err != nil {
				t.Fatal(err)
			}
			if at += n; !s.in && s.have == 0 && s.remain == 0 && s.final {
				got = append(got, message{at, s.size, s.fragments})
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%d messages of %d", len(got), len(want))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("message %d: %+v, want %+v", i, got[i], want[i])
			}
		}
	})
}

// TestXor: masking is what the RFC says, for every length and twice is nothing.
func TestXor(t *testing.T) {
	for n := range 100 {
		p := bytes.Repeat([]byte{0xa5}, n)
		xor(p, 0x44332211)
		for i, b := range p {
			if b != 0xa5^[]byte{0x11, 0x22, 0x33, 0x44}[i&3] {
				t.Fatalf("byte %d of %d", i, n)
			}
		}
		xor(p, 0x44332211)
		if !bytes.Equal(p, bytes.Repeat([]byte{0xa5}, n)) {
			t.Fatal("not undone")
		}
	}
}

// FuzzScanner: any bytes, cut anywhere, never go beyond what there is.
func FuzzScanner(f *testing.F) {
	f.Add(appendFrame(nil, opBinary, []byte("abc"), true, true), 1, true)
	f.Add(appendFrame(appendFrame(nil, opBinary, nil, false, false), 0, make([]byte, 200), true, false), 3, false)
	f.Add([]byte{0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}, 14, true)
	f.Add(bytes.Repeat([]byte{0x88, 2, 3, 0xed}, 9), 1, true)
	f.Fuzz(func(t *testing.T, b []byte, step int, masked bool) {
		s := frameScanner{limit: packet.DefaultMaxFrame, masked: masked}
		for len(b) > 0 {
			chunk := b[:min(len(b), max(1, step))]
			n, err := s.take(chunk)
			if err != nil { // drain reads on
				b = b[len(chunk):]
				continue
			}
			if n < 1 || n > len(chunk) {
				t.Fatalf("took %d of %d", n, len(chunk))
			}
			if n < len(chunk) && s.in {
				t.Fatal("stopped inside a message")
			}
			b = b[n:]
		}
	})
}

// TestStrayClose: at either end a close frame of two bytes counts though it is masked as the other end's are.
func TestStrayClose(t *testing.T) {
	for _, masked := range []bool{true, false} {
		for _, code := range []packet.Code{packet.CodeGoingAway, packet.CodeBye, packet.CodeTakenOver} {
			s := frameScanner{limit: packet.DefaultMaxFrame, masked: masked}
			frame := appendFrame(nil, opClose, []byte{byte(code >> 8), byte(code)}, true, !masked)
			var err error
			for i := range frame {
				if err != nil {
					t.Fatalf("judged after %d bytes of %d: %v", i, len(frame), err)
				}
				_, err = s.take(frame[i : i+1])
			}
			if err != error(packet.CloseError{Code: code, Remote: true}) || !s.closed {
				t.Errorf("masked %v, code %d: %v", masked, code, err)
			}
		}
	}
}
