package server

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"acip/internal/testkit"
	"acip/packet"

	"golang.org/x/sync/errgroup"
)

// attack is something that is done to a server while a pair streams. What it holds open at its end is held until the pair
// has had its pictures.
type attack struct {
	name   string
	secure bool
	config Config
	act    func(r *running)
}

// hold opens connections and writes the same into each.
func (r *running) hold(n int, text string) []net.Conn {
	r.t.Helper()
	var all []net.Conn
	for range n {
		c := r.raw()
		if _, err := io.WriteString(c, text); err != nil {
			r.t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// ended waits until the server has ended each.
func (r *running) ended(all []net.Conn) {
	r.t.Helper()
	var work errgroup.Group
	for _, c := range all {
		work.Go(func() error {
			_, _ = io.Copy(io.Discard, c)
			if err := c.SetDeadline(time.Now().Add(onBusyMachine)); err != nil {
				return err
			}
			if _, err := c.Read(make([]byte, 1)); err == nil || isTimeout(err) {
				return fmt.Errorf("held open for ever: %w", err)
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		r.t.Error(err)
	}
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

// answered writes each of the texts to a connection of its own, and reports the first line of each answer.
func (r *running) answered(texts ...string) []string {
	r.t.Helper()
	lines := make([]string, len(texts))
	for i, text := range texts {
		c := r.raw()
		go func() { _, _ = io.WriteString(c, text) }() // more than the server takes, perhaps
		lines[i], _ = bufio.NewReader(c).ReadString('\n')
		_ = c.Close()
	}
	return lines
}

// clientHello is the beginning of one, for TLS 1.2.
const clientHello = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"

// patientHeaders is long enough for the pair on a busy machine, and short enough to be waited for.
const patientHeaders = 5 * time.Second

func attacks() []attack {
	request := "GET /acip HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Protocol: acip.relay.1\r\nSec-WebSocket-Key: c2l4dGVlbiBieXRlcyBvaw==\r\n"
	return []attack{
		{"halves of a TLS hello", true, Config{HeaderTimeout: patientHeaders}, func(r *running) {
			r.ended(append(r.hold(200, clientHello), r.hold(100, "")...))
		}},
		{"plain words at the TLS port", true, Config{}, func(r *running) {
			for _, line := range r.answered(request+"\r\n", "GET /stats HTTP/1.0\r\n\r\n") {
				if !strings.Contains(line, " 400 ") {
					r.t.Errorf("answered %q", line)
				}
			}
			r.answered("\x16\x03\x01\xff\xff"+strings.Repeat("x", 70_000), "\x80\x2e\x01\x00\x02"+strings.Repeat("\x00", 100), strings.Repeat("\xff", 1<<20))
		}},
		{"old TLS", true, Config{}, func(r *running) {
			c := tls.Client(r.raw(), &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
			if err := c.Handshake(); err == nil {
				r.t.Error("TLS 1.1 is spoken")
			}
		}},
		{"handshake after handshake", true, Config{}, func(r *running) {
			var work errgroup.Group
			for range 8 {
				work.Go(func() error {
					for range 30 {
						c, err := net.Dial("tcp", r.addr)
						if err != nil {
							return err
						}
						if err := tls.Client(c, r.tls).Handshake(); err != nil {
							return err
						}
						_ = c.Close()
					}
					return nil
				})
			}
			if err := work.Wait(); err != nil {
				r.t.Error(err)
			}
		}},
		{"renegotiation", true, Config{}, renegotiate},
		{"pages that nobody reads", false, Config{}, func(r *running) {
			r.hold(50, strings.Repeat("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", 100)+strings.Repeat("GET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n", 100))
		}},
		{"slow headers", false, Config{HeaderTimeout: patientHeaders}, func(r *running) {
			r.ended(append(r.hold(200, request), r.hold(100, "G")...))
		}},
		{"heaps of headers", false, Config{}, func(r *running) {
			before := heap()
			for range 20 {
				for _, line := range r.answered(
					"GET / HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("x", 1<<20)+"\r\n\r\n",
					"GET / HTTP/1.1\r\nHost: x\r\n"+strings.Repeat("X: y\r\n", 1<<17)+"\r\n",
					"GET /"+strings.Repeat("x", 1<<20)+" HTTP/1.1\r\nHost: x\r\n\r\n",
				) {
					if line != "" && !strings.Contains(line, " 431 ") { // nothing where the end overtook the answer
						r.t.Errorf("answered %q", line)
					}
				}
			}
			if now := heap(); now > before+8<<20 {
				r.t.Errorf("memory went from %d to %d", before, now)
			}
		}},
		{"requests that mean two things", false, Config{}, func(r *running) {
			for i, line := range r.answered(
				"POST /acip HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /stats HTTP/1.1\r\n\r\n",
				"GET /acip HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
				"GET /acip HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
				"GET /acip HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity, chunked\r\n\r\n",
				"GET /acip HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
				"GET /acip HTTP/1.1\r\nHost: x\x00y\r\n\r\n",
				"GET /acip HTTP/1.1\r\nHost: x\r\nX\x01: y\r\n\r\n",
				"GET /acip HTTP/1.1\r\nHost : x\r\n\r\n",
				"GET /acip HTTP/9.9\r\nHost: x\r\n\r\n",
				strings.Replace(request, "Version: 13", "Version: 12", 1)+"\r\n",
				strings.Replace(request, "c2l4dGVlbiBieXRlcyBvaw==", "short", 1)+"\r\n",
				strings.Replace(request, "HTTP/1.1", "HTTP/1.0", 1)+"\r\n",
				"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
				"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
				"GET http://evil.example/acip HTTP/1.1\r\nHost: x\r\n\r\n",
				"\x00\x01\x02\r\n\r\n",
			) {
				if !strings.HasPrefix(line, "HTTP/1.") || strings.Contains(line, " 101 ") || strings.Contains(line, " 200 ") {
					r.t.Errorf("request %d was answered %q", i, line)
				}
			}
		}},
		{"upgraded and silent", false, Config{Limits: Limits{Waiting: 100}, HelloTimeout: patientHeaders}, func(r *running) {
			began := time.Now()
			var in []*testkit.Peer
			refused := 0
			for range 120 {
				p, resp, err := testkit.Upgrade(r.raw(), packet.DefaultPath, packet.Subprotocol)
				if err == nil {
					in = append(in, p)
				} else if resp != nil && resp.StatusCode == http.StatusServiceUnavailable {
					refused++
				}
			}
			if len(in) < 100 || len(in)+refused != 120 || len(in) > 100 && time.Since(began) < patientHeaders {
				r.t.Errorf("%d were upgraded, %d refused", len(in), refused)
			}
			for _, p := range in {
				closed(r.t, p, packet.CodeNoHello)
				_ = p.Conn.Close()
			}
			r.join(hello("next", "watch"))
		}},
		{"room after room", false, Config{}, func(r *running) {
			for i := range 500 {
				p, err := greetOnce(r, fmt.Sprintf(`{"protocol":1,"room":"r%d","name":"x","role":"join","codecs":["raw"]}`, i))
				if err != nil {
					r.t.Fatal(err)
				}
				_ = p.Conn.Close()
			}
			if !r.settles(func() bool { return len(r.pool.Stats().Rooms) == 1 }) {
				r.t.Errorf("%d rooms are left", len(r.pool.Stats().Rooms))
			}
		}},
	}
}

// renegotiate asks for a new handshake inside a TLS connection, which costs who asks nothing: the server ends the connection.
func renegotiate(r *running) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		r.t.Skip("openssl is not here: Go's own client never asks for it")
	}
	ctx, cancel := context.WithTimeout(context.Background(), onBusyMachine)
	defer cancel()
	c := exec.CommandContext(ctx, openssl, "s_client", "-connect", r.addr, "-tls1_2")
	words, err := c.StdinPipe() // and stays open: the end is the server's
	if err != nil {
		r.t.Fatal(err)
	}
	var said strings.Builder
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		r.t.Fatal(err)
	}
	_, _ = io.WriteString(words, "R\n")
	err = c.Wait()
	if text := said.String(); err == nil || ctx.Err() != nil || !strings.Contains(text, "RENEGOTIATING") || !strings.Contains(text, "alert") {
		r.t.Errorf("renegotiating ended with %v, %v: %s", err, ctx.Err(), text)
	}
}

// greetOnce joins over a connection that the caller closes.
func greetOnce(r *running, hello string) (*testkit.Peer, error) {
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		return nil, err
	}
	_ = c.SetDeadline(time.Now().Add(onBusyMachine))
	p, _, err := testkit.Upgrade(c, packet.DefaultPath, packet.Subprotocol)
	if err == nil {
		_, err = greetPeer(p, hello)
	}
	return p, err
}

// TestAttacks: whatever is done to the port, a pair streams on with every picture accounted for, and afterwards nothing is
// left of it.
func TestAttacks(t *testing.T) {
	for _, a := range attacks() {
		t.Run(a.name, func(t *testing.T) {
			if a.config.HeaderTimeout+a.config.HelloTimeout > 0 { // it waits most of its time
				t.Parallel()
			}
			if a.secure {
				a.config.CertFile, a.config.KeyFile = certify(t, t.TempDir(), 1)
			}
			r := start(t, a.config)
			if a.secure {
				r.tls = &tls.Config{InsecureSkipVerify: true}
			}
			steady := r.pair()
			a.act(r)
			steady.finish(t)
			for _, m := range r.log.all() {
				if m["level"] == "error" || m["level"] == "panic" {
					t.Errorf("%v", m)
				}
			}
		})
	}
}

// TestIPv6: a call by it, and the page that says how to join.
func TestIPv6(t *testing.T) {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here")
	}
	r := startOn(t, Config{}, l)
	steady := r.pair()
	if _, page := r.get("/"); !strings.Contains(page, "ws://"+r.addr) || !strings.HasPrefix(r.addr, "[::1]:") {
		t.Errorf("the page of %s says %s", r.addr, page)
	}
	steady.finish(t)
}
