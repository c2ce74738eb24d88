package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"acip/internal/testkit"
	"acip/packet"
)

func TestPicturesReachTheOthers(t *testing.T) {
	t.Parallel()
	r := start(t, Config{})
	a := r.join(hello("alice", "join"))
	v := r.join(hello("viewer", "watch"))
	if a.ID == v.ID || v.Slots.Used != 2 || len(v.Members) != 1 || v.Members[0].Name != "alice" || v.Limits.MaxFrameBytes != 4<<20 {
		t.Errorf("WELCOME of the second: %+v", v.Welcome)
	}
	for n := range byte(5) {
		if err := a.Send(packet.ImageFrame, testkit.Image(320, 240, n), 10240); err != nil {
			t.Fatal(err)
		}
		head, payload, err := nextPicture(v.Peer)
		if err != nil || head.Client != a.ID || payload[len(payload)-1] != n || packet.Checksum(payload) != head.CRC {
			t.Fatalf("picture %d: %+v, %v", n, head, err)
		}
	}
	s := r.counted()
	in, out := s.Rooms[0].Members[0], s.Rooms[0].Members[1]
	if in.FramesIn != 5 || in.BytesIn != 5*(22+24+230400) || out.FramesOut != 5 || out.BytesOut != in.BytesIn || len(out.Dropped) != 0 {
		t.Errorf("/stats: %+v, %+v", in, out)
	}
	if !r.settles(func() bool { // the writer counts after the reader has read
		c := r.counted().Rooms[0].Members[1].Connection
		return c != nil && c.BytesOut > out.BytesOut
	}) {
		t.Errorf("the viewer's connection: %+v", out.Connection)
	}
}

func nextPicture(p *testkit.Peer) (packet.Header, []byte, error) {
	for {
		h, payload, err := p.Next()
		if err != nil || h.Type.Class() == packet.Video {
			return h, payload, err
		}
	}
}

func TestStatsKeepTheirNames(t *testing.T) {
	t.Parallel()
	r := start(t, Config{MaxClients: 7})
	r.join(hello("alice", "join"))
	_, body := r.get("/stats")
	var s struct {
		Slots map[string]int
		Rooms []struct {
			Name    string
			Members []map[string]any
		}
	}
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		t.Fatal(err)
	}
	if s.Slots["total"] != 7 || s.Slots["used"] != 1 || s.Rooms[0].Name != "lobby" {
		t.Errorf("%s", body)
	}
	for _, name := range []string{"id", "name", "frames_in", "bytes_in", "frames_out", "bytes_out", "dropped"} {
		if _, ok := s.Rooms[0].Members[0][name]; !ok {
			t.Errorf("a member has no %s: %s", name, body)
		}
	}
	if _, ok := s.Rooms[0].Members[0]["dropped"].(map[string]any); !ok {
		t.Error("dropped is not an object")
	}
}

// TestEndsAreCounted: each session once, by its close code's name.
func TestEndsAreCounted(t *testing.T) {
	t.Parallel()
	r := start(t, Config{})
	for _, end := range []func(c client){
		func(c client) { _ = c.Close(packet.CodeBye, "") },
		func(c client) { _ = c.Close(packet.CodeBye, "") },
		func(c client) { _ = c.Conn.Close() },
		func(c client) { _ = c.SendText(packet.WelcomeType, "{}") },
		func(c client) { _ = c.Close(4999, "an invention") },
	} {
		end(r.join(hello("x", "join")))
	}
	want := map[string]uint64{"bye": 2, "lost": 1, packet.CodeViolation.Info().Name: 1, "other": 1}
	if !r.settles(func() bool { return maps.Equal(r.counted().Server.Ended, want) }) {
		t.Errorf("ended: %v, want %v", r.counted().Server.Ended, want)
	}
	if n := r.counted().Server.Joined; n != 5 {
		t.Errorf("%d joined", n)
	}
}

