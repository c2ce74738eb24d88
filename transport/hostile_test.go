package transport_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"acip/internal/testkit"
	"acip/media"
	"acip/packet"
	"acip/transport"
)

// hostile is a case of a peer that breaks the rules, or seems to. code 0 means that the connection must live on and
// hand over the picture that follows.
type hostile struct {
	name  string
	bytes []byte
	code  packet.Code
}

func fr(op byte, final bool, payload string) testkit.Frame {
	return testkit.Frame{Op: op, Final: final, Payload: []byte(payload)}
}

func encode(frames ...testkit.Frame) []byte {
	var b []byte
	for _, f := range frames {
		b = append(b, f.Bytes()...)
	}
	return b
}

func closing(payload ...byte) []byte {
	return encode(testkit.Frame{Op: testkit.OpClose, Final: true, Payload: payload})
}

func closeWith(code uint16, reason string) []byte {
	return closing(append(binary.BigEndian.AppendUint16(nil, code), reason...)...)
}

// hostiles are the cases of the Autobahn suite that apply to a server that takes binary messages (1–7, 9, 10), by their
// numbers, and those of lesson 10.
func hostiles() []hostile {
	text := packet.CodeViolation // a text message, whole or not
	framing := packet.CodeFraming
	mib := strings.Repeat("x", 1<<20)
	cases := []hostile{
		{"1.1.1 empty text", encode(fr(1, true, "")), text},
		{"1.1.6 text of 65535", encode(fr(1, true, mib[:65535])), text},
		{"2.1 empty ping", encode(fr(9, true, "")), 0},
		{"2.2 ping", encode(fr(9, true, "Hello, world!")), 0},
		{"2.3 binary ping", encode(fr(9, true, "\x00\xff\xfe\xfd\xfc\xfb\x00\xff")), 0},
		{"2.4 ping of 125", encode(fr(9, true, mib[:125])), 0},
		{"2.5 ping of 126", encode(fr(9, true, mib[:126])), framing},
		{"2.7 pong unasked", encode(fr(10, true, "")), 0},
		{"2.8 pong unasked with payload", encode(fr(10, true, "unsolicited")), 0},
		{"2.9 pong and ping", encode(fr(10, true, "x"), fr(9, true, "y")), 0},
		{"2.10 ten pings", bytes.Repeat(encode(fr(9, true, "payload")), 10), 0},
		{"5.1 ping in two", encode(fr(9, false, "frag"), fr(0, true, "ment")), framing},
		{"5.2 pong in two", encode(fr(10, false, "frag"), fr(0, true, "ment")), framing},
		{"5.3 text in two", encode(fr(1, false, "frag"), fr(0, true, "ment")), text},
		{"5.9 continuation of nothing", encode(fr(0, true, "non-continuation"), fr(1, true, "Hello")), framing},
		{"5.12 continuation of nothing, unfinished", encode(fr(0, false, "non-continuation"), fr(1, true, "Hello")), framing},
		{"7.3.1 close without payload", closing(), packet.CodeBye},
		{"7.3.2 close with one byte", closing('a'), framing},
		{"7.3.3 close with a code", closeWith(1000, ""), packet.CodeBye},
		{"7.3.4 close with a reason", closeWith(1000, "Hello World!"), packet.CodeBye},
		{"7.3.5 close with the longest reason", closeWith(1000, mib[:123]), packet.CodeBye},
		{"7.3.6 close with too long a reason", closeWith(1000, mib[:124]), framing},
		{"7.5.1 close with bad UTF-8", closeWith(1000, "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"), framing},
		{"unmasked frame", encode(testkit.Frame{Op: 2, Final: true, Unmasked: true, Payload: []byte("abc")}), framing},
		{"unmasked empty frame", encode(testkit.Frame{Op: 2, Final: true, Unmasked: true}), framing},
		{"unmasked ping", encode(testkit.Frame{Op: 9, Final: true, Unmasked: true}), framing},
		{"claims 2^62", encode(testkit.Frame{Op: 2, Final: true, Lie: true, Length: 1 << 62}), packet.CodeTooBig},
		{"claims 2^63", encode(testkit.Frame{Op: 2, Final: true, Lie: true, Length: 1 << 63}), packet.CodeTooBig},
		{"claims 2^64-1", encode(testkit.Frame{Op: 2, Final: true, Lie: true, Length: 1<<64 - 1}), packet.CodeTooBig},
		{"frame one above the limit", encode(testkit.Frame{Op: 2, Lie: true, Length: packet.DefaultMaxFrame + packet.HeaderSize + 1}), packet.CodeTooBig},
		{"continuation above the limit", encode(fr(2, false, string(testkit.Packet(packet.Ping, nil)[:3])),
			testkit.Frame{Lie: true, Length: 1 << 30}), packet.CodeTooBig},
		{"GET on a WebSocket", []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), framing},
	}
	for op := byte(3); op < 16; op++ { // 4.1.1–4.2.5
		if op >= 8 && op <= 10 {
			continue
		}
		cases = append(cases, hostile{fmt.Sprintf("4 opcode %d", op), encode(fr(op, true, "")), framing},
			hostile{fmt.Sprintf("4 opcode %d with payload", op), encode(fr(op, true, "reserved")), framing})
	}
	for rsv := byte(1); rsv < 8; rsv++ { // 3.1–3.7
		for _, op := range []byte{2, 8, 9, 10} {
			cases = append(cases, hostile{fmt.Sprintf("3 reserved %d on opcode %d", rsv, op),
				encode(testkit.Frame{Op: op, Final: true, Reserved: rsv, Payload: []byte("ab")}), framing})
		}
	}
	for _, code := range []uint16{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999} { // 7.7
		cases = append(cases, hostile{fmt.Sprintf("7.7 close %d", code), closeWith(code, ""), packet.Code(code)})
	}
	for _, code := range []uint16{0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535} { // 7.9, 7.13
		cases = append(cases, hostile{fmt.Sprintf("7.9 close %d", code), closeWith(code, ""), framing})
	}
	return append(append(cases, strayCloses()...), badPackets()...)
}

