package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"acip/internal/testkit"
	"acip/packet"
	"acip/transport"
)

// TestDialErrors: each way in which there is no server is told apart, with a hint for a person.
func TestDialErrors(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>hello\x1b") }))
	defer page.Close()
	missing := httptest.NewServer(http.NotFoundHandler())
	defer missing.Close()
	status := func(code int, text string) *httptest.Server {
		return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, text, code) }))
	}
	drained, busy, old := status(503, "draining: retry after 5 s"), status(429, "slow \x1b[31mdown"), status(400, "this acip server speaks acip.relay.2")
	defer drained.Close()
	defer busy.Close()
	defer old.Close()
	other := websocketServer("", nil)
	defer other.Close()
	chars := websocketServer("acip", []string{"acip"})
	defer chars.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	secure.Config.ErrorLog = quiet()
	defer secure.Close()
	ssh := lines(t, "SSH-2.0-OpenSSH_9.2\r\n")
	hangsUp := lines(t, "")
	mute := silent(t)
	closed := loopback(t)
	_ = closed.Close()
	cases := []struct {
		name, address string
		kind          transport.DialKind
		says          string
		retry         bool
	}{
		{"refused", closed.Addr().String(), transport.DialRefused, "connection refused", true},
		{"unknown name", "ws://no-such-host.invalid", transport.DialNotFound, "name not found", true},
		{"plain page", page.URL, transport.DialNotACIP, "no acip server there: a web server answered, with HTTP status 200", false},
		{"404", missing.URL, transport.DialNotACIP, "a web server answered, with HTTP status 404", false},
		{"draining", drained.URL, transport.DialStatus, "refused with HTTP status 503: draining: retry after 5 s", true},
		{"too many", busy.URL, transport.DialStatus, "429: slow [31mdown", true},
		{"another version", old.URL, transport.DialStatus, "400: this acip server speaks acip.relay.2", false},
		{"no sub-protocol", other.URL, transport.DialSubprotocol, "does not speak acip.relay.1", false},
		{"ascii-chat", chars.URL, transport.DialSubprotocol, "does not speak acip.relay.1", false},
		{"certificate", strings.Replace(secure.URL, "https", "wss", 1), transport.DialTLS, "TLS: ", false},
		{"no TLS there", strings.Replace(page.URL, "http", "wss", 1), transport.DialTLS, "TLS: that port does not use TLS", false},
		{"TLS there", strings.Replace(secure.URL, "https", "http", 1), transport.DialTLS, "TLS: the server speaks nothing else at that port", false},
		{"ssh", ssh, transport.DialNotACIP, "what answered is no web server", false},
		{"hangs up", hangsUp, transport.DialNotACIP, "what answered is no web server", false},
		{"mute", mute, transport.DialTimeout, "timed out", true},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			limit := 20 * time.Second
			if tt.kind == transport.DialTimeout {
				limit = 200 * time.Millisecond
			}
			c, err := transport.Dial(context.Background(), tt.address, transport.Options{DialTimeout: limit})
			var e *transport.DialError
			if c != nil || !errors.As(err, &e) {
				t.Fatal(err)
			}
			if e.Kind != tt.kind || !strings.Contains(err.Error(), tt.says) || e.Retry() != tt.retry {
				t.Errorf("kind %d: %v; retry %t", e.Kind, err, e.Retry())
			}
			if !strings.HasPrefix(err.Error(), "dial ws") || strings.Contains(err.Error(), "\x1b") {
				t.Errorf("%q", err)
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var e *transport.DialError
	if _, err := transport.Dial(ctx, mute, transport.Options{}); !errors.As(err, &e) || e.Kind != transport.DialCanceled || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	_, err := transport.Dial(context.Background(), "ws://user:geheim@"+closed.Addr().String()+"/?token=geheim", transport.Options{})
	if err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("an error tells a secret: %v", err)
	}
}

// websocketServer accepts WebSockets of some other kind.
func websocketServer(_ string, protocols []string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Sec-WebSocket-Protocol", strings.Join(protocols, ","))
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: protocols})
		if err == nil {
			_, _, _ = c.Read(r.Context())
			_ = c.CloseNow()
		}
	}))
}

