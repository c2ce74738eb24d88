package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"acip/cmd/internal/app"
	"acip/internal/testkit"
	"acip/packet"
)

// effect shows that a flag of the server does something, and fails the test if not.
type effect func(t *testing.T)

// soon is far above the time-outs that the flags set here, and below their defaults.
const soon = 4 * time.Second

// withFlags launches a server with the flags of a line, on a free port of loopback.
func withFlags(t *testing.T, line string) *daemon {
	t.Helper()
	return launch(t, nil, append([]string{"--listen", "127.0.0.1:0"}, strings.Fields(line)...)...)
}

// serving runs an effect against a server with the flags of a line.
func serving(line string, e func(t *testing.T, d *daemon)) effect {
	return func(t *testing.T) {
		e(t, withFlags(t, line))
	}
}

// hello is what a peer says first, and what it is answered: 0 for WELCOME, else the close code.
func hello(t *testing.T, p *testkit.Peer, name, token string) packet.Code {
	t.Helper()
	body := fmt.Sprintf(`{"protocol":1,"room":"lobby","name":%q,"role":"join","codecs":["raw"],"token":%q}`, name, token)
	if err := p.SendText(packet.HelloType, body); err != nil {
		t.Fatal(err)
	}
	for {
		h, _, err := p.Next()
		var closed packet.CloseError
		switch {
		case errors.As(err, &closed):
			return closed.Code
		case err != nil:
			t.Fatal(err)
		case h.Type == packet.WelcomeType:
			return 0
		}
	}
}

// welcome wants each of some hellos answered in a way, with the flag.
func welcome(line string, tokens []string, want ...packet.Code) effect {
	return serving(line, func(t *testing.T, d *daemon) {
		for i, code := range want {
			if got := hello(t, d.upgrade(t), fmt.Sprint("member", i), tokens[i%len(tokens)]); got != code {
				t.Errorf("%s: hello %d is answered %d, want %d", line, i, got, code)
			}
		}
	})
}

// ended wants a connection that does something to be closed with a code, long before the default would.
func ended(line string, code packet.Code, do func(t *testing.T, p *testkit.Peer)) effect {
	return serving(line, func(t *testing.T, d *daemon) {
		p := d.upgrade(t)
		do(t, p)
		if err := p.Conn.SetReadDeadline(time.Now().Add(soon)); err != nil {
			t.Fatal(err)
		}
		if closed, err := p.Closed(); err != nil || closed.Code != code {
			t.Errorf("%s: %v, %v, want code %d", line, closed, err, code)
		}
	})
}

// told wants a member that does something to be told so, by an ERROR_MESSAGE or a close code, with the flag, and not without.
func told(flag string, code packet.Code, do func(p *testkit.Peer) error) effect {
	return func(t *testing.T) {
		saysSo(t, flag, code, do)
		saysNothing(t, "", code, do)
	}
}

// saysSo waits until the member is told.
func saysSo(t *testing.T, line string, code packet.Code, do func(p *testkit.Peer) error) {
	t.Helper()
	d := withFlags(t, line)
	p := d.join(t)
	_ = do(p) // the server may close in the middle of it
	_ = p.Conn.SetReadDeadline(time.Now().Add(time.Minute))
	for {
		h, body, err := p.Next()
		var closed packet.CloseError
		if errors.As(err, &closed) && closed.Code == code {
			return
		}
		if err != nil {
			t.Errorf("with %q: never told: %v", line, err)
			return
		}
		if e, err := packet.ParseError(body); h.Type == packet.ErrorMessage && err == nil && e.Code == code {
			return
		}
	}
}

// saysNothing looks at all that the member is sent until somebody joins who came after everything was read.
func saysNothing(t *testing.T, line string, code packet.Code, do func(p *testkit.Peer) error) {
	t.Helper()
	d := withFlags(t, line)
	listener, p := d.join(t), d.join(t)
	if err := do(p); err != nil {
		t.Fatal(err)
	}
	if err := p.SendText(packet.TextMessage, `{"text":"done"}`); err != nil {
		t.Fatal(err)
	}
	for said := ""; !strings.Contains(said, "done"); {
		body, err := listener.Expect(packet.TextMessage)
		if err != nil {
			t.Fatal(err)
		}
		said = string(body)
	}
	d.join(t)
	for {
		h, body, err := p.Next()
		if err != nil {
			t.Fatalf("with %q: %v", line, err)
		}
		if e, err := packet.ParseError(body); h.Type == packet.ErrorMessage && err == nil && e.Code == code {
			t.Errorf("with %q: told %v", line, e)
		}
		if h.Type == packet.ClientJoin {
			return
		}
	}
}