// strayCloses are close frames that a client does not mask, as proxies send them: one of two bytes counts.
func strayCloses() (cases []hostile) {
	unmasked := func(payload ...byte) testkit.Frame {
		return testkit.Frame{Op: 8, Final: true, Unmasked: true, Payload: payload}
	}
	good := testkit.Packet(packet.ImageFrame, testkit.Image(8, 8, 1))
	for name, c := range map[string]struct {
		frames []testkit.Frame
		want   packet.Code
	}{
		"1001":                      {[]testkit.Frame{unmasked(3, 0xe9)}, packet.CodeGoingAway},
		"1000":                      {[]testkit.Frame{unmasked(3, 0xe8)}, packet.CodeBye},
		"1001 inside a message":     {[]testkit.Frame{{Op: 2, Payload: good[:30]}, unmasked(3, 0xe9)}, packet.CodeGoingAway},
		"1001 and a frame after it": {[]testkit.Frame{unmasked(3, 0xe9), {Op: 9, Final: true}}, packet.CodeGoingAway},
		"1005, never sent":          {[]testkit.Frame{unmasked(3, 0xed)}, packet.CodeFraming},
		"1001 with a reason":        {[]testkit.Frame{unmasked(3, 0xe9, 'x')}, packet.CodeFraming},
		"no code":                   {[]testkit.Frame{unmasked()}, packet.CodeFraming},
	} {
		cases = append(cases, hostile{"unmasked close: " + name, encode(c.frames...), c.want})
	}
	return cases
}

