package server

import (
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"acip/internal/testkit"
	"acip/media"
	"acip/packet"
)

func TestSenderAboveItsRate(t *testing.T) {
	t.Parallel()
	r := start(t, Config{Limits: Limits{Frames: 5}})
	a, v := r.join(hello("a", "join")), r.join(hello("v", "watch"))
	told := make(chan packet.ErrorBody, 1)
	end := make(chan packet.CloseError, 1)
	go func() {
		body, _ := a.Expect(packet.ErrorMessage)
		said, _ := packet.ParseError(body)
		told <- said
		e, _ := a.Closed()
		end <- e
	}()
	const sent = 50 // more than five in however slow a second, and too few to be cut for it
	for range sent {
		_ = a.Send(packet.ImageFrame, testkit.Image(4, 4, 1), 0)
	}
	if said := <-told; said.Code != packet.CodeRate {
		t.Errorf("told %+v", said)
	}
	var in memberStats
	if !r.settles(func() bool {
		in = r.counted().Rooms[0].Members[0]
		return in.FramesIn+in.Connection.DroppedIn["rate"] == sent
	}) || in.FramesIn < 5 || in.FramesIn >= sent {
		t.Errorf("%d pictures of %d in, dropped %v", in.FramesIn, sent, in.Connection.DroppedIn)
	}
	for range 100_000 { // goes on: ended
		if a.Send(packet.ImageFrame, testkit.Image(4, 4, 1), 0) != nil {
			break
		}
	}
	if e := <-end; e.Code != packet.CodeRate {
		t.Errorf("closed with %v", e)
	}
	if _, _, err := nextPicture(v.Peer); err != nil {
		t.Errorf("the viewer: %v", err)
	}
}

func TestOtherRates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		limits Limits
		send   func(p *testkit.Peer) error
	}{
		{"bytes", Limits{Bytes: 1000}, func(p *testkit.Peer) error { return p.Send(packet.ImageFrame, testkit.Image(640, 480, 1), 0) }},
		{"control", Limits{Control: 5}, func(p *testkit.Peer) error { return p.SendText(packet.Demand, `{"streams":[]}`) }},
		{"bytes of control", Limits{Talk: 1000}, func(p *testkit.Peer) error {
			return p.SendText(packet.Demand, `{"streams":[],"x":"`+strings.Repeat("x", 60000)+`"}`)
		}},
		{"unknown types", Limits{Control: 5}, func(p *testkit.Peer) error { return p.SendText(9999, `x`) }},
		{"chat", Limits{Messages: 2}, func(p *testkit.Peer) error { return p.SendText(packet.TextMessage, `{"text":"x"}`) }},
		{"stream start", Limits{Messages: 2}, func(p *testkit.Peer) error { return p.Send(packet.StreamStart, []byte{0, 0, 0, 1}, 0) }},
		{"packet pings", Limits{Pings: 5}, func(p *testkit.Peer) error { return p.SendText(packet.Ping, `12345678`) }},
		{"websocket pings", Limits{Pings: 5}, func(p *testkit.Peer) error { return p.WriteFrame(testkit.Frame{Final: true, Op: testkit.OpPing}) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, Config{Limits: c.limits})
			p := r.join(hello("x", "join"))
			go func() {
				for range 2000 {
					if c.send(p.Peer) != nil {
						return
					}
				}
			}()
			closed(t, p.Peer, packet.CodeRate)
		})
	}
}

func TestLimitsByAddress(t *testing.T) {
	t.Parallel()
	t.Run("slots", func(t *testing.T) {
		t.Parallel()
		r := start(t, Config{MaxClients: 4, Limits: Limits{Loopback: true}})
		last := r.join(hello("x", "join"))
		for range 2 {
			r.join(hello("x", "join"))
		}
		for range 3 { // the place of who goes is the address's again
			p := r.upgrade()
			_ = p.Hello("x", "lobby")
			if e := closed(t, p, packet.CodeFull); !strings.Contains(e.Reason, "address") {
				t.Errorf("refused with %q", e.Reason)
			}
			_ = last.Close(packet.CodeBye, "")
			if !r.settles(func() bool { return r.seats("127.0.0.1") == 2 }) {
				t.Fatal("the place is not given back")
			}
			last = r.join(hello("x", "join"))
		}
	})
	t.Run("exempt", func(t *testing.T) {
		t.Parallel()
		r := start(t, Config{MaxClients: 4, Limits: Limits{AddressConnects: 1, AddressConnections: 1, AddressWaiting: 1}})
		for range 4 {
			r.join(hello("x", "join"))
		}
	})
	t.Run("connects", func(t *testing.T) {
		t.Parallel()
		r := start(t, Config{Limits: Limits{Loopback: true, AddressConnects: 1}})
		for i := range 50 { // a slow machine is allowed a few more
			_, resp, err := testkit.Upgrade(r.raw(), "/acip", packet.Subprotocol)
			if err == nil && i < 49 {
				continue
			}
			if i < 4 || resp == nil || resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" {
				t.Errorf("number %d at once got %+v, %v", i+1, resp, err)
			}
			break
		}
	})
	t.Run("waiting", func(t *testing.T) {
		t.Parallel()
		r := start(t, Config{Limits: Limits{Loopback: true, AddressWaiting: 2}})
		first := r.upgrade()
		r.upgrade()
		if _, resp, _ := testkit.Upgrade(r.raw(), "/acip", packet.Subprotocol); resp == nil || resp.StatusCode != http.StatusTooManyRequests {
			t.Errorf("the third got %+v", resp)
		}
		if _, err := greetPeer(first, hello("x", "join")); err != nil {
			t.Fatal(err)
		}
		r.upgrade()
	})
	t.Run("connections", func(t *testing.T) {
		t.Parallel()
		r := start(t, Config{Limits: Limits{Loopback: true, AddressConnections: 3}})
		for range 3 {
			r.join(hello("x", "join"))
		}
		answer, _ := io.ReadAll(r.raw())
		if !strings.Contains(string(answer), "too many connections") {
			t.Errorf("the fourth got %q", answer)
		}
	})
	t.Run("in all", func(t *testing.T) {
		t.Parallel()
		r := start(t, Config{Limits: Limits{Waiting: 1}})
		r.upgrade()
		if _, resp, _ := testkit.Upgrade(r.raw(), "/acip", packet.Subprotocol); resp == nil || resp.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("the second got %+v", resp)
		}
	})
}