// said wants a text in what the program writes with the flag, and not without.
func said(line, flag, text string) effect {
	return func(t *testing.T) {
		run := func(line string) string {
			cmd := exec.Command(testkit.ProgramPath("acip-server"), strings.Fields(line)...)
			cmd.Dir = t.TempDir()
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			return string(out)
		}
		without, with := run(line), run(line+" "+flag)
		if strings.Contains(without, text) || !strings.Contains(with, text) {
			t.Errorf("%s, without and with %s: no difference in %q: %.300q, %.300q", line, flag, text, without, with)
		}
	}
}

// status is the HTTP status of an upgrade with headers.
func status(t *testing.T, d *daemon, headers http.Header) int {
	t.Helper()
	c, err := net.Dial("tcp", d.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	h := http.Header{"Sec-WebSocket-Protocol": {packet.Subprotocol}}
	for k, v := range headers {
		h[k] = v
	}
	_, answer, err := testkit.UpgradeWith(c, packet.DefaultPath, h)
	if answer == nil {
		t.Fatal(err)
	}
	return answer.StatusCode
}

// refusedUpgrade wants the status with the flag on one of n upgrades, and none without.
func refusedUpgrade(flag string, n, want int, headers http.Header) effect {
	return func(t *testing.T) {
		for line, refused := range map[string]bool{"--limit-loopback " + flag: true, "--limit-loopback": false} {
			d := withFlags(t, line)
			got := false
			for range n {
				got = got || status(t, d, headers) == want
			}
			if got != refused {
				t.Errorf("with %q: status %d %v, want %v", line, want, got, refused)
			}
		}
	}
}

// image sends one raw picture.
func image(w, h int) func(p *testkit.Peer) error {
	return func(p *testkit.Peer) error { return p.Send(packet.ImageFrame, testkit.Image(w, h, 1), 0) }
}

// times repeats what a peer does.
func times(n int, do func(p *testkit.Peer) error) func(p *testkit.Peer) error {
	return func(p *testkit.Peer) error {
		for range n {
			if err := do(p); err != nil {
				return err
			}
		}
		return nil
	}
}

// effects has an entry for each flag of `acip-server serve`.
func effects() map[string]effect {
	keys := func(p *testkit.Peer) error { return p.SendText(packet.KeyRequest, `{"id":1}`) }
	return map[string]effect{
		"listen":             listensWhereAsked,
		"announce":           announces("--announce"),
		"announce-name":      announces("--announce --announce-name Attic"),
		"tls-cert":           said("--listen 127.0.0.1:0 --tls-key other.pem", "--tls-cert missing.pem", "missing.pem"),
		"tls-key":            said("--listen 127.0.0.1:0 --tls-cert missing.pem", "--tls-key missing.pem", "no such file"),
		"token":              welcome("--token secret", []string{"", "secret"}, packet.CodeUnauthorised, 0),
		"token-file":         tokenFromFile,
		"allow-origin":       originAllowed,
		"trusted-proxy":      addressBehindProxy,
		"max-clients":        welcome("--max-clients 1", []string{""}, 0, packet.CodeFull),
		"max-room":           welcome("--max-room 1", []string{""}, 0, packet.CodeRoomFull),
		"max-frame":          ended("--max-frame 100", packet.CodeTooBig, inTheCall(image(20, 20))),
		"reassembly-timeout": halfAMessage,
		"header-timeout":     halfARequest,
		"hello-timeout":      ended("--hello-timeout 100ms", packet.CodeNoHello, func(*testing.T, *testkit.Peer) {}),
		"write-stall":        takesNothing,
		"silence":            ended("--silence 300ms", packet.CodeSilent, inTheCall(nil)),
		"retry-after":        retryAfter,
		"max-frames":         told("--max-frames 1", packet.CodeRate, times(8, image(2, 2))),
		"max-bytes":          told("--max-bytes 1000 --max-frame 1300", packet.CodeRate, times(8, image(20, 20))),
		"max-control":        told("--max-control 1", packet.CodeRate, times(20, keys)),
		"max-talk": told("--max-talk 10", packet.CodeRate, times(20, func(p *testkit.Peer) error { // the burst is 64 KiB at least
			return p.SendText(packet.KeyRequest, `{"id":1,"padding":"`+strings.Repeat("x", 8<<10)+`"}`)
		})),
		"max-messages":        chat,
		"max-pings":           told("--max-pings 1", packet.CodeRate, times(10, func(p *testkit.Peer) error { return p.Send(packet.Ping, make([]byte, packet.PingSize), 0) })),
		"address-connections": refusedUpgrade("--address-connections 2", 4, http.StatusServiceUnavailable, nil),
		"address-connects":    refusedUpgrade("--address-connects 1", 8, http.StatusTooManyRequests, nil),
		"address-slots":       welcome("--limit-loopback --address-slots 1", []string{""}, 0, packet.CodeFull),
		"limit-loopback":      welcome("--address-slots 1", []string{""}, 0, 0),
		"config":              said("--listen 127.0.0.1:0 --tls-cert x.pem", "--config missing.yaml", "missing.yaml"),
		"log-level":           logs("--log-level debug", `"level":"debug"`),
		"log-format":          logs("--log-format console", "INF serving"),
		"log-file":            logsToFile,
		"help":                said("config path", "--help", "Usage: acip-server"),
		"version":             said("config path", "--version", "acip-server devel"),
	}
}

func inTheCall(do func(p *testkit.Peer) error) func(t *testing.T, p *testkit.Peer) {
	return func(t *testing.T, p *testkit.Peer) {
		if code := hello(t, p, "ann", ""); code != 0 {
			t.Fatal(code)
		}
		if do != nil {
			_ = do(p) // the server may close in the middle of it
		}
	}
}

func listensWhereAsked(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	if d := launch(t, nil, "--listen", addr); d.addr != addr {
		t.Errorf("asked for %s, it listens on %s", addr, d.addr)
	}
}

// announces compares a server's greeting with that of one that is not announced.
func announces(line string) effect {
	return func(t *testing.T) {
		greeting := func(args ...string) string {
			d := launch(t, nil, append([]string{"--listen", ":0", "--log-level", "debug"}, args...)...)
			_ = d.Process.Signal(syscall.SIGTERM)
			d.exit(t)
			return d.stdout.String() + d.lines()
		}
		flags := strings.Fields(line)
		without, with := greeting(flags[:len(flags)/2]...), greeting(flags...)
		word := "announce"
		if len(flags) > 1 {
			word = flags[len(flags)-1]
		}
		if strings.Contains(without, word) || !strings.Contains(with, word) {
			t.Errorf("%s: no difference in %q: %s, %s", line, word, without, with)
		}
	}
}

func tokenFromFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	welcome("--token-file "+path, []string{"", "secret"}, packet.CodeUnauthorised, 0)(t)
}