// badPackets are well-framed messages that are no good packets.
func badPackets() []hostile {
	violation := packet.CodeViolation
	good := testkit.Packet(packet.ImageFrame, testkit.Image(8, 8, 1))
	edit := func(at int, with ...byte) []byte {
		b := bytes.Clone(good)
		copy(b[at:], with)
		return b
	}
	video := func(codec media.Codec, w, h uint16) []byte {
		b := make([]byte, packet.VideoHeadSize+10)
		packet.VideoHead{Codec: codec, Width: w, Height: h}.Put(b)
		return testkit.Packet(packet.VideoFrame, b)
	}
	one := func(b []byte) []byte { return encode(testkit.Frame{Op: 2, Final: true, Payload: b}) }
	times := func(n int, b []byte) []byte { return bytes.Repeat(one(b), n) }
	big := func(t packet.Type, n uint32) []byte {
		b := make([]byte, packet.HeaderSize)
		packet.Header{Type: t, Length: n}.Put(b)
		return b
	}
	cases := []hostile{
		{"bad magic", one(edit(0, 1)), violation},
		{"text that is no packet", one([]byte("hello")), violation},
		{"longer than it says", one(append(bytes.Clone(good), 0)), violation},
		{"longer by a fragment", encode(testkit.Frame{Op: 2, Payload: good}, fr(0, true, "more")), violation},
		{"ends in an empty fragment", encode(testkit.Frame{Op: 2, Payload: good}, fr(0, true, "")), 0},
		{"begins with empty fragments", encode(fr(2, false, ""), fr(0, false, ""), testkit.Frame{Final: true, Payload: good}), 0},
		{"a ping between fragments", encode(testkit.Frame{Op: 2, Payload: good[:30]}, fr(9, true, "now"),
			testkit.Frame{Final: true, Payload: good[30:]}), 0},
		{"a new message inside one", encode(testkit.Frame{Op: 2, Payload: good[:30]}, testkit.Frame{Op: 2, Final: true, Payload: good}), packet.CodeFraming},
		{"a close inside a message", append(encode(testkit.Frame{Op: 2, Payload: good[:30]}), closeWith(1000, "")...), packet.CodeBye},
		{"picture declared above the limit", one(big(packet.ImageFrame, packet.DefaultMaxFrame+1)), packet.CodeTooBig},
		{"declared 4 GiB, unfinished", encode(testkit.Frame{Op: 2, Payload: big(packet.VideoFrame, 1<<32-1)}), packet.CodeTooBig},
		{"text declared above the limit", one(big(packet.TextMessage, packet.MaxControl+1)), packet.CodeTooBig},
		{"unknown type above the limit", one(big(9999, packet.MaxControl+1)), packet.CodeTooBig},
		{"unknown type", one(testkit.Packet(9999, []byte("x"))), 0},
		{"unknown codec", one(video(9, 8, 8)), violation},
		{"malformed ping", one(testkit.Packet(packet.Ping, []byte("1234567"))), violation},
		{"malformed pong", one(testkit.Packet(packet.Pong, nil)), violation},
		{"pong unasked", one(testkit.Packet(packet.Pong, make([]byte, 16))), 0},
	}
	for name, b := range map[string][]byte{
		"empty message": nil, "one byte": good[:1], "half a header": good[:11], "header only": good[:22], "one short": good[:len(good)-1],
		"wrong checksum": edit(14, 0xde, 0xad), "wrong payload": edit(60, 0xff), "bomb": video(media.JPEG, 4096, 4096),
		"side 0": video(media.VP8, 0, 8), "side 4097": video(media.JPEG, 4097, 1),
		"image larger than payload":  testkit.Packet(packet.ImageFrame, append(testkit.Image(8, 8, 1), 0)),
		"image smaller than payload": testkit.Packet(packet.ImageFrame, testkit.Image(8, 8, 1)[:100]),
		"image without head":         testkit.Packet(packet.ImageFrame, make([]byte, 23)),
	} {
		cases = append(cases, hostile{"twice " + name, times(2, b), 0}, hostile{"thrice " + name, times(3, b), violation})
	}
	return cases
}

// TestHostile runs each case in whole writes, in single bytes, and against a peer that hangs up right behind it.
func TestHostile(t *testing.T) {
	for _, tt := range hostiles() {
		t.Run(tt.name, func(t *testing.T) {
			for _, step := range []int{0, 1, 7} {
				if step == 1 && len(tt.bytes) > 2000 {
					continue
				}
				synctest.Test(t, func(t *testing.T) { tt.run(t, step) })
			}
			synctest.Test(t, tt.hangUp)
		})
	}
}

func (tt hostile) run(t *testing.T, step int) {
	l := testkit.Listen()
	var mu sync.Mutex
	var got []byte
	s := newServer(t, l, transport.Options{}, collect(&got, &mu))
	p := join(t, l)
	go func() {
		write(p, tt.bytes, step)
		_ = p.Send(packet.ImageFrame, testkit.Image(4, 4, 99), 0)
		if tt.code == 0 {
			_ = p.Close(packet.CodeBye, "")
		}
	}()
	start := time.Now()
	said, err := p.Closed()
	took := time.Since(start)
	_ = p.Conn.Close()
	want := max(tt.code, packet.CodeBye)
	if err != nil || said.Code != want {
		t.Errorf("step %d: closed with %v, %v; want %d", step, said, err, want)
	}
	if took > 500*time.Millisecond {
		t.Errorf("step %d: took %s", step, took)
	}
	if code := closeCode(<-s.ends); code != want {
		t.Errorf("step %d: the server saw %d", step, code)
	}
	mu.Lock()
	if alive := bytes.IndexByte(got, 99) >= 0; alive != (tt.code == 0) {
		t.Errorf("step %d: arrived %v", step, got)
	}
	mu.Unlock()
	s.close()
	balanced(t, s.buffers)
}

// hangUp is the case with a peer that does not wait for the answer.
func (tt hostile) hangUp(t *testing.T) {
	l := testkit.Listen()
	var mu sync.Mutex
	var got []byte
	s := newServer(t, l, transport.Options{}, collect(&got, &mu))
	p := join(t, l)
	go func() { // the server may write before it reads on
		for {
			if _, err := p.ReadFrame(); err != nil {
				return
			}
		}
	}()
	write(p, tt.bytes, 0)
	_ = p.Conn.Close()
	if closeCode(<-s.ends) == 0 {
		t.Error("no code")
	}
	s.close()
	balanced(t, s.buffers)
}

