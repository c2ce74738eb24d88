//go:build linux || darwin

package screen

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"acip/frame"
	"acip/internal/account"
	"acip/internal/call"
	"acip/internal/server"
	"acip/internal/term"
	"acip/internal/testkit/host"
	"acip/internal/testkit/vt"
	"acip/media"

	"github.com/creack/pty"
	"github.com/rs/zerolog"
)

// busyLimit is for machines that are busy; nothing waits for it when all is well.
const busyLimit = 5 * time.Minute

// fakeCall is a call that only writes down what a screen asks of it.
type fakeCall struct {
	mu      sync.Mutex
	more    *sync.Cond
	wants   [][]call.Want
	self    frame.Size
	drawn   map[uint32][]uint64
	dropped map[account.Reason]int
	pauses  []bool
	said    []string
	left    bool
}

func newFakeCall() *fakeCall {
	a := &fakeCall{drawn: map[uint32][]uint64{}, dropped: map[account.Reason]int{}}
	a.more = sync.NewCond(&a.mu)
	return a
}

func (a *fakeCall) note(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
	a.more.Broadcast()
}

func (a *fakeCall) Want(self frame.Size, list []call.Want) {
	a.note(func() { a.self, a.wants = self, append(a.wants, list) })
}
func (a *fakeCall) Drawn(id uint32, picture media.Stamp) {
	a.note(func() { a.drawn[id] = append(a.drawn[id], picture.Seq) })
}
func (a *fakeCall) Dropped(_ uint32, r account.Reason) { a.note(func() { a.dropped[r]++ }) }
func (a *fakeCall) Pause(p bool)                       { a.note(func() { a.pauses = append(a.pauses, p) }) }
func (a *fakeCall) Say(text string)                    { a.note(func() { a.said = append(a.said, text) }) }
func (a *fakeCall) Enter()                             {}
func (a *fakeCall) Leave()                             { a.note(func() { a.left = true }) }

// until waits for something to be asked.
func (a *fakeCall) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	late := time.AfterFunc(busyLimit, a.more.Broadcast)
	defer late.Stop()
	a.mu.Lock()
	defer a.mu.Unlock()
	for end := time.Now().Add(busyLimit); !ok(); a.more.Wait() {
		if time.Now().After(end) {
			t.Fatalf("never: %s; wants %v drawn %v dropped %v", what, a.wants, a.drawn, a.dropped)
		}
	}
}

// testScreen is a screen on a pseudo-terminal whose other end answers as a terminal does.
type testScreen struct {
	t      *testing.T
	out    call.Output
	calls  *fakeCall
	master io.ReadWriteCloser // the terminal's other end
	device *memoryDevice      // nil for a pseudo-terminal
	cancel context.CancelFunc
	ended  chan error
	group  sync.WaitGroup

	mu   sync.Mutex
	more *sync.Cond
	seen []byte
	hold bool // read nothing
}

func openTestScreen(t *testing.T, cfg Config) *testScreen {
	t.Helper()
	return openTestScreenFor(t, cfg, func(ctx context.Context, th *testScreen) error { return th.out.Run(ctx, th.calls) })
}

