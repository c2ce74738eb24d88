package packet_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"testing"

	"acip/internal/testkit"
	"acip/media"
	"acip/packet"
)

// vectors is one packet of each kind, as another program would have to write it.
func vectors(p *packet.Buffers) []*packet.Buffer {
	payload := func(t packet.Type, client uint32, n int, put func([]byte)) *packet.Buffer {
		b := p.Get(n)
		put(b.Payload())
		b.Finish(t, client)
		return b
	}
	body := func(t packet.Type, client uint32, v any) *packet.Buffer {
		b, err := p.JSON(t, client, v)
		if err != nil {
			panic(err)
		}
		return b
	}
	return []*packet.Buffer{
		body(packet.HelloType, 0, packet.Hello{Protocol: 1, Room: "lobby", Name: "alice", Role: "join",
			Codecs: []string{"vp8", "jpeg", "raw"}, Demand: true, Agent: "acip-client/0.1.0"}),
		body(packet.WelcomeType, 0, packet.Welcome{Protocol: 1, ID: 3, Name: "alice", Resume: "secret", Room: "lobby",
			Slots: packet.Slots{Total: 32, Used: 2}, Members: []packet.Member{{ID: 1, Name: "bob", Role: "join"}},
			Limits: packet.Limits{MaxFrameBytes: 4194304, ReassemblyTimeoutMS: 2000}}),
		body(packet.WelcomeType, 0, packet.Welcome{Protocol: 1}),
		body(packet.ClientJoin, 0, packet.Member{ID: 4, Name: "carol", Role: "watch"}),
		body(packet.ClientLeave, 0, packet.Leave{ID: 4, Name: "carol", Reason: "bye"}),
		body(packet.Demand, 3, packet.Wish{Streams: []packet.Want{{ID: 1, Width: 160, Height: 90, FPS: 30}}}),
		body(packet.Demand, 3, packet.Wish{}),
		body(packet.Demand, 0, packet.Ask{Width: 160, Height: 90, FPS: 30, Codecs: []string{"vp8"}}),
		body(packet.KeyRequest, 3, packet.Key{ID: 1}),
		body(packet.ReportType, 3, packet.Report{Streams: []packet.StreamReport{{ID: 1, Received: 90, Drawn: 88, Dropped: 2, AgeMS: 12}}}),
		body(packet.TextMessage, 3, packet.Text{Text: "grüß dich"}),
		p.Error(packet.CodeFull, "all 32 places are taken"),
		payload(packet.Ping, 3, packet.PingSize, func(b []byte) { packet.PutPing(b, 1700000000123456) }),
		payload(packet.Pong, 0, packet.PongSize, func(b []byte) { packet.PutPong(b, 1700000000123456, 1700000000200000) }),
		payload(packet.StreamStart, 3, packet.StreamSize, func(b []byte) { packet.PutStream(b, packet.StreamVideo) }),
		payload(packet.StreamStop, 3, packet.StreamSize, func(b []byte) { packet.PutStream(b, packet.StreamVideo) }),
		payload(packet.ImageFrame, 3, packet.ImageHeadSize+2*2*3, func(b []byte) {
			packet.ImageHead{Width: 2, Height: 2, Format: packet.FormatRGB24, Time: 0x89abcdef}.Put(b)
			copy(b[packet.ImageHeadSize:], "RGBrgbXYZxyz")
		}),
		payload(packet.VideoFrame, 0xfedcba98, packet.VideoHeadSize+4, func(b []byte) {
			packet.VideoHead{Codec: media.VP8, Flags: media.Key | media.PrevDiscardable, Width: 160, Height: 90, Layer: 1,
				Seq: 7, Time: 1700000000123456}.Put(b)
			copy(b[packet.VideoHeadSize:], "data")
		}),
		payload(9999, 1, 0, func([]byte) {}),
	}
}

// webSocket is the prefix of a packet shorter than 64 KiB in an unmasked WebSocket frame.
func webSocket(head []byte, length int) int {
	if length < 126 {
		return copy(head[len(head)-2:], []byte{0x82, byte(length)})
	}
	return copy(head[len(head)-4:], []byte{0x82, 126, byte(length >> 8), byte(length)})
}

// TestGolden compares one packet of each kind with testdata, in a WebSocket frame as a server sends it.
func TestGolden(t *testing.T) {
	var p packet.Buffers
	var out bytes.Buffer
	for _, b := range vectors(&p) {
		fmt.Fprintf(&out, "%s %d\n%s\n", b.Type(), b.Client(), hex.Dump(b.Prefixed(webSocket)))
		b.Release()
	}
	testkit.Golden(t, "packets.txt", out.Bytes())
	if p.Outstanding() != 0 {
		t.Error("not all given back")
	}
}

// TestHeaderBytes is the one vector written out by hand from the table in PROTOCOL.md. The checksum of "123456789" is
// the one that every CRC-32C has.
func TestHeaderBytes(t *testing.T) {
	var p packet.Buffers
	b := p.Get(9)
	copy(b.Payload(), "123456789")
	b.Finish(packet.TextMessage, 0x01020304)
	want := "\x00\x00\x00\x0a\x5c\x11\xc4\xa1" + "\x07\xd2" + "\x00\x00\x00\x09" + "\xe3\x06\x92\x83" + "\x01\x02\x03\x04" + "123456789"
	if string(b.Bytes()) != want {
		t.Errorf("%x, want\n%x", b.Bytes(), want)
	}
	b.Stamp(0xa0b0c0d0)
	if string(b.Bytes()[18:22]) != "\xa0\xb0\xc0\xd0" || b.Client() != 0xa0b0c0d0 || b.Header().CRC != 0xe3069283 {
		t.Errorf("stamped %x", b.Bytes())
	}
}
