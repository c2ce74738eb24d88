package packet_test

import (
	"bytes"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"acip/media"
	"acip/packet"
)

// TestBufferRoundTrip: whatever is finished, stamped, grown or adopted parses back.
func TestBufferRoundTrip(t *testing.T) {
	var p packet.Buffers
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.Byte(), 0, 3000).Draw(t, "payload")
		if rapid.Bool().Draw(t, "large") {
			want = bytes.Repeat(want, rapid.IntRange(1, 60).Draw(t, "times"))
		}
		b := p.Get(rapid.IntRange(0, 4000).Draw(t, "first size"))
		defer b.Release()
		switch rapid.IntRange(0, 2).Draw(t, "way") {
		case 0:
			b.Resize(len(want))
			copy(b.Payload(), want)
		case 1:
			b.Adopt(append(b.Payload()[:0], want...))
		case 2:
			b.Adopt(want)
		}
		typ, client := packet.Type(rapid.Uint16().Draw(t, "type")), rapid.Uint32().Draw(t, "client")
		b.Finish(typ, client)
		h, err := packet.ParseHeader(b.Bytes())
		if err != nil || h != b.Header() || h.Type != typ || h.Client != client || int(h.Length) != len(want) || h.CRC != packet.Checksum(want) {
			t.Fatalf("%+v, %v", h, err)
		}
		if !bytes.Equal(b.Payload(), want) || !bytes.Equal(b.Bytes()[packet.HeaderSize:], want) || b.Len() != len(b.Bytes()) {
			t.Fatal("another payload")
		}
	})
	if p.Outstanding() != 0 {
		t.Errorf("%d not given back", p.Outstanding())
	}
}

// TestGrowKeeps: growing keeps what was written.
func TestGrowKeeps(t *testing.T) {
	var p packet.Buffers
	b := p.Get(5)
	copy(b.Payload(), "hello")
	b.Resize(1 << 20)
	if string(b.Payload()[:5]) != "hello" {
		t.Error("lost what was there")
	}
	b.Resize(3)
	if string(b.Payload()) != "hel" || b.Len() != 25 {
		t.Error("not shortened")
	}
	b.Release()
}

// TestPrefixOnce: the prefix is written by the first of many senders and shared by all; a stamp keeps it, and Finish
// has it written again.
func TestPrefixOnce(t *testing.T) {
	var p packet.Buffers
	b := p.Get(5)
	defer b.Release()
	copy(b.Payload(), "hello")
	var written atomic.Int32
	prefix := func(head []byte, length int) int {
		written.Add(1)
		if len(head) != packet.Headroom || length != b.Len() {
			t.Errorf("%d bytes of head-room for %d", len(head), length)
		}
		return copy(head[len(head)-3:], "abc")
	}
	for want := range int32(2) {
		b.Finish(packet.TextMessage, 1)
		b.Stamp(2)
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				if got := b.Prefixed(prefix); string(got) != "abc"+string(b.Bytes()) {
					t.Errorf("%x", got)
				}
			})
		}
		wg.Wait()
		if got := written.Load(); got != want+1 {
			t.Errorf("written %d times, want %d", got, want+1)
		}
	}
}

// TestReferences: counted across goroutines, and one too many is noticed.
func TestReferences(t *testing.T) {
	var p packet.Buffers
	b := p.Get(100)
	b.Finish(packet.TextMessage, 1)
	var wg sync.WaitGroup
	for range 16 {
		b.Retain()
		wg.Go(func() {
			defer b.Release()
			if packet.Checksum(b.Payload()) != b.Header().CRC {
				t.Error("changed while shared")
			}
		})
	}
	wg.Wait()
	if p.Outstanding() != 1 {
		t.Errorf("%d outstanding", p.Outstanding())
	}
	b.Release()
	for i, f := range []func(){b.Release, func() { b.Retain() }} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("call %d after the last release went through", i)
				}
			}()
			f()
		}()
	}
	if p.Outstanding() != 0 {
		t.Errorf("%d outstanding", p.Outstanding())
	}
}

// TestClasses: the slack is at most a quarter, and nothing is recycled that is too small.
func TestClasses(t *testing.T) {
	var p packet.Buffers
	for _, n := range []int{0, 1, 223, 224, 225, 300, 1000, 10240, 65535, 230424, 1 << 20, 4 << 20, 4<<20 + 1, 80 << 20} {
		b := p.Get(n)
		if room := cap(b.Payload()); room < n || n > 300 && room > n+n/3+64 {
			t.Errorf("%d bytes have room for %d", n, room)
		}
		if len(b.Payload()) != n || b.Header() != (packet.Header{}) || b.Type() != 0 {
			t.Errorf("%d: got %+v", n, b.Header())
		}
		b.Finish(packet.Ping, 9)
		b.Release()
		if b := p.Get(n); b.Type() != 0 || b.Client() != 0 {
			t.Error("a recycled header")
		} else {
			b.Release()
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	var p packet.Buffers
	for b.Loop() {
		f := p.Get(230424)
		f.Finish(packet.ImageFrame, 1)
		f.Release()
	}
	b.SetBytes(230424)
	b.ReportAllocs()
}

func BenchmarkSealSmall(b *testing.B) {
	var p packet.Buffers
	for b.Loop() {
		f := p.Get(100)
		f.Finish(packet.VideoFrame, 1)
		f.Release()
	}
	b.ReportAllocs()
}

func BenchmarkParse(b *testing.B) {
	var p packet.Buffers
	f := p.Get(packet.VideoHeadSize + 200)
	packet.VideoHead{Codec: media.VP8, Width: 160, Height: 90}.Put(f.Payload())
	f.Finish(packet.VideoFrame, 1)
	for b.Loop() {
		h, err := packet.ParseHeader(f.Bytes())
		if err != nil || packet.Checksum(f.Payload()) != h.CRC || packet.CheckPicture(h.Type, f.Payload(), 0) != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
}