func originAllowed(t *testing.T) {
	for line, want := range map[string]int{"": http.StatusForbidden, "--allow-origin acip.example": http.StatusSwitchingProtocols} {
		d := withFlags(t, line)
		if got := status(t, d, http.Header{"Origin": {"https://acip.example"}}); got != want {
			t.Errorf("with %q a page of another host is answered %d, want %d", line, got, want)
		}
	}
}

func addressBehindProxy(t *testing.T) {
	for line, want := range map[string]bool{"": false, "--trusted-proxy 127.0.0.1": true} {
		d := withFlags(t, line)
		status(t, d, http.Header{"X-Forwarded-For": {"203.0.113.9"}, "Origin": {"https://elsewhere.example"}}) // refused, and logged
		_ = d.Process.Signal(syscall.SIGTERM)
		d.exit(t)
		if got := strings.Contains(d.lines(), "203.0.113.9"); got != want {
			t.Errorf("with %q the client's address is logged %v, want %v", line, got, want)
		}
	}
}

func halfAMessage(t *testing.T) {
	serving("--reassembly-timeout 100ms", func(t *testing.T, d *daemon) {
		p := d.join(t)
		message := testkit.Packet(packet.ImageFrame, testkit.Image(20, 20, 1))
		if err := p.WriteFrame(testkit.Frame{Op: testkit.OpBinary, Payload: message[:len(message)/2]}); err != nil {
			t.Fatal(err)
		}
		_ = p.Conn.SetReadDeadline(time.Now().Add(soon))
		body, err := p.Expect(packet.ErrorMessage)
		if e, parsed := packet.ParseError(body); err != nil || parsed != nil || e.Code != packet.CodeFragment {
			t.Errorf("half a message: %v, %v", e, err)
		}
	})(t)
}

func halfARequest(t *testing.T) {
	serving("--header-timeout 100ms", func(t *testing.T, d *daemon) {
		c, err := net.Dial("tcp", d.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, "GET /acip HTTP/1.1\r\nHost: x\r\n"); err != nil {
			t.Fatal(err)
		}
		_ = c.SetReadDeadline(time.Now().Add(soon))
		if _, err := io.Copy(io.Discard, c); err != nil {
			t.Errorf("half a request: %v", err)
		}
	})(t)
}