func TestHTTPBesideTheWebSocket(t *testing.T) {
	t.Parallel()
	r := start(t, Config{Version: "1.2.3"})
	for _, c := range []struct {
		path, has string
		status    int
	}{
		{"/healthz", "ok", http.StatusOK},
		{"/", "acip-client --camera 0 ws://" + r.addr, http.StatusOK},
		{"/metrics", "acip_slots 32", http.StatusOK},
		{"/acip", "sub-protocol acip.relay.1", http.StatusBadRequest},
		{"/elsewhere", "", http.StatusNotFound},
	} {
		if status, body := r.get(c.path); status != c.status || !strings.Contains(body, c.has) {
			t.Errorf("GET %s: %d %q, want %d with %q", c.path, status, body, c.status, c.has)
		}
	}
}

func TestUpgradesAreJudged(t *testing.T) {
	t.Parallel()
	r := start(t, Config{AllowOrigins: []string{"good.example"}})
	for _, c := range []struct {
		name, path, protocol, origin string
		status                       int
	}{
		{"ours", "/acip", "acip.relay.1", "", 0},
		{"at the root", "/", "acip.relay.1", "", 0},
		{"among others", "/acip", "chat, acip.relay.1", "", 0},
		{"none", "/acip", "", "", 400},
		{"the original's", "/", "acip", "", 400},
		{"another", "/acip", "chat", "", 400},
		{"a foreign page", "/acip", "acip.relay.1", "http://evil.example", 403},
		{"an allowed page", "/acip", "acip.relay.1", "http://good.example", 0},
		{"elsewhere", "/other", "acip.relay.1", "", 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, resp, err := testkit.UpgradeWith(r.raw(), c.path, http.Header{"Sec-WebSocket-Protocol": {c.protocol}, "Origin": {c.origin}})
			if c.status == 0 {
				if err != nil {
					t.Fatal(err)
				}
				if _, err := greetPeer(p, hello("x", "join")); err != nil {
					t.Error(err)
				}
				return
			}
			if resp == nil || resp.StatusCode != c.status {
				t.Errorf("answer %+v, %v; want %d", resp, err, c.status)
			}
		})
	}
}