// lines answers each connection with a text and hangs up.
func lines(t *testing.T, text string) string {
	l := loopback(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 1))
			_, _ = io.WriteString(c, text)
			_ = c.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, c)
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}

// silent takes connections and says nothing.
func silent(t *testing.T) string {
	l := loopback(t)
	t.Cleanup(func() { _ = l.Close() }) // the kernel takes them
	return l.Addr().String()
}

// TestUpgradeRefused: what the server answers to upgrades that are not for it.
func TestUpgradeRefused(t *testing.T) {
	l := testkit.Listen()
	s := newServer(t, l, transport.Options{}, nil)
	defer s.close()
	for _, tt := range []struct {
		name    string
		headers http.Header
		status  int
		says    string
	}{
		{"no sub-protocol", http.Header{}, 400, "sub-protocol acip.relay.1"},
		{"another", http.Header{"Sec-Websocket-Protocol": {"chat, superchat"}}, 400, "sub-protocol acip.relay.1"},
		{"ascii-chat", http.Header{"Sec-Websocket-Protocol": {"acip"}}, 400, "ascii-chat's own"},
		{"foreign origin", http.Header{"Sec-Websocket-Protocol": {"acip.relay.1"}, "Origin": {"http://evil.example"}}, 403, "not authorized"},
		{"own origin and a foreign one", http.Header{"Sec-Websocket-Protocol": {"acip.relay.1"}, "Origin": {"http://acip.test", "http://evil.example"}}, 403, "more than one"},
		{"null origin", http.Header{"Sec-Websocket-Protocol": {"acip.relay.1"}, "Origin": {"null"}}, 403, ""},
		{"own origin", http.Header{"Sec-Websocket-Protocol": {"acip.relay.1"}, "Origin": {"http://acip.test"}}, 101, ""},
		{"among others", http.Header{"Sec-Websocket-Protocol": {"x, acip.relay.1"}}, 101, ""},
		{"compression offered", http.Header{"Sec-Websocket-Protocol": {"acip.relay.1"}, "Sec-Websocket-Extensions": {"permessage-deflate"}}, 101, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.session = func(c *transport.Conn) error { return c.Close(packet.CodeBye, "") }
			conn, err := l.Dial(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			p, resp, err := testkit.UpgradeWith(conn, "/acip", tt.headers)
			if resp == nil || resp.StatusCode != tt.status {
				t.Fatalf("%v, %v", resp, err)
			}
			if tt.status == 101 {
				if resp.Header.Get("Sec-WebSocket-Protocol") != packet.Subprotocol || resp.Header.Get("Sec-WebSocket-Extensions") != "" {
					t.Errorf("%v", resp.Header)
				}
				if e, err := p.Closed(); err != nil || e.Code != packet.CodeBye {
					t.Error(e, err)
				}
			} else if text, _ := io.ReadAll(resp.Body); !strings.Contains(string(text), tt.says) {
				t.Errorf("said %q", text)
			}
			_ = conn.Close()
			<-s.ends
		})
	}
}

// TestEarlyBytes: a quick client's first packet comes in one piece with its request.
func TestEarlyBytes(t *testing.T) {
	l := loopback(t)
	var mu sync.Mutex
	var got []byte
	s := newServer(t, l, transport.Options{}, collect(&got, &mu))
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	var ask strings.Builder
	ask.WriteString("GET /acip HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: c2l4dGVlbiBieXRlcyBvaw==\r\nSec-WebSocket-Protocol: acip.relay.1\r\n\r\n")
	for n := range 20 {
		for _, f := range testkit.Fragments(testkit.Packet(packet.ImageFrame, testkit.Image(9, 9, byte(n))), 50) {
			ask.Write(f.Bytes())
		}
	}
	ask.Write(closeWith(1000, ""))
	if _, err := io.WriteString(conn, ask.String()); err != nil {
		t.Fatal(err)
	}
	if code := closeCode(<-s.ends); code != packet.CodeBye || len(got) != 20 {
		t.Errorf("ended with %d, %d of 20 arrived", code, len(got))
	}
	_ = conn.Close()
	s.close()
	balanced(t, s.buffers)
}

