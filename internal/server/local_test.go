package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"acip/internal/testkit"
	"acip/packet"
)

// TestWhoIsLocal: a proxy on this machine is not, though it connects from here, nor is a browser that shows a page from
// elsewhere.
func TestWhoIsLocal(t *testing.T) {
	for _, c := range []struct {
		remote, here, host string
		header             http.Header
		local              bool
	}{
		{"127.0.0.1:9", "127.0.0.1:27226", "localhost:27226", nil, true},
		{"127.0.0.1:9", "127.0.0.1:27226", "127.0.0.1:27226", nil, true},
		{"[::ffff:127.0.0.1]:9", "[::ffff:127.0.0.1]:27226", "127.0.0.1:27226", nil, true},
		{"[::1]:9", "[::1]:27226", "[::1]:27226", nil, true},
		{"127.0.0.1:9", "127.0.0.1:80", "LOCALHOST", nil, true},
		{"[::1]:9", "[::1]:443", "[::1]", nil, true},
		{"192.0.2.1:9", "192.0.2.1:27226", "192.0.2.1:27226", nil, true},
		{"127.0.0.1:9", "127.0.0.1:27226", "127.0.0.1:27226", http.Header{"Connection": {"close"}}, true},
		{"127.0.0.1:9", "127.0.0.1:27226", "rebound.example:27226", nil, false},
		{"127.0.0.1:9", "127.0.0.1:27226", "192.0.2.1:27226", nil, false},
		{"127.0.0.1:9", "127.0.0.1:27226", "", nil, false},
		{"127.0.0.1:9", "127.0.0.1:27226", "127.0.0.1", nil, false},
		{"127.0.0.1:9", "127.0.0.1:27226", "127.0.0.1:8080", nil, false},
		{"127.0.0.9:9", "127.0.0.1:27226", "127.0.0.1:27226", nil, true},
		{"127.0.0.1:9", "127.0.0.1:27226", "localhost:27226", http.Header{"X-Forwarded-For": {"203.0.113.5"}}, false},
		{"127.0.0.1:9", "127.0.0.1:27226", "localhost:27226", http.Header{"X-Forwarded-Proto": {"https"}}, false},
		{"127.0.0.1:9", "127.0.0.1:27226", "localhost:27226", http.Header{"X-Real-Ip": {"203.0.113.5"}}, false},
		{"127.0.0.1:9", "127.0.0.1:27226", "localhost:27226", http.Header{"Forwarded": {"for=203.0.113.5"}}, false},
		{"127.0.0.1:9", "127.0.0.1:27226", "localhost:27226", http.Header{"Via": {"1.1 proxy"}}, false},
		{"127.0.0.1:9", "127.0.0.1:27226", "localhost:27226", http.Header{"Connection": {"upgrade"}}, false},
		{"203.0.113.5:9", "192.0.2.1:27226", "localhost:27226", nil, false},
		{"203.0.113.5:9", "192.0.2.1:27226", "192.0.2.1:27226", nil, false},
	} {
		r := &http.Request{RemoteAddr: c.remote, Host: c.host, Header: c.header, ProtoMajor: 1, ProtoMinor: 1}
		here := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(c.here))
		if got := local(r.WithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, net.Addr(here)))); got != c.local {
			t.Errorf("%+v: %t", c, got)
		}
	}
}

// ask is a GET with a Host and headers, over a connection of its own.
func (r *running) ask(path, host string, headers ...string) (int, string) {
	r.t.Helper()
	c := r.raw()
	var b strings.Builder
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", path, host)
	for _, h := range headers {
		b.WriteString(h + "\r\n")
	}
	if _, err := c.Write([]byte(b.String() + "\r\n")); err != nil {
		r.t.Fatal(err)
	}
	return answer(r.t, c)
}

