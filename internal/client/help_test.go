package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"acip/capture"
	"acip/frame"
	"acip/internal/call"
	"acip/internal/server"
	"acip/internal/testkit"

	"github.com/rs/zerolog"
)

func TestMain(m *testing.M) {
	if addr := os.Getenv(serving); addr != "" {
		beServer(addr)
		return
	}
	testkit.Main(m)
}

// host is a server of a test.
type host struct {
	addr string
	stop func()
}

// serve starts a server and ends it with the test.
func serve(t testing.TB, c server.Config) *host {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, c, l)
}

func serveOn(t testing.TB, c server.Config, l net.Listener) *host {
	t.Helper()
	for _, limit := range []*time.Duration{&c.HelloTimeout, &c.WriteStall, &c.Silence} {
		if *limit == 0 {
			*limit = 2 * time.Minute // nobody is to be lost because the machine has much else to do
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.New(c).Serve(ctx, l) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("server: %v", err)
		}
	})
	t.Cleanup(stop)
	return &host{addr: l.Addr().String(), stop: stop}
}

// stats is what /stats says.
type stats struct {
	Slots struct{ Total, Used int }
	Rooms []struct {
		Name    string
		Members []memberStats
	}
}

type memberStats struct {
	ID        uint32
	Name      string
	FramesIn  uint64 `json:"frames_in"`
	LostIn    uint64 `json:"lost_in"`
	FramesOut uint64 `json:"frames_out"`
	Dropped   map[string]uint64
	From      []pairStats
}

type pairStats struct {
	ID              uint32
	Frames, Offered uint64
	Dropped         map[string]uint64
}

// members is everybody, in whatever room.
func (s stats) members() (all []memberStats) {
	for _, r := range s.Rooms {
		all = append(all, r.Members...)
	}
	return all
}

// member is the one with an id.
func (s stats) member(id uint32) memberStats {
	for _, m := range s.members() {
		if m.ID == id {
			return m
		}
	}
	return memberStats{}
}

func (s stats) name(id uint32) string { return s.member(id).Name }

// busy is how long something quick may take on a machine that does much else; how quick it is, the soak measures.
const busy = 30 * time.Second

// member is what /stats says about one member.
func (h *host) member(t testing.TB, name string) (m memberStats) {
	t.Helper()
	for _, m := range h.stats(t).members() {
		if m.Name == name {
			return m
		}
	}
	return m
}

func (h *host) stats(t testing.TB) (s stats) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get("http://" + h.addr + "/stats")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// party is one client of a test.
type party struct {
	name   string
	cancel context.CancelFunc
	done   chan error
	stats  string
	call   *call.Call
	source string
}

// pause stops the client's picture, as its space bar does.
func (p *party) pause() { p.call.Pause(true) }

// join starts a client; edit changes its configuration.
func join(t testing.TB, h *host, name string, edit func(*Config)) *party {
	t.Helper()
	stats := filepath.Join(t.TempDir(), name+".json")
	cfg := Config{
		Address: h.addr, Name: name, Agent: "test", Source: "pattern", Codec: "auto", Output: "none", StatsFile: stats,
		CaptureSize: frame.Size{W: 320, H: 240}, FPS: 30, Getenv: func(string) string { return "" }, Log: zerolog.Nop(), Stderr: io.Discard,
	}
	edit(&cfg)
	ctx, cancel := context.WithCancel(context.Background())
	p := &party{name: name, cancel: cancel, done: make(chan error, 1), stats: stats}
	if c, err := prepare(cfg); err != nil {
		p.done <- err
	} else {
		p.call, p.source = c, cfg.Source
		go func() { p.done <- whole(ctx, c, cfg.StatsFile) }()
	}
	t.Cleanup(func() { p.end() })
	return p
}

// end ends the client and waits for it.
func (p *party) end() error {
	p.cancel()
	err := <-p.done
	p.done <- err
	return err
}

// wait waits until the client ends by itself.
func (p *party) wait(t testing.TB) error {
	t.Helper()
	select {
	case err := <-p.done:
		p.done <- err
		return err
	case <-time.After(90 * time.Second):
		t.Fatalf("%s does not end", p.name)
		return nil
	}
}

// account is the client's stats file; it ends the client.
func (p *party) account(t testing.TB) (s call.Stats) {
	t.Helper()
	if err := p.end(); err != nil {
		t.Errorf("%s: %v", p.name, err)
	}
	text, err := os.ReadFile(p.stats)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	var up, down uint64
	for _, n := range s.Up {
		up += n
	}
	for _, n := range s.Down {
		down += n
	}
	if s.Captured != s.Sent+up {
		t.Errorf("%s: captured %d, sent %d, dropped %v", p.name, s.Captured, s.Sent, s.Up)
	}
	if s.Received != s.Drawn+down {
		t.Errorf("%s: received %d, drawn %d, dropped %v", p.name, s.Received, s.Drawn, s.Down)
	}
	return s
}

// watched is what a reader of a stream of RGB pictures saw.
type watched struct {
	mu      sync.Mutex
	numbers []uint32
	times   []time.Time
	torn    int
}

func (w *watched) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.numbers)
}

// watch joins as a viewer of one sender and reads its pictures from a pipe.
func watch(t testing.TB, h *host, name, peer string, size frame.Size, edit func(*Config)) (*party, *watched) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := join(t, h, name, func(c *Config) {
		c.Source, c.Output, c.Peer, c.Stdout = "none", "rgb", peer, w
		edit(c)
	})
	seen := &watched{}
	read := make(chan struct{})
	go func() {
		defer close(read)
		seen.read(r, size)
	}()
	t.Cleanup(func() {
		p.end()
		w.Close()
		<-read
		r.Close()
	})
	return p, seen
}

func (w *watched) read(r io.Reader, size frame.Size) {
	f := frame.New(size.W, size.H)
	for {
		if _, err := io.ReadFull(r, f.Pix); err != nil {
			return
		}
		n, ok := capture.PatternNumber(f)
		w.mu.Lock()
		if ok {
			w.numbers = append(w.numbers, n)
			w.times = append(w.times, time.Now())
		} else {
			w.torn++
		}
		w.mu.Unlock()
	}
}

// until waits for a condition, for long.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("in vain: %s", what)
}
