package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"acip/internal/testkit"
	"acip/packet"

	"github.com/rs/zerolog"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// lines collects a log.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// all is the log so far, each line decoded.
func (l *lines) all() []map[string]any {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []map[string]any
	for line := range strings.Lines(l.b.String()) {
		var m map[string]any
		if json.Unmarshal([]byte(line), &m) == nil {
			out = append(out, m)
		}
	}
	return out
}

// tagged is the lines whose message begins with a tag.
func (l *lines) tagged(tag string) []map[string]any {
	var out []map[string]any
	for _, m := range l.all() {
		if msg, _ := m["message"].(string); strings.HasPrefix(msg, tag) {
			out = append(out, m)
		}
	}
	return out
}

// running is a server on a port of its own.
type running struct {
	*Server
	t    testing.TB
	addr string
	log  *lines
	stop context.CancelFunc
	done chan error
	tls  *tls.Config // clients speak TLS
}

// start serves until the test ends, and then checks that nothing is left.
func start(t testing.TB, c Config) *running {
	t.Helper()
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return startOn(t, c, l)
}

// startOn is start on a port that is had already.
func startOn(t testing.TB, c Config, l net.Listener) *running {
	t.Helper()
	c.patient()
	r := &running{t: t, log: &lines{}, done: make(chan error, 1)}
	c.Log = zerolog.New(r.log).Level(c.Log.GetLevel()) // of the zero value: debug
	r.Server = New(c)
	r.addr = l.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() { r.done <- r.Serve(ctx, l) }()
	t.Cleanup(r.end)
	return r
}

// patient gives the peers of a test, which are slow where much else runs, all the time that the test does not take from
// them itself.
func (c *Config) patient() {
	for _, limit := range []*time.Duration{&c.HeaderTimeout, &c.HelloTimeout, &c.WriteStall, &c.Silence} {
		set(limit, onBusyMachine)
	}
	set(&c.grace, 20*time.Second)
}

// end stops the server, once.
func (r *running) end() {
	if r.stop == nil {
		return
	}
	r.stop()
	r.stop = nil
	if err := <-r.done; err != nil {
		r.t.Errorf("Serve: %v", err)
	}
	if n := r.buffers.Outstanding(); n != 0 {
		r.t.Errorf("%d buffers outstanding", n)
	}
	if used := r.pool.Slots().Used; used != 0 {
		r.t.Errorf("%d slots taken", used)
	}
	if open, waiting := r.limiter.counts(); waiting != 0 || open > 0 && !r.settles(func() bool { n, _ := r.limiter.counts(); return n == 0 }) {
		r.t.Errorf("%d connections counted, %d waiting", open, waiting)
	}
}

// settles waits, generously, for something that is due.
func (r *running) settles(ok func() bool) bool {
	return eventually(onBusyMachine, ok)
}

func eventually(within time.Duration, ok func() bool) bool {
	deadline := time.Now().Add(within)
	for !ok() {
		if time.Now().After(deadline) {
			return false
		}
		runtime.Gosched()
		<-time.After(2 * time.Millisecond)
	}
	return true
}

// onBusyMachine is for what a test holds open or waits for on a machine that does much else; nothing waits for it when all is well.
const onBusyMachine = 5 * time.Minute

// raw opens a TCP connection.
func (r *running) raw() net.Conn {
	r.t.Helper()
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(onBusyMachine))
	return c
}

// upgrade opens a WebSocket.
func (r *running) upgrade() *testkit.Peer {
	r.t.Helper()
	conn := r.raw()
	if r.tls != nil {
		conn = tls.Client(conn, r.tls)
	}
	p, _, err := testkit.Upgrade(conn, packet.DefaultPath, packet.Subprotocol)
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

// client is a peer that has its WELCOME.
type client struct {
	*testkit.Peer
	packet.Welcome
}

// join says hello with a body, with %q's default members where it is empty.
func (r *running) join(hello string) client {
	r.t.Helper()
	p := r.upgrade()
	w, err := greetPeer(p, hello)
	if err != nil {
		r.t.Fatal(err)
	}
	return client{p, w}
}

// hello is a plain client's.
func hello(name, role string) string {
	return fmt.Sprintf(`{"protocol":1,"room":"lobby","name":%q,"role":%q,"codecs":["raw"]}`, name, role)
}

func greetPeer(p *testkit.Peer, hello string) (w packet.Welcome, err error) {
	if err = p.SendText(packet.HelloType, hello); err != nil {
		return w, err
	}
	body, err := p.Expect(packet.WelcomeType)
	if err != nil {
		return w, err
	}
	return w, json.Unmarshal(body, &w)
}

// get is an HTTP answer and its body.
func (r *running) get(path string) (int, string) {
	r.t.Helper()
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get("http://" + r.addr + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// counted is /stats, decoded.
func (r *running) counted() serverStats {
	r.t.Helper()
	_, body := r.get("/stats")
	var s serverStats
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		r.t.Fatalf("/stats: %v in %s", err, body)
	}
	return s
}

// closed expects a close code.
func closed(t testing.TB, p *testkit.Peer, code packet.Code) packet.CloseError {
	t.Helper()
	e, err := p.Closed()
	if err != nil || e.Code != code {
		t.Errorf("closed with %v (%v), want %d", e, err, code)
	}
	return e
}
