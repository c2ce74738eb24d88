package packet_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"acip/packet"
)

// FuzzParse: no bytes panic a parser, and what is accepted is what was checked.
func FuzzParse(f *testing.F) {
	var p packet.Buffers
	for _, b := range vectors(&p) {
		f.Add(bytes.Clone(b.Bytes()))
		b.Release()
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := packet.ParseHeader(b)
		if err != nil {
			return
		}
		var again [packet.HeaderSize]byte
		h.Put(again[:])
		if !bytes.Equal(again[:], b[:packet.HeaderSize]) {
			t.Fatalf("%x is written as %x", b[:packet.HeaderSize], again)
		}
		payload := b[packet.HeaderSize:]
		if i, pix, err := packet.ParseImage(payload); err == nil && len(pix) != int(i.Width*i.Height*3) {
			t.Fatal("pixels")
		}
		if v, data, err := packet.ParseVideo(payload, 0); err == nil && (len(data) == 0 || int(v.Width)*int(v.Height)*3 > packet.DefaultMaxFrame) {
			t.Fatal("video")
		}
		_ = packet.CheckPicture(h.Type, payload, int(h.Length))
		_, _ = packet.ParseError(payload)
		_, _ = packet.ParsePing(payload)
		_, _, _ = packet.ParsePong(payload)
		_, _ = packet.ParseStream(payload)
	})
}

// FuzzBody: no JSON panics, and what is accepted can be said again.
func FuzzBody(f *testing.F) {
	var p packet.Buffers
	for _, b := range vectors(&p) {
		f.Add(bytes.Clone(b.Payload()))
		b.Release()
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		again[packet.Hello](t, b)
		again[packet.Welcome](t, b)
		again[packet.Wish](t, b)
		again[packet.Ask](t, b)
		again[packet.Member](t, b)
		again[packet.Leave](t, b)
		again[packet.Key](t, b)
		again[packet.Report](t, b)
		again[packet.Text](t, b)
	})
}

func again[T any](t *testing.T, b []byte) {
	v, err := packet.UnmarshalBody[T](b)
	if err != nil {
		return
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := packet.UnmarshalBody[T](text); err != nil {
		t.Fatalf("%s, then %s: %v", b, text, err)
	}
}

// FuzzName: whatever comes in, what comes out is safe to show.
func FuzzName(f *testing.F) {
	f.Add("alice")
	f.Add("\x1b]0;x\x07\u202e日本\u200d\xff")
	f.Fuzz(func(t *testing.T, s string) {
		cleaned(t, packet.CleanName(s))
		cleaned(t, packet.CleanText(s))
	})
}