// openTestScreenFor runs run with the screen.
func openTestScreenFor(t *testing.T, cfg Config, run func(context.Context, *testScreen) error) *testScreen {
	t.Helper()
	cfg.StateDir, cfg.Log = t.TempDir(), zerolog.Nop()
	var master, tty io.ReadWriteCloser
	device, inMemory := cfg.Device.(*memoryDevice)
	if inMemory {
		master, tty = device.otherEnd, device
	} else {
		file, terminal, err := pty.Open()
		if err != nil {
			t.Skipf("no pseudo-terminals here: %v", err)
		}
		if err := pty.Setsize(file, &pty.Winsize{Cols: 80, Rows: 24}); err != nil {
			t.Fatal(err)
		}
		master, tty, cfg.Stdout = file, terminal, terminal
	}
	env := map[string]string{"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
	cfg.Getenv = func(k string) string { return env[k] }
	th := &testScreen{t: t, out: New(cfg), calls: newFakeCall(), master: master, device: device, ended: make(chan error, 1)}
	th.more = sync.NewCond(&th.mu)
	ctx, cancel := context.WithCancel(context.Background())
	th.cancel = cancel
	th.group.Go(th.serve)
	th.group.Go(func() { th.ended <- run(ctx, th) })
	t.Cleanup(func() {
		cancel()
		th.release()
		select { // the screen ends before its terminal does
		case err := <-th.ended:
			th.ended <- err
		case <-time.After(busyLimit):
			t.Error("the screen does not end")
		}
		tty.Close()
		master.Close()
		th.group.Wait()
	})
	return th
}

func (th *testScreen) serve() {
	buf := make([]byte, 64<<10)
	status, attributes := []byte("\x1b[5n"), []byte("\x1b[c")
	for {
		th.mu.Lock()
		for th.hold {
			th.more.Wait()
		}
		th.mu.Unlock()
		n, err := th.master.Read(buf)
		if err != nil {
			return
		}
		th.mu.Lock()
		from := max(0, len(th.seen)-3)
		th.seen = append(th.seen, buf[:n]...)
		fresh := th.seen[from:]
		answer := strings.Repeat("\x1b[0n", bytes.Count(fresh, status)) + strings.Repeat("\x1b[?62c", bytes.Count(fresh, attributes))
		th.more.Broadcast()
		th.mu.Unlock()
		if _, err := io.WriteString(th.master, answer); err != nil {
			return
		}
	}
}

func (th *testScreen) release() {
	th.mu.Lock()
	th.hold = false
	th.more.Broadcast()
	th.mu.Unlock()
}

func (th *testScreen) keys(s string) {
	th.t.Helper()
	if _, err := io.WriteString(th.master, s); err != nil {
		th.t.Fatal(err)
	}
}

// shows waits until the screen has this text on it.
func (th *testScreen) shows(text string) {
	th.t.Helper()
	late := time.AfterFunc(busyLimit, th.more.Broadcast)
	defer late.Stop()
	th.mu.Lock()
	defer th.mu.Unlock()
	for end := time.Now().Add(busyLimit); !strings.Contains(th.screen(), text); th.more.Wait() {
		if time.Now().After(end) {
			th.t.Fatalf("the screen never shows %q:\n%s", text, th.screen())
		}
	}
}

// screen replays what was drawn; modes and questions are not the emulator's business.
func (th *testScreen) screen() string {
	t := vt.New(80, 24)
	var draws term.Filter
	if _, err := t.Write(draws.Append(nil, th.seen)); err != nil {
		th.t.Errorf("on the screen: %v", err)
	}
	return t.String()
}

func (th *testScreen) end() error {
	th.t.Helper()
	select {
	case err := <-th.ended:
		th.ended <- err
		return err
	case <-time.After(busyLimit):
		th.t.Fatal("the screen does not end")
		return nil
	}
}

func picture(seq uint64, w, h int) *frame.Frame {
	f := frame.New(w, h)
	for i := range f.Pix {
		f.Pix[i] = byte(uint64(i)*7 + seq*31)
	}
	f.Seq, f.Time = seq, time.Unix(1000, int64(seq))
	return f
}

// Each picture is drawn or dropped with a reason, in order and none twice.
func TestScreenAccountsForPictures(t *testing.T) {
	th := openTestScreen(t, Config{})
	th.out.Link(call.Link{State: call.LinkUp, Address: "ws://relay.example:27226/acip", Room: "lobby", Self: call.Peer{ID: 9, Name: "me", Self: true}})
	th.out.Peer(call.Peer{ID: 1, Name: "alice"})
	th.out.Peer(call.Peer{ID: 2, Name: "bob"})
	th.calls.until(t, "a wish for both", func() bool {
		n := len(th.calls.wants)
		return n > 0 && len(th.calls.wants[n-1]) == 2 && !th.calls.wants[n-1][0].Size.Empty()
	})
	const count = 200
	for i := range uint64(count) {
		th.out.Picture(1, picture(i, 40, 30))
		th.out.Picture(2, picture(i, 40, 30))
		if i%20 == 0 {
			th.calls.until(t, "pictures drawn", func() bool { return len(th.calls.drawn[1]) > 0 })
		}
	}
	th.out.Picture(77, picture(1, 40, 30))
	th.calls.until(t, "the stranger's picture dropped", func() bool { return th.calls.dropped[account.Unwanted] == 1 })
	th.shows("alice")
	th.keys("q")
	if err := th.end(); err != nil {
		t.Fatal(err)
	}
	th.out.Picture(1, picture(999, 40, 30))
	th.calls.mu.Lock()
	defer th.calls.mu.Unlock()
	if !th.calls.left {
		t.Error("q did not leave")
	}
	total := 0
	for id, list := range th.calls.drawn {
		total += len(list)
		for i := 1; i < len(list); i++ {
			if list[i] <= list[i-1] {
				t.Errorf("peer %d: picture %d drawn after %d", id, list[i], list[i-1])
			}
		}
	}
	for _, n := range th.calls.dropped {
		total += n
	}
	if want := 2*count + 2; total != want {
		t.Errorf("%d pictures accounted for of %d: drawn %d and %d, dropped %v", total, want, len(th.calls.drawn[1]), len(th.calls.drawn[2]), th.calls.dropped)
	}
}

// A terminal that takes nothing does not hold up the keys.
func TestScreenKeysWhileTerminalIsStuck(t *testing.T) {
	th := openTestScreen(t, Config{})
	th.out.Link(call.Link{State: call.LinkNone})
	th.out.Self(picture(1, 320, 240))
	th.shows("fps")
	th.mu.Lock()
	th.hold = true
	th.mu.Unlock()
	for i := range uint64(50) {
		th.out.Self(picture(i, 320, 240))
	}
	th.keys(" ")
	th.calls.until(t, "the pause", func() bool { return len(th.calls.pauses) == 1 && th.calls.pauses[0] })
	th.release()
	th.keys("q")
	if err := th.end(); err != nil {
		t.Fatal(err)
	}
}

// A preview shows oneself; the server hears of us with the key that joins.
func TestScreenPreview(t *testing.T) {
	h := host.Serve(t, server.Config{})
	th := openTestScreenFor(t, Config{}, func(ctx context.Context, th *testScreen) error {
		alice := caller(h, "alice")
		alice.Preview = true
		return call.New(alice, th.out).Run(ctx)
	})
	th.shows("press Enter to join lobby")
	th.keys(" ")
	th.shows("space turns your picture on")
	th.keys(" ")
	th.shows("space turns your picture off")
	if n := h.Stats(t).Slots.Used; n != 0 {
		t.Errorf("before the key %d slots are taken", n)
	}
	th.keys("\r")
	th.shows("others join with")
	th.keys("q")
	if err := th.end(); err != nil {
		t.Fatal(err)
	}
}

// A paused picture has its source closed, and can be started again.
func TestScreenPauseAndGoOn(t *testing.T) {
	th := openTestScreen(t, Config{})
	th.out.Link(call.Link{State: call.LinkUp, Address: "ws://relay.example:27226/acip", Room: "lobby", Self: call.Peer{ID: 9, Name: "me", Self: true}})
	th.out.Self(picture(1, 40, 30))
	th.shows("others join with")
	th.keys(" ")
	th.calls.until(t, "the pause", func() bool { return len(th.calls.pauses) == 1 })
	th.out.Status(call.Status{Paused: true, Drops: 7})
	th.shows("7 dropped")
	th.keys(" ")
	th.calls.until(t, "the end of the pause", func() bool { return len(th.calls.pauses) == 2 && !th.calls.pauses[1] })
	th.out.Status(call.Status{Viewer: true, Drops: 8})
	th.shows("8 dropped")
	th.keys(" ")
	th.shows("you are not sending a picture")
	th.keys("q")
	if err := th.end(); err != nil {
		t.Fatal(err)
	}
}

func TestScreenChatAndCapture(t *testing.T) {
	dir := t.TempDir()
	th := openTestScreen(t, Config{OutDir: dir})
	th.out.Link(call.Link{State: call.LinkUp, Address: "ws://relay.example:27226/acip", Room: "lobby", Self: call.Peer{ID: 9, Name: "me", Self: true}})
	th.out.Peer(call.Peer{ID: 1, Name: "alice"})
	th.out.Picture(1, picture(1, 40, 30))
	th.shows("alice")
	th.keys("thello q\r")
	th.calls.until(t, "the line", func() bool { return len(th.calls.said) == 1 && th.calls.said[0] == "hello q" })
	th.out.Note(call.Note{Kind: call.NoteChat, From: call.Peer{ID: 1, Name: "alice"}, Text: "hi\x1b[31m there"})
	th.shows("hi[31m there")
	th.keys("\r")
	th.keys("r")
	th.shows("REC")
	th.keys("s")
	th.shows("snapshot")
	th.keys("r")
	th.shows("recorded")
	th.keys("q")
	if err := th.end(); err != nil {
		t.Fatal(err)
	}
	for _, ending := range []string{"png", "ans", "cast"} {
		list, err := filepath.Glob(filepath.Join(dir, "acip-*."+ending))
		if err != nil || len(list) != 1 {
			t.Fatalf("%s files: %v %v", ending, list, err)
		}
		switch ending {
		case "cast":
			checkRecording(t, list[0])
		case "ans":
			checkLines(t, list[0])
		}
	}
}

// checkLines reads a snapshot as cat and less do: line by line, from wherever the cursor is.
func checkLines(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "\x1b[H") || !strings.Contains(string(text), "alice") || !strings.HasSuffix(string(text), "\n") {
		t.Errorf("no lines with alice: %.60q … %d bytes", text, len(text))
	}
	for _, c := range regexp.MustCompile("\x1b\\[[0-9;?]*[@-~]").FindAllString(string(text), -1) {
		if !strings.HasSuffix(c, "m") {
			t.Errorf("%q is more than a colour", c)
		}
	}
}