// answer is the status and the text of what comes back; the connection is closed.
func answer(t testing.TB, c net.Conn) (int, string) {
	t.Helper()
	defer c.Close()
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return resp.StatusCode, ""
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// TestStrangersSeeNoNames: without a token, names and rooms are for programs on this machine; the counts are for all.
func TestStrangersSeeNoNames(t *testing.T) {
	r := start(t, Config{})
	r.join(`{"protocol":1,"room":"cellar","name":"alice","role":"join"}`)
	for _, c := range []struct {
		host   string
		header string
		whole  bool
	}{
		{r.addr, "Accept: */*", true}, {"rebound.example", "Accept: */*", false}, {r.addr, "X-Forwarded-For: 203.0.113.5", false}, {"127.0.0.1", "Accept: */*", false},
	} {
		status, body := r.ask("/stats", c.host, c.header)
		var s serverStats
		if err := json.Unmarshal([]byte(body), &s); err != nil || status != 200 || s.Slots.Used != 1 || s.Rooms == nil {
			t.Fatalf("%+v: %d %v %s", c, status, err, body)
		}
		if named := strings.Contains(body, "alice") || strings.Contains(body, "cellar"); named != c.whole || (s.Hidden == "") != c.whole || (len(s.Rooms) == 1) != c.whole {
			t.Errorf("%+v: %s", c, body)
		}
		if _, body := r.ask("/metrics", c.host, c.header); !strings.Contains(body, "acip_slots_used 1") || strings.Contains(body, "alice") || strings.Contains(body, "cellar") {
			t.Errorf("%+v: %s", c, body)
		}
	}
}

// TestStatsBehindNginx: as nginx documents proxies, its requests look like a program's on this machine. Its workers are of
// another user, which is what tells them.
func TestStatsBehindNginx(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil || os.Getuid() != 0 {
		t.Skip("needs nginx, and root to start it as it is started")
	}
	for _, token := range []string{"", "x"} {
		r := start(t, Config{Token: token})
		r.join(`{"protocol":1,"room":"cellar","name":"alice","role":"join","token":"x"}`)
		front := frontNginx(t, nginx, r.addr)
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get("http://" + front + "/stats")
		if err != nil {
			t.Fatal(err)
		}
		var s serverStats
		err = json.NewDecoder(resp.Body).Decode(&s)
		_ = resp.Body.Close()
		if token == "" && (err != nil || resp.StatusCode != 200 || s.Slots.Used != 1 || len(s.Rooms) != 0) || token != "" && resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("with token %q: %d, %+v, %v", token, resp.StatusCode, s, err)
		}
		if _, body := r.ask("/stats", r.addr, "Authorization: Bearer "+token); !strings.Contains(body, "alice") {
			t.Errorf("with token %q, straight: %s", token, body)
		}
	}
}

// frontNginx runs nginx before a server, configured as https://nginx.org/en/docs/http/websocket.html has it.
func frontNginx(t *testing.T, nginx, server string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	front := l.Addr().String()
	_ = l.Close() // for nginx
	dir := t.TempDir()
	conf := fmt.Sprintf(`daemon off; pid %[1]s/pid; error_log stderr; events {}
http { map $http_upgrade $closing { default upgrade; '' close; } access_log off; client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
server { listen %[2]s; location / { proxy_pass http://%[3]s; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $closing; } } }`, dir, front, server)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(nginx, "-c", file, "-p", dir, "-e", "stderr")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	if !eventually(onBusyMachine, func() bool {
		c, err := net.Dial("tcp", front)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}) {
		t.Fatal("nginx does not listen")
	}
	return front
}

// TestOrigins: a page joins from this server's own address, if that is this server's for certain, and from where it is
// allowed; whoever is turned away is told why, and so is the operator, once.
func TestOrigins(t *testing.T) {
	machine, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, Config{
		AllowOrigins: []string{"call.example", "*.allowed.example:8443", "https://strict.example"}, Announce: "kitchen",
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
	})
	for _, c := range []struct {
		origin, host, forwarded string
		ok                      bool
	}{
		{"", "rebound.example", "", true}, // no page: a client that knows the server by some name
		{"http://127.0.0.1:9", "127.0.0.1:9", "", true}, {"http://[::1]:9", "[::1]:9", "", true}, {"http://192.0.2.9", "192.0.2.9", "", true}, {"http://192.0.2.9", "192.0.2.9:80", "", true},
		{"http://localhost:9", "LOCALHOST:9", "", true}, {"http://acip.localhost", "acip.localhost", "", true},
		{"http://" + machine + ":9", machine + ":9", "", true}, {"http://" + machine + ".local:9", machine + ".local:9", "", true}, {"http://Kitchen.local.", "kitchen.local.", "", true},
		{"https://call.example", "call.example", "", true}, {"https://call.example:8443", "call.example:8443", "", true}, {"https://call.example", "127.0.0.1:27226", "", true},
		{"https://a.allowed.example:8443", "127.0.0.1", "", true}, {"https://strict.example", "x", "", true},
		{"https://localhost", "127.0.0.1:27226", "localhost", true}, {"https://localhost", "127.0.0.1:27226", "localhost, elsewhere", true},
		{"http://rebound.example:9", "rebound.example:9", "", false}, {"http://rebound.example", "rebound.example", "", false},
		{"http://127.0.0.1.rebound.example", "127.0.0.1.rebound.example", "", false}, {"http://localhost.rebound.example", "localhost.rebound.example", "", false},
		{"http://localhost:3000", "localhost:9", "", false}, {"http://127.0.0.1:9", "localhost:9", "", false}, {"http://strict.example", "x", "", false},
		{"https://evil.example", "127.0.0.1:9", "", false}, {"null", "127.0.0.1:9", "", false}, {"file://", "127.0.0.1:9", "", false}, {"http://%zz", "127.0.0.1:9", "", false},
		{"https://b.allowed.example", "127.0.0.1", "", false}, {"https://evil.example", "127.0.0.1:27226", "evil.example", false},
	} {
		headers := http.Header{"Sec-Websocket-Protocol": {packet.Subprotocol}}
		if c.origin != "" {
			headers.Set("Origin", c.origin)
		}
		if c.forwarded != "" {
			headers.Set("X-Forwarded-Host", c.forwarded)
		}
		status, body := r.upgradeAs(c.host, headers)
		if (status == http.StatusSwitchingProtocols) != c.ok || !c.ok && (status != http.StatusForbidden || !strings.Contains(body, "may not connect")) {
			t.Errorf("Origin %q, Host %q, X-Forwarded-Host %q: %d %s", c.origin, c.host, c.forwarded, status, body)
		}
	}
	lines := r.log.tagged("upgrade refused")
	if len(lines) == 0 || lines[0]["level"] != "warn" || !strings.Contains(fmt.Sprint(lines[0]["reason"]), "rebound.example") || !strings.Contains(fmt.Sprint(lines[0]["reason"]), "--allow-origin") {
		t.Errorf("the operator is told %v", lines)
	}
}