// seats is how many slots an address has.
func (r *running) seats(ip string) int {
	r.limiter.mu.Lock()
	defer r.limiter.mu.Unlock()
	return r.limiter.of(addressOf(parse(ip))).slots
}

func TestAddressesBehindProxies(t *testing.T) {
	t.Parallel()
	g := newConnLimiter(Limits{}, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")})
	for _, c := range []struct{ remote, forwarded, want string }{
		{"192.0.2.1:99", "", "192.0.2.1"},
		{"192.0.2.1:99", "198.51.100.7", "192.0.2.1"}, // not a proxy of ours: anybody can write that
		{"10.1.1.1:99", "198.51.100.7", "198.51.100.7"},
		{"10.1.1.1:99", "203.0.113.1, 198.51.100.7, 10.2.2.2", "198.51.100.7"},
		{"10.1.1.1:99", "nonsense", "10.1.1.1"},
		{"[::1]:99", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
		{"[2001:db8:1:2:aaaa::1]:99", "", "2001:db8:1:2::"},
		{"[::ffff:192.0.2.1]:99", "", "192.0.2.1"},
	} {
		h := http.Header{}
		if c.forwarded != "" {
			h.Set("X-Forwarded-For", c.forwarded)
		}
		if got := g.client(&http.Request{RemoteAddr: c.remote, Header: h}); got.String() != c.want {
			t.Errorf("%s, forwarded for %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}

func TestGateForgets(t *testing.T) {
	t.Parallel()
	g := newConnLimiter(Limits{}.withDefaults(32), nil)
	for i := range 3 * manyAddresses {
		ip := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		g.open(ip)
		g.shut(ip)
	}
	if n := len(g.addresses); n > manyAddresses {
		t.Errorf("%d addresses are remembered", n)
	}
}

// TestGateLooksSeldom: while none of many addresses can be forgotten, they are not all looked at for each connection.
func TestGateLooksSeldom(t *testing.T) {
	t.Parallel()
	g := newConnLimiter(Limits{}.withDefaults(32), nil)
	held := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}) }
	for i := range manyAddresses {
		g.open(held(i))
	}
	looks, many := 0, g.many
	for i := range 2 * manyAddresses {
		ip := netip.AddrFrom4([4]byte{10, 2, byte(i >> 8), byte(i)})
		g.open(ip)
		g.shut(ip)
		if g.many != many {
			looks, many = looks+1, g.many
		}
	}
	if looks < 1 || looks > 4 {
		t.Errorf("all addresses were looked at %d times or so", looks)
	}
	for i := range manyAddresses {
		g.shut(held(i))
	}
	for i := range 2 * manyAddresses {
		g.open(held(i))
		g.shut(held(i))
	}
	if n := len(g.addresses); n > 3*manyAddresses {
		t.Errorf("%d addresses are remembered", n)
	}
}

func TestSlowBeginnings(t *testing.T) {
	t.Parallel()
	r := start(t, Config{MaxClients: 1, HeaderTimeout: patientHeaders, HelloTimeout: patientHeaders})
	silent := r.raw()
	half := r.raw()
	_, _ = half.Write([]byte("GET /acip HTTP/1.1\r\nHost: x\r\n"))
	mute := r.upgrade()
	if s := r.counted(); s.Slots.Used != 0 || s.Server.Waiting != 1 {
		t.Errorf("they hold slots: %+v", s)
	}
	r.join(hello("x", "join")) // the one slot is free
	closed(t, mute, packet.CodeNoHello)
	for name, c := range map[string]io.Reader{"nothing": silent, "half a request": half} {
		if _, err := io.ReadAll(c); err != nil {
			t.Errorf("%s sent: %v, want the end", name, err)
		}
	}
}

func TestPictureBombs(t *testing.T) {
	t.Parallel()
	r := start(t, Config{})
	for _, side := range []uint16{4097, 65535} {
		a := r.join(hello(fmt.Sprint(side), "join"))
		video := make([]byte, 40)
		packet.VideoHead{Codec: media.VP8, Flags: media.Key, Width: side, Height: side}.Put(video)
		for range 3 {
			_ = a.Send(packet.VideoFrame, video, 0)
		}
		closed(t, a.Peer, packet.CodeViolation)
	}
}