func TestEveryViolationHasItsCode(t *testing.T) {
	image := testkit.Packet(packet.ImageFrame, testkit.Image(4, 4, 1))
	packetOf := func(t packet.Type, body string) []byte { return testkit.Packet(t, []byte(body)) }
	video := make([]byte, 24)
	packet.VideoHead{Codec: 99, Width: 8, Height: 8}.Put(video)
	declared := testkit.Packet(packet.TextMessage, nil)
	packet.Header{Type: packet.TextMessage, Length: 64<<10 + 1}.Put(declared)
	huge := testkit.Packet(packet.ImageFrame, nil)
	packet.Header{Type: packet.ImageFrame, Length: 4<<20 + 1}.Put(huge)
	for _, c := range []struct {
		name  string
		hello string // "": nothing before
		send  []byte
		op    byte
		code  packet.Code
		says  string
	}{
		{"a picture before hello", "", image, 0, 4000, "before "},
		{"a ping before hello", "", packetOf(packet.Ping, "12345678"), 0, 4000, "before "},
		{"a wrong version", "", packetOf(packet.HelloType, `{"protocol":2,"room":"a","name":"x","role":"join"}`), 0, 4000, "version 2"},
		{"no room", "", packetOf(packet.HelloType, `{"protocol":1,"name":"x","role":"join"}`), 0, 4000, "room"},
		{"a bad room", "", packetOf(packet.HelloType, `{"protocol":1,"room":"a b","name":"x","role":"join"}`), 0, 4000, "room"},
		{"a bad role", "", packetOf(packet.HelloType, `{"protocol":1,"room":"a","name":"x","role":"admin"}`), 0, 4000, "role"},
		{"a broken hello", "", packetOf(packet.HelloType, `{"protocol":`), 0, 4000, "HELLO"},
		{"an array for a hello", "", packetOf(packet.HelloType, `[1]`), 0, 4000, "HELLO"},
		{"bad magic before hello", "", []byte(strings.Repeat("x", 30)), 0, 4000, "magic"},
		{"a text message before hello", "", []byte("hi"), testkit.OpText, 4000, "text"},
		{"a second hello", "join", packetOf(packet.HelloType, hello("x", "join")), 0, 4000, "second HELLO"},
		{"a picture from a watcher", "watch", image, 0, 4000, "watcher"},
		{"an unknown codec", "join", testkit.Packet(packet.VideoFrame, video), 0, 4000, "codec"},
		{"a server's packet", "join", packetOf(packet.WelcomeType, "{}"), 0, 4000, "server"},
		{"a server's error", "join", packetOf(packet.ErrorMessage, "{}"), 0, 4000, "server"},
		{"a server's join", "join", packetOf(packet.ClientJoin, "{}"), 0, 4000, "server"},
		{"a server's leave", "join", packetOf(packet.ClientLeave, "{}"), 0, 4000, "server"},
		{"a text message", "join", []byte("{}"), testkit.OpText, 4000, "text"},
		{"malformed demand", "join", packetOf(packet.Demand, `{"streams":3}`), 0, 4000, "DEMAND"},
		{"negative demand", "join", packetOf(packet.Demand, `{"streams":[{"id":1,"fps":-3}]}`), 0, 4000, "DEMAND"},
		{"malformed key request", "join", packetOf(packet.KeyRequest, `"x"`), 0, 4000, "KEY_REQUEST"},
		{"malformed report", "join", packetOf(packet.ReportType, `nil`), 0, 4000, "REPORT"},
		{"malformed text", "join", packetOf(packet.TextMessage, "{\"text\":\"\xff\"}"), 0, 4000, "TEXT_MESSAGE"},
		{"a long text", "join", packetOf(packet.TextMessage, `{"text":"`+strings.Repeat("x", 2001)+`"}`), 0, 4000, "TEXT_MESSAGE"},
		{"malformed stream start", "join", packetOf(packet.StreamStart, "12345"), 0, 4000, "STREAM_START"},
		{"bad magic", "join", []byte(strings.Repeat("x", 30)), 0, 4000, "magic"},
		{"longer than it says", "join", append(testkit.Packet(packet.TextMessage, []byte(`{"text":"x"}`)), 'y'), 0, 4000, "longer"},
		{"control above its limit", "join", declared, 0, 1009, "limit"},
		{"a picture above its limit", "join", huge, 0, 1009, "limit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, Config{})
			other := r.join(hello("other", "watch"))
			p := r.upgrade()
			if c.hello != "" {
				if _, err := greetPeer(p, hello("x", c.hello)); err != nil {
					t.Fatal(err)
				}
			}
			op := c.op
			if op == 0 {
				op = testkit.OpBinary
			}
			if err := p.WriteFrame(testkit.Frame{Final: true, Op: op, Payload: c.send}); err != nil {
				t.Fatal(err)
			}
			said, err := p.Expect(packet.ErrorMessage)
			if err != nil {
				t.Fatal(err)
			}
			body, err := packet.ParseError(said)
			if err != nil || body.Code != c.code || !strings.Contains(body.Message, c.says) {
				t.Errorf("ERROR_MESSAGE %+v, %v; want %d with %q", body, err, c.code, c.says)
			}
			e := closed(t, p, c.code)
			if !strings.Contains(e.Reason, c.says) {
				t.Errorf("closed with %q, want something with %q", e.Reason, c.says)
			}
			if !r.settles(func() bool { return r.pool.Slots().Used == 1 }) {
				t.Errorf("%d slots are taken", r.pool.Slots().Used)
			}
			if c.hello == "" {
				return
			}
			if body, err := other.Expect(packet.ClientLeave); err != nil || !strings.Contains(string(body), `"name":"x"`) {
				t.Errorf("the other was told %s, %v", body, err)
			}
		})
	}
}