func write(p *testkit.Peer, b []byte, step int) {
	for len(b) > 0 {
		n := len(b)
		if step > 0 {
			n = min(step, n)
		}
		if _, err := p.Conn.Write(b[:n]); err != nil {
			return
		}
		b = b[n:]
	}
}

// TestErrorMessageBeforeClose: the protocol allows it, so it is delivered.
func TestErrorMessageBeforeClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := testkit.Listen()
		var mu sync.Mutex
		var got []byte
		s := newServer(t, l, transport.Options{}, collect(&got, &mu))
		p := join(t, l)
		go func() { _ = p.WriteFrame(fr(1, true, "hello")) }()
		body, err := p.Expect(packet.ErrorMessage)
		if err != nil {
			t.Fatal(err)
		}
		if e, err := packet.ParseError(body); err != nil || e.Code != packet.CodeViolation || e.Message != "a text message" {
			t.Errorf("%+v, %v", e, err)
		}
		if e, err := p.Closed(); err != nil || e.Code != packet.CodeViolation || e.Reason != "a text message" {
			t.Errorf("%+v, %v", e, err)
		}
		_ = p.Conn.Close()
		<-s.ends
		s.close()
	})
}

// TestFloods is the rest of lesson 10, over real sockets: memory stays bounded and the code is clear.
func TestFloods(t *testing.T) {
	empty := bytes.Repeat(encode(fr(0, false, "")), 1000)
	for _, tt := range []struct {
		name  string
		first []byte
		again []byte
		code  packet.Code
	}{
		{"empty continuations", encode(fr(2, false, "")), empty, packet.CodeViolation},
		{"empty continuations behind half a packet", encode(testkit.Frame{Op: 2, Payload: testkit.Packet(packet.ImageFrame, testkit.Image(64, 64, 1))[:5000]}), empty, packet.CodeViolation},
		{"pings", nil, bytes.Repeat(encode(fr(9, true, strings.Repeat("p", 125))), 100), packet.CodeRate},
		{"pongs", nil, bytes.Repeat(encode(fr(10, true, "")), 1000), packet.CodeRate},
		{"ACIP pings", nil, bytes.Repeat(encode(testkit.Frame{Op: 2, Final: true, Payload: testkit.Packet(packet.Ping, make([]byte, 8))}), 100), packet.CodeRate},
		{"empty messages", nil, bytes.Repeat(encode(fr(2, true, "")), 1000), packet.CodeViolation},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := loopback(t)
			var mu sync.Mutex
			var got []byte
			o := transport.Options{ReassemblyTimeout: time.Minute, FragmentStall: time.Minute} // the flood is to be what ends it
			s := newServer(t, l, o, collect(&got, &mu))
			p := joinTCP(t, l.Addr().String())
			p.Pong = false
			ended := make(chan packet.CloseError, 1)
			go func() {
				e, _ := p.Closed()
				ended <- e
			}()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _ = p.Conn.Write(tt.first)
			for i := 0; i < 20000; i++ {
				if _, err := p.Conn.Write(tt.again); err != nil {
					break
				}
			}
			var e packet.CloseError
			within(t, 2*time.Minute, "the end of a flood", func() { e = <-ended })
			if code := closeCode(<-s.ends); code != tt.code || e.Code != tt.code && e.Code != 0 {
				t.Errorf("ended with %d, closed with %v", code, e)
			}
			s.close()
			runtime.GC()
			runtime.ReadMemStats(&after)
			if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
				t.Errorf("%d bytes of heap stayed", grown)
			}
			balanced(t, s.buffers)
		})
	}
}

// TestFragmentLimit: 65,536 fragments are taken, one more is not.
func TestFragmentLimit(t *testing.T) {
	for extra, want := range []packet.Code{packet.CodeBye, packet.CodeViolation} {
		synctest.Test(t, func(t *testing.T) {
			l := testkit.Listen()
			var mu sync.Mutex
			var got []byte
			s := newServer(t, l, transport.Options{}, collect(&got, &mu))
			p := join(t, l)
			go func() {
				frames := testkit.Fragments(testkit.Packet(packet.ImageFrame, testkit.Image(4, 4, 1)), 0)
				last := frames[0]
				last.Op = testkit.OpContinuation
				b := encode(fr(2, false, ""))
				for range packet.MaxFragments - 2 + extra {
					b = append(b, encode(fr(0, false, ""))...)
				}
				_, _ = p.Conn.Write(append(b, last.Bytes()...))
				_ = p.Close(packet.CodeBye, "")
			}()
			if e, err := p.Closed(); err != nil || e.Code != want {
				t.Errorf("%d fragments: %v, %v", packet.MaxFragments+extra, e, err)
			}
			_ = p.Conn.Close()
			<-s.ends
			s.close()
			balanced(t, s.buffers)
		})
	}
}
