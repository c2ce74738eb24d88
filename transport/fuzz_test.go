package transport_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"acip/internal/testkit"
	"acip/packet"
	"acip/transport"
)

// tape is a connection whose peer has said everything already.
type tape struct {
	r    *bytes.Reader
	step int
	out  bytes.Buffer
}

func (c *tape) Read(p []byte) (int, error)       { return c.r.Read(p[:min(len(p), c.step)]) }
func (c *tape) Write(p []byte) (int, error)      { return c.out.Write(p) }
func (c *tape) Close() error                     { return nil }
func (c *tape) LocalAddr() net.Addr              { return nil }
func (c *tape) RemoteAddr() net.Addr             { return nil }
func (c *tape) SetDeadline(time.Time) error      { return nil }
func (c *tape) SetReadDeadline(time.Time) error  { return nil }
func (c *tape) SetWriteDeadline(time.Time) error { return nil }

// taken is a ResponseWriter that is taken over with a tape as its connection.
type taken struct {
	*httptest.ResponseRecorder
	tape *tape
}

func (w taken) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.tape, bufio.NewReadWriter(bufio.NewReader(w.tape), bufio.NewWriter(w.tape)), nil
}

// replay runs a server's connection over what a peer says.
func replay(t testing.TB, said []byte, step int, h transport.Handler) (*packet.Buffers, *transport.Conn, []byte) {
	r := httptest.NewRequest(http.MethodGet, "/acip", nil)
	for k, v := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "c2l4dGVlbiBieXRlcyBvaw==", "Sec-WebSocket-Protocol": packet.Subprotocol} {
		r.Header.Set(k, v)
	}
	b := new(packet.Buffers)
	w := taken{httptest.NewRecorder(), &tape{r: bytes.NewReader(said), step: max(1, step)}}
	c, err := transport.Accept(w, r, transport.Options{Buffers: b, MaxFrame: 100000})
	if err != nil {
		t.Fatal(err)
	}
	out := transport.NewSendQueue()
	if err := c.Run(context.Background(), h, out); closeCode(err) == 0 {
		t.Fatalf("ended without a code: %v", err)
	}
	out.Close()
	return b, c, w.tape.out.Bytes()
}

// FuzzReader: whatever a peer says, in whatever pieces, nothing panics, only whole packets are handed over, every
// buffer comes back, and what is answered is well framed up to a close frame at most.
func FuzzReader(f *testing.F) {
	for _, h := range hostiles() {
		if len(h.bytes) < 4000 {
			f.Add(h.bytes, uint16(1))
			f.Add(h.bytes, uint16(4096))
		}
	}
	f.Fuzz(func(t *testing.T, said []byte, step uint16) {
		if len(said) > 1<<20 {
			t.Skip()
		}
		b, c, answered := replay(t, said, int(step), func(p *packet.Buffer) error {
			h := p.Header()
			if int(h.Length) != len(p.Payload()) || packet.Checksum(p.Payload()) != h.CRC || packet.CheckPicture(h.Type, p.Payload(), 100000) != nil {
				t.Fatal("a packet that is none")
			}
			return nil
		})
		balanced(t, b)
		if s := c.Stats(); s.BytesIn > uint64(len(said)) {
			t.Fatalf("%d bytes in of %d", s.BytesIn, len(said))
		}
		framed(t, answered)
	})
}

// framed checks that b is whole unmasked frames, a close frame last if at all.
func framed(t testing.TB, b []byte) {
	p := testkit.NewPeer(&tape{r: bytes.NewReader(b), step: 1 << 20})
	for closed := false; ; {
		f, err := p.ReadFrame()
		if err == io.EOF {
			return
		}
		if err != nil || closed || f.Reserved != 0 || !f.Final {
			t.Fatalf("answered %x: %+v, %v", b, f, err)
		}
		closed = f.Op == testkit.OpClose
	}
}
