package pagetest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"acip/internal/testkit"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
)

// TestMain builds both programs once, with what the machine has.
func TestMain(m *testing.M) {
	os.Exit(testkit.Programs(m, []string{"-tags", tags()}, "client", "server"))
}

// tags returns the build tags that this machine can take.
func tags() string {
	tags, err := exec.Command("sh", "../../../scripts/tags.sh").Output()
	if err != nil {
		return "" // without a shell: the plain build
	}
	return strings.TrimSpace(string(tags))
}

// patience is for what is due; nothing waits for it when all is well.
const patience = 2 * time.Minute

// browser starts Chromium without a window. The test is skipped if there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("needs chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Env("HOME="+t.TempDir()))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, leave := chromedp.NewContext(ctx)
	t.Cleanup(leave)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}

// tab is a page in the browser.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	errors []string // what the page or the browser complained of
}

// open opens a page in a tab of its own.
func open(t *testing.T, browser context.Context, url string) *tab {
	t.Helper()
	ctx, leave := chromedp.NewContext(browser)
	t.Cleanup(leave)
	ctx, stop := context.WithTimeout(ctx, 2*patience)
	t.Cleanup(stop)
	p := &tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, p.listen); err != nil {
		t.Fatal(err)
	}
	p.run(call(log.Enable, cdp.Empty{}), chromedp.EmulateViewport(1280, 800), chromedp.Navigate(url))
	return p
}

// listen collects violations of the page's policy, and exceptions.
func (p *tab) listen(event any) {
	e, ok := event.(*log.EventEntryAdded)
	if !ok || e.Entry.Level != log.EntryLevelError || e.Entry.Source == log.EntrySourceNetwork {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.errors = append(p.errors, e.Entry.Text)
}

func (p *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// click clicks an element with the pointer.
func (p *tab) click(selector string) {
	p.t.Helper()
	p.run(chromedp.Click(chromedp.CSS(selector)))
}

// call returns an action that calls a command of the browser and takes no answer.
func call[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

// eval returns the value of an expression.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits until an expression is true.
func (p *tab) until(what, expression string) {
	p.t.Helper()
	for end := time.Now().Add(patience); ; <-time.After(20 * time.Millisecond) {
		if eval[bool](p, "!!("+expression+")") {
			return
		}
		if time.Now().After(end) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.t.Fatalf("never: %s; the page shows %q, the browser says %q", what, eval[string](p, "document.body.innerText"), p.errors)
		}
	}
}

// size changes the size of the tab's window.
func (p *tab) size(w, h int64, scheme string) {
	p.t.Helper()
	p.run(chromedp.EmulateViewport(w, h),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}))
}

// testServer is a running acip-server.
type testServer struct {
	*exec.Cmd
	addr string
	mu   sync.Mutex
	log  strings.Builder
}

// serve starts the real server on a port of its own.
func serve(t *testing.T, args ...string) *testServer {
	t.Helper()
	s := &testServer{Cmd: exec.Command(testkit.ProgramPath("acip-server"), append([]string{"--listen", "127.0.0.1:0", "--log-format", "json"}, args...)...)}
	s.Env = append(os.Environ(), "HOME="+t.TempDir(), "XDG_CONFIG_HOME=")
	out, err := s.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	serving := make(chan string, 1)
	var reading sync.WaitGroup
	t.Cleanup(func() { _ = s.Process.Kill(); reading.Wait(); _ = s.Wait() })
	reading.Go(func() { s.read(out, serving) })
	select {
	case s.addr = <-serving:
	case <-time.After(patience):
		t.Fatal("the server does not serve")
	}
	return s
}

// read collects the log, and tells the address.
func (s *testServer) read(r io.Reader, serving chan<- string) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		s.mu.Lock()
		s.log.WriteString(lines.Text() + "\n")
		s.mu.Unlock()
		var line struct{ Message, Addr string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Message == "serving" {
			serving <- line.Addr
		}
	}
}

func (s *testServer) lines() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// send starts a real sender, until the test ends.
func send(t *testing.T, addr, room, name string, args ...string) {
	t.Helper()
	c := exec.Command(testkit.ProgramPath("acip-client"), append([]string{"--send-only", "--output", "none", "--room", room, "--name", name, "ws://" + addr}, args...)...)
	c.Env = append(os.Environ(), "HOME="+t.TempDir(), "XDG_CONFIG_HOME=")
	var said strings.Builder
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		if _ = c.Wait(); t.Failed() {
			t.Logf("%s: %s", name, said.String())
		}
	})
}

// tile returns an expression for a member's figure.
func tile(name string) string {
	return fmt.Sprintf("document.querySelector('figure[data-name=%q]')", name)
}

// frames returns an expression for how many pictures of a member were drawn.
func frames(name string) string { return "Number(" + tile(name) + "?.dataset.frames ?? 0)" }