// checkRecording plays a recording into a file and looks at what it shows.
func checkRecording(t *testing.T, path string) {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "played"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := Play(context.Background(), Config{Stdout: out}, PlayOptions{}, path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	screen := vt.New(80, 24)
	if _, err := screen.Write(b); err != nil {
		t.Errorf("the recording is not clean: %v", err)
	}
	if s := screen.String(); !strings.Contains(s, "alice") || !strings.Contains(s, "lobby") {
		t.Errorf("the recording shows\n%s", s)
	}
}

// Without a screen, what happens is told in lines.
func TestLines(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out := NewLines(w)
	calls := newFakeCall()
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() {
		if err := out.Run(ctx, calls); err != nil {
			t.Error(err)
		}
		w.Close()
	})
	out.Link(call.Link{State: call.LinkUp, Address: "ws://relay.example:27226/acip", Room: "lobby"})
	out.Peer(call.Peer{ID: 1, Name: "alice"})
	out.Picture(1, picture(1, 4, 4))
	out.Note(call.Note{Kind: call.NoteChat, From: call.Peer{ID: 1, Name: "alice"}, Text: "hello"})
	out.Gone(1, call.Departure{Reason: "bye"})
	calls.until(t, "the picture dropped", func() bool { return calls.dropped[account.Unwanted] == 1 })
	var got []byte
	for !bytes.Contains(got, []byte("alice left\n")) {
		b := make([]byte, 1000)
		n, err := r.Read(b)
		if err != nil {
			t.Fatalf("%v after %q", err, got)
		}
		got = append(got, b[:n]...)
	}
	cancel()
	group.Wait()
	r.Close()
	if !strings.Contains(string(got), "* alice joined\nalice: hello\n* alice left\n") {
		t.Errorf("got %q", got)
	}
}

