package client

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"acip/frame"
	"acip/internal/account"
	"acip/internal/call"
	"acip/internal/testkit"
	"acip/internal/testkit/gallery"
	"acip/internal/testkit/host"

	"github.com/rs/zerolog"
)

func TestMain(m *testing.M) {
	if addr := os.Getenv(serving); addr != "" {
		beServer(addr)
		return
	}
	testkit.Main(m)
}

// busy is how long something quick may take on a machine that does much else; how quick it is, the soak measures.
const busy = 30 * time.Second

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
func join(t testing.TB, h *host.Host, name string, edit func(*Config)) *party {
	t.Helper()
	stats := filepath.Join(t.TempDir(), name+".json")
	cfg := Config{
		Address: h.Addr, Name: name, Agent: "test", Source: "pattern", Codec: "auto", Output: "none", StatsFile: stats,
		CaptureSize: frame.Size{W: 320, H: 240}, FPS: 30, Getenv: func(string) string { return "" }, Log: zerolog.Nop(), Stderr: io.Discard,
	}
	edit(&cfg)
	ctx, cancel := context.WithCancel(context.Background())
	p := &party{name: name, cancel: cancel, done: make(chan error, 1), stats: stats}
	if c, _, err := prepare(&cfg); err != nil {
		p.done <- err
	} else {
		p.call, p.source = c, cfg.Source
		go func() { p.done <- runAndWriteStats(ctx, c, cfg.StatsFile) }()
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
	case <-time.After(5 * time.Minute):
		t.Fatalf("%s does not end", p.name)
		return nil
	}
}

// account is the client's stats file; it ends the client.
func (p *party) account(t testing.TB) (s account.Stats) {
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

// watch joins as a viewer of one sender and reads its pictures from a pipe.
func watch(t testing.TB, h *host.Host, name, peer string, size frame.Size, edit func(*Config)) (*party, *gallery.Gallery) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := join(t, h, name, func(c *Config) {
		c.Source, c.Output, c.Peer, c.Stdout = "none", "rgb", peer, w
		edit(c)
	})
	seen := &gallery.Gallery{}
	read := make(chan struct{})
	go func() {
		defer close(read)
		seen.Look(r, size)
	}()
	t.Cleanup(func() {
		p.end()
		w.Close()
		<-read
		r.Close()
	})
	return p, seen
}

// until waits for a condition, for long.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("in vain: %s", what)
}