// takesNothing joins a member that reads nothing, and one that sends until the log says that the other was cut.
func takesNothing(t *testing.T) {
	serving("--write-stall 300ms --max-bytes -1 --log-level debug", func(t *testing.T, d *daemon) {
		d.join(t)
		sender := d.join(t)
		sender.Pong = true
		go func() { _, _ = io.Copy(io.Discard, sender.Conn) }() // ends with the connection
		for end := time.Now().Add(5 * time.Minute); !strings.Contains(d.lines(), `"code":4003`); {
			if err := image(600, 400)(sender); err != nil || time.Now().After(end) {
				t.Fatalf("%v: %s", err, d.lines())
			}
		}
	})(t)
}

func retryAfter(t *testing.T) {
	serving("--retry-after 7s", func(t *testing.T, d *daemon) {
		p := d.join(t)
		_ = d.Process.Signal(syscall.SIGTERM)
		if closed, err := p.Closed(); err != nil || !strings.Contains(closed.Reason, "7 s") {
			t.Errorf("%v, %v", closed, err)
		}
	})(t)
}

// chat: twenty lines at once are too many by default, and not without a limit.
func chat(t *testing.T) {
	talk := times(20, func(p *testkit.Peer) error { return p.SendText(packet.TextMessage, `{"text":"x"}`) })
	saysSo(t, "", packet.CodeRate, talk)
	saysNothing(t, "--max-messages -1", packet.CodeRate, talk)
}

// logs wants a text in the log of a server with the flag, and not without.
func logs(flag, text string) effect {
	return func(t *testing.T) {
		for line, want := range map[string]bool{"": false, flag: true} {
			cmd := exec.Command(testkit.ProgramPath("acip-server"), append([]string{"--listen", "127.0.0.1:0", "--log-level", "info"}, strings.Fields(line)...)...)
			var log bytes.Buffer
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd.Stderr = &log
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			greeting := make([]byte, 64)
			if _, err := io.ReadFull(stdout, greeting); err != nil { // it serves
				t.Fatal(err)
			}
			if addr, ok := firstAddress(string(greeting)); ok { // something to log at debug
				if c, err := net.Dial("tcp", addr); err == nil {
					_, _ = io.WriteString(c, "GET /acip HTTP/1.1\r\nHost: x\r\n\r\n")
					_, _ = io.Copy(io.Discard, io.LimitReader(c, 1))
					c.Close()
				}
			}
			_ = cmd.Process.Signal(syscall.SIGTERM)
			_, _ = io.Copy(io.Discard, stdout)
			if err := cmd.Wait(); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(log.String(), text); got != want {
				t.Errorf("with %q: %q in the log %v, want %v: %s", line, text, got, want, log.String())
			}
		}
	}
}

// firstAddress finds 127.0.0.1:PORT in a text.
func firstAddress(text string) (addr string, ok bool) {
	_, port, ok := strings.Cut(text, "127.0.0.1:")
	end := strings.IndexFunc(port, func(r rune) bool { return r < '0' || r > '9' })
	return "127.0.0.1:" + port[:max(end, 0)], ok && end > 0
}

func logsToFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	cmd := exec.Command(testkit.ProgramPath("acip-server"), "--listen", "127.0.0.1:0", "--log-file", path)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadFull(stdout, make([]byte, 8)) // it serves
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_, _ = io.Copy(io.Discard, stdout)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || !strings.Contains(string(text), "serving") {
		t.Errorf("the file holds %q, %v", text, err)
	}
}

// TestEveryFlagHasAnEffect walks all flags of all commands, so that a new one needs an entry.
func TestEveryFlagHasAnEffect(t *testing.T) {
	t.Parallel()
	known, seen := effects(), map[string]bool{}
	program().Walk(func(command string, o app.Option) {
		if command != "serve" {
			if !slices.Contains([]string{"help", "version", "config"}, o.Name) { // of commands about the program itself: cmd/internal/app's tests
				t.Errorf("%s --%s: nothing shows what it does", command, o.Name)
			}
			return
		}
		seen[o.Name] = true
		e := known[o.Name]
		if e == nil {
			t.Errorf("--%s: nothing shows what it does", o.Name)
			return
		}
		t.Run(o.Name, func(t *testing.T) {
			t.Parallel()
			e(t)
		})
	})
	for name := range known {
		if !seen[name] {
			t.Errorf("there is no flag --%s", name)
		}
	}
}