// In a whole call nothing reaches the terminal but what the one writer wrote.
func TestScreenIsTheOnlyWriter(t *testing.T) {
	h := host.Serve(t, server.Config{})
	th := openTestScreenFor(t, Config{OutDir: t.TempDir()}, func(ctx context.Context, th *testScreen) error {
		return call.New(caller(h, "alice"), th.out).Run(ctx)
	})
	nowhere, err := os.Create(filepath.Join(t.TempDir(), "bob"))
	if err != nil {
		t.Fatal(err)
	}
	defer nowhere.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()
	group.Go(func() {
		if err := call.New(caller(h, "bob"), NewLines(nowhere)).Run(ctx); err != nil {
			t.Errorf("bob: %v", err)
		}
	})
	th.shows("bob")
	th.shows("2 here")
	th.keys("?c s?r lt hello\r\r")
	th.shows("snapshot")
	th.keys("q")
	if err := th.end(); err != nil {
		t.Fatal(err)
	}
	want := th.out.(*screen).term.Written()
	late := time.AfterFunc(busyLimit, th.more.Broadcast)
	defer late.Stop()
	th.mu.Lock()
	defer th.mu.Unlock()
	for end := time.Now().Add(busyLimit); int64(len(th.seen)) < want && time.Now().Before(end); th.more.Wait() {
	}
	if got := int64(len(th.seen)); got != want {
		t.Errorf("%d bytes reached the terminal, the writer wrote %d", got, want)
	}
}