func TestThirdBadPacketCloses(t *testing.T) {
	t.Parallel()
	wrong := testkit.Packet(packet.TextMessage, []byte(`{"text":"x"}`))
	wrong[len(wrong)-1] ^= 1
	short := testkit.Packet(packet.TextMessage, []byte(`{"text":"x"}`))
	short = short[:len(short)-2]
	misfit := testkit.Packet(packet.ImageFrame, testkit.Image(4, 4, 1)[:60])
	r := start(t, Config{})
	p := r.join(hello("x", "join"))
	for i, b := range [][]byte{wrong, short, misfit} {
		if i == 2 {
			if !r.settles(func() bool {
				in := r.counted().Rooms[0].Members[0].Connection.DroppedIn
				return in["checksum"] == 1 && in["short"] == 1
			}) {
				t.Errorf("counted %+v", r.counted().Rooms[0].Members[0].Connection)
			}
		}
		if err := p.WriteMessage(b, 0, 0); err != nil {
			t.Fatal(err)
		}
	}
	closed(t, p.Peer, 4000)
}

func TestUnknownPacketsAreIgnored(t *testing.T) {
	t.Parallel()
	r := start(t, Config{})
	p := r.join(hello("x", "join"))
	for _, typ := range []packet.Type{1, 1000, 3000, 4000, 5000, 6000, 7099, 65535} {
		if err := p.Send(typ, []byte("whatever"), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Send(packet.Ping, []byte("12345678"), 0); err != nil {
		t.Fatal(err)
	}
	if pong, err := p.Expect(packet.Pong); err != nil || string(pong[:8]) != "12345678" {
		t.Errorf("PONG %x, %v", pong, err)
	}
	if s := r.counted(); s.Server.Unknown != 8 { // the PONG says that they were handled
		t.Errorf("%d unknown packets counted, want 8", s.Server.Unknown)
	}
}

func TestWhatPeersSayIsCleaned(t *testing.T) {
	t.Parallel()
	r := start(t, Config{})
	v := r.join(hello("v", "watch"))
	evil := "\x1b]0;owned\x07\u202eevil\u200d\u009b31m"
	name, _ := json.Marshal(evil)
	p := r.join(fmt.Sprintf(`{"protocol":1,"room":"lobby","name":%s,"role":"join","codecs":["\u001b[2J"],"agent":%s}`, name, name))
	if err := p.SendText(packet.TextMessage, fmt.Sprintf(`{"text":%s}`, name)); err != nil {
		t.Fatal(err)
	}
	joined, _ := v.Expect(packet.ClientJoin)
	text, err := v.Expect(packet.TextMessage)
	if err != nil {
		t.Fatal(err)
	}
	_, stats := r.get("/stats")
	for what, s := range map[string]string{"JOIN": string(joined), "TEXT": string(text), "stats": stats, "WELCOME": p.Name} {
		for _, bad := range []string{"\x1b", "\x07", "\u202e", "\u200d", "\u009b", `\u001b`, `\u202e`, `\u009b`} {
			if strings.Contains(s, bad) {
				t.Errorf("%s carries %q: %s", what, bad, s)
			}
		}
	}
}

func TestDemandWithoutARate(t *testing.T) {
	t.Parallel()
	r := start(t, Config{})
	a := r.join(hello("a", "join"))
	v := r.join(`{"protocol":1,"room":"lobby","name":"v","role":"watch","codecs":["raw"],"demand":true}`)
	ask := func(want string, fps int) {
		t.Helper()
		if err := v.SendText(packet.Demand, fmt.Sprintf(want, a.ID)); err != nil {
			t.Fatal(err)
		}
		body, err := a.Expect(packet.Demand)
		var got packet.Ask
		if err != nil || json.Unmarshal(body, &got) != nil || got.FPS != fps {
			t.Errorf("%s: the sender was told %s, %v; want fps %d", want, body, err, fps)
		}
	}
	if body, err := a.Expect(packet.Demand); err != nil || !strings.Contains(string(body), `"fps":0`) {
		t.Errorf("alone, the sender was told %s, %v", body, err)
	}
	ask(`{"streams":[{"id":%d,"width":80,"height":45,"fps":15}]}`, 15)
	ask(`{"streams":[{"id":%d}]}`, 240)
	ask(`{"streams":[{"id":%d,"fps":0}]}`, 0)
	ask(`{"streams":[{"id":%d,"fps":5}]}`, 5)
	ask(`{"streams":[],"extra":%d}`, 0)
}