// TestTLS: the whole conversation through wss, with a stall in reading that must not break the record in flight.
func TestTLS(t *testing.T) {
	buffers := new(packet.Buffers)
	ends := make(chan error, 1)
	h := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := transport.Accept(w, r, transport.Options{Buffers: buffers, ControlRate: -1})
		if err != nil {
			ends <- err
			return
		}
		out := transport.NewSendQueue()
		err = c.Run(context.Background(), func(p *packet.Buffer) error { return out.Send(p) }, out)
		out.Close() // before anybody counts
		ends <- err
	}))
	h.StartTLS()
	defer h.Close()
	b := new(packet.Buffers)
	c, err := transport.Dial(context.Background(), h.URL, transport.Options{Buffers: b,
		TLS: h.Client().Transport.(*http.Transport).TLSClientConfig, PingEvery: 5 * time.Millisecond, ReassemblyTimeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	out := transport.NewSendQueue()
	got := 0
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { // a picture that misses its short deadline is dropped; there are more
		for {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
				p := image(b, 320, 240)
				_ = out.Send(p)
				p.Release()
			}
		}
	})
	err = c.Run(context.Background(), func(*packet.Buffer) error {
		if got++; got == 10 {
			return packet.CloseError{Code: packet.CodeBye}
		}
		return nil
	}, out)
	close(stop)
	wg.Wait()
	if closeCode(err) != packet.CodeBye || got != 10 {
		t.Errorf("%v after %d", err, got)
	}
	if code := closeCode(<-ends); code != packet.CodeBye && code != packet.CodeLost { // lost if the close handshake took too long
		t.Errorf("the server saw %d", code)
	}
	out.Close()
	balanced(t, b)
	balanced(t, buffers)
}

// TestProxy: ws goes through a tunnel of the proxy that the environment names.
func TestProxy(t *testing.T) {
	l := loopback(t)
	s := newServer(t, l, transport.Options{}, func(c *transport.Conn) error { return c.Close(packet.CodeBye, "through") })
	defer s.close()
	asked := make(chan string, 4)
	ended := make(chan struct{}, 1) // a tunnel's handler has returned: the server does not wait for a hijacked one
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.Host + " " + r.Header.Get("Proxy-Authorization")
		if strings.HasPrefix(r.Host, "no.") {
			http.Error(w, "not that one", http.StatusForbidden)
			return
		}
		to, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		from, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
		up := make(chan struct{})
		go func() { defer close(up); _, _ = io.Copy(to, from); _ = to.Close() }()
		_, _ = io.Copy(from, to)
		_ = from.Close()
		<-up
		ended <- struct{}{}
	}))
	defer proxy.Close()
	t.Setenv("HTTP_PROXY", strings.Replace(proxy.URL, "://", "://me:word@", 1))
	t.Setenv("NO_PROXY", "")
	c, err := transport.Dial(context.Background(), "acip.invalid", transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Run(context.Background(), func(*packet.Buffer) error { return nil }, transport.NewSendQueue()); closeCode(err) != packet.CodeBye {
		t.Error(err)
	}
	if got := <-asked; got != "CONNECT acip.invalid:27226 Basic bWU6d29yZA==" {
		t.Error(got)
	}
	<-ended
	<-s.ends
	var e *transport.DialError
	if _, err = transport.Dial(context.Background(), "no.invalid", transport.Options{}); !errors.As(err, &e) || e.Kind != transport.DialProxy || !strings.Contains(err.Error(), "403") {
		t.Error(err)
	}
	<-asked
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	if _, err = transport.Dial(context.Background(), "acip.invalid", transport.Options{}); !errors.As(err, &e) || e.Kind != transport.DialProxy {
		t.Error(err)
	}
	t.Setenv("NO_PROXY", "acip.invalid")
	if _, err = transport.Dial(context.Background(), "acip.invalid", transport.Options{}); !errors.As(err, &e) || e.Kind != transport.DialNotFound {
		t.Error(err)
	}
}