func TestJoinCommand(t *testing.T) {
	tests := []struct {
		link call.Link
		want string
	}{
		{call.Link{State: call.LinkNone}, ""},
		{call.Link{State: call.LinkUp, Address: "ws://relay.example:27226/acip", Room: "lobby"}, "acip-client relay.example"},
		{call.Link{State: call.LinkUp, Address: "ws://relay.example:4000/acip", Room: "team"}, "acip-client relay.example:4000 --room team"},
		{call.Link{State: call.LinkUp, Address: "wss://relay.example/acip", Room: "lobby"}, "acip-client wss://relay.example"},
		{call.Link{State: call.LinkUp, Address: "ws://[2001:db8::1]:27226/acip", Room: "lobby"}, "acip-client [2001:db8::1]"},
		{call.Link{State: call.LinkUp, Address: "ws://relay.example/other", Room: "lobby"}, "acip-client ws://relay.example/other"},
	}
	for _, tt := range tests {
		if got := joinCommand(tt.link); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.link, got, tt.want)
		}
	}
}

// TestJoinCommandIsOneThatWorks: what others are told to type reaches the server.
func TestJoinCommandIsOneThatWorks(t *testing.T) {
	if lanAddress() == "" {
		t.Skip("this machine has no address but its own")
	}
	for listen, want := range map[string]string{"": lanAddress(), "127.0.0.1": "127.0.0.1"} {
		l, err := net.Listen("tcp", net.JoinHostPort(listen, "0"))
		if err != nil {
			t.Skip(err)
		}
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		want = "acip-client " + net.JoinHostPort(want, port)
		if got := joinCommand(call.Link{State: call.LinkUp, Address: "ws://127.0.0.1:" + port + "/acip", Room: "lobby"}); got != want {
			t.Errorf("a server at %q: others join with %q, want %q", l.Addr(), got, want)
		}
	}
}

func TestScreenKeys(t *testing.T) {
	th := openTestScreen(t, Config{})
	th.out.Link(call.Link{State: call.LinkUp, Address: "ws://relay.example:27226/acip", Room: "lobby"})
	th.out.Peer(call.Peer{ID: 1, Name: "alice"})
	th.out.Picture(1, picture(1, 40, 30))
	th.shows("alice")
	th.keys("?")
	th.shows("choose a speaker")
	th.keys("?c")
	th.shows("colours: 256")
	th.keys("g")
	th.shows("glyphs: ")
	th.keys("q")
	if err := th.end(); err != nil {
		t.Fatal(err)
	}
}