// upgradeAs asks for an upgrade under a Host and returns the answer's status and text.
func (r *running) upgradeAs(host string, headers http.Header) (int, string) {
	r.t.Helper()
	c := r.raw()
	var b strings.Builder
	fmt.Fprintf(&b, "GET /acip HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2l4dGVlbiBieXRlcyBvaw==\r\n", host)
	_ = headers.Write(&b)
	if _, err := c.Write([]byte(b.String() + "\r\n")); err != nil {
		r.t.Fatal(err)
	}
	return answer(r.t, c)
}

// TestBehindTrustedProxy: logs have the client's address, and links the scheme and host that the client used.
func TestBehindTrustedProxy(t *testing.T) {
	r := start(t, Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	for _, tt := range []struct {
		headers []string
		has     string
	}{
		{[]string{"X-Forwarded-Proto: https"}, "wss://call.example\n"}, {[]string{"X-Forwarded-Proto: HTTPS, http"}, "https://call.example/watch"},
		{[]string{"X-Forwarded-Proto: wss"}, "wss://call.example\n"}, {[]string{"X-Forwarded-Proto: http"}, "ws://call.example\n"}, {nil, "ws://call.example\n"},
		{[]string{"X-Forwarded-Proto: https", "X-Forwarded-Host: public.example"}, "https://public.example/watch"},
	} {
		if _, body := r.ask("/", "call.example", tt.headers...); !strings.Contains(body, tt.has) {
			t.Errorf("%v: %s", tt.headers, body)
		}
	}
	for _, by := range []string{"203.0.113.5", "2001:db8::7", "198.51.100.1, 203.0.113.5"} {
		want := by[strings.LastIndex(by, " ")+1:]
		p, _, err := testkit.UpgradeWith(r.raw(), "/acip", http.Header{"Sec-Websocket-Protocol": {packet.Subprotocol}, "X-Forwarded-For": {by}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := greetPeer(p, hello("a", "join")); err != nil {
			t.Fatal(err)
		}
		if joined := r.log.tagged("client joined"); joined[len(joined)-1]["address"] != want {
			t.Errorf("by %s: %v", by, joined)
		}
		_, _ = r.ask("/acip", r.addr, "X-Forwarded-For: "+by)
		if refused := r.log.tagged("upgrade refused"); refused[len(refused)-1]["address"] != want {
			t.Errorf("by %s: %v", by, refused)
		}
	}
	untrusted := start(t, Config{})
	if _, body := untrusted.ask("/", "call.example", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.example"); !strings.Contains(body, "ws://call.example\n") {
		t.Errorf("a stranger's word is believed: %s", body)
	}
}

// TestMetricsAreClean: as Prometheus's own checker sees them, with something in each.
func TestMetricsAreClean(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("needs promtool")
	}
	r := start(t, Config{})
	r.join(hello("a", "join"))
	_ = r.join(hello("b", "join")).Close(packet.CodeBye, "")
	_, _ = r.ask("/acip", r.addr)
	_, metrics := r.get("/metrics")
	check := exec.Command(promtool, "check", "metrics")
	check.Stdin = strings.NewReader(metrics)
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}
