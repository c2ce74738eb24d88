//go:build linux

package viewer

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"acip/capture"
	"acip/frame"
	"acip/internal/term"
	"acip/internal/testkit"
	"acip/internal/testkit/vt"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	if term.RunGuard() { // the guard of a terminal under test is this program
		return
	}
	testkit.Main(m)
}

// patient is for machines that are busy; nothing waits for it when all is well.
const patient = time.Minute

// clip is a file of so many pictures, each of another grey.
func clip(t *testing.T, pictures int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "clip.y4m")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size := frame.Size{W: 32, H: 24}
	w := capture.NewY4MWriter(f, size, 25)
	pic := frame.New(size.W, size.H)
	for i := range pictures {
		for k := range pic.Pix {
			pic.Pix[k] = byte(40 + 30*i)
		}
		if err := w.WriteFrame(pic); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// shown is what Show writes into a file.
func shown(t *testing.T, path string, cfg Config) (string, error) {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cfg.Stdout, cfg.Getenv = out, func(string) string { return "" }
	err = Show(t.Context(), cfg, path)
	text, rerr := os.ReadFile(out.Name())
	if rerr != nil {
		t.Fatal(rerr)
	}
	return string(text), err
}

// TestIntoAPipe: every picture is there, each from the home position, and no more than were asked for.
func TestIntoAPipe(t *testing.T) {
	path := clip(t, 3)
	all, err := shown(t, path, Config{Size: frame.Size{W: 16, H: 6}})
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(all, "\x1b[H"); n != 3 {
		t.Errorf("%d pictures of 3 from the home position", n)
	}
	if _, err := vt.New(16, 6).Write([]byte(all)); err != nil {
		t.Errorf("a terminal does not understand it: %v", err)
	}
	two, err := shown(t, path, Config{Size: frame.Size{W: 16, H: 6}, Frames: 2})
	if err != nil || !strings.HasPrefix(all, two) || strings.Count(two, "\x1b[H") != 2 {
		t.Errorf("two of three: %d bytes of %d, %v", len(two), len(all), err)
	}
	if _, err := shown(t, clip(t, 0), Config{}); err == nil || capture.KindOf(err) != capture.BadData {
		t.Errorf("a film without pictures: %v", err)
	}
}

// ptyPlayer is a film on a pseudo-terminal whose other end answers as a terminal does.
type ptyPlayer struct {
	t           *testing.T
	master, tty *os.File
	ended       chan error

	mu   sync.Mutex
	seen []byte
}

func openPlayer(t *testing.T, path string) *ptyPlayer {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Cols: 40, Rows: 12}); err != nil {
		t.Fatal(err)
	}
	h := &ptyPlayer{t: t, master: master, tty: tty, ended: make(chan error, 1)}
	env := map[string]string{"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(h.answer)
	go func() {
		h.ended <- Show(ctx, Config{Stdout: tty, Getenv: func(k string) string { return env[k] }, Loop: true}, path)
	}()
	t.Cleanup(func() {
		cancel()
		h.end()
		tty.Close()
		master.Close()
		group.Wait()
	})
	return h
}

// answer reads what is drawn and answers what is asked.
func (h *ptyPlayer) answer() {
	buf := make([]byte, 64<<10)
	questions := []string{"\x1b[5n", "\x1b[c"}
	answers := []string{"\x1b[0n", "\x1b[?62c"}
	answered := make([]int, len(questions))
	for {
		n, err := h.master.Read(buf)
		if err != nil {
			return
		}
		h.mu.Lock()
		h.seen = append(h.seen, buf[:n]...)
		reply := ""
		for i, q := range questions {
			asked := bytes.Count(h.seen, []byte(q))
			reply += strings.Repeat(answers[i], asked-answered[i])
			answered[i] = asked
		}
		h.mu.Unlock()
		if _, err := io.WriteString(h.master, reply); err != nil {
			return
		}
	}
}

func (h *ptyPlayer) until(what string, ok func() bool) {
	h.t.Helper()
	for end := time.Now().Add(patient); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("never: %s", what)
		}
	}
}

// modes are the terminal's; change may set others.
func (h *ptyPlayer) modes(change func(*unix.Termios)) (m unix.Termios) {
	h.t.Helper()
	c, err := h.tty.SyscallConn()
	if err != nil {
		h.t.Fatal(err)
	}
	var failed error
	err = c.Control(func(fd uintptr) {
		now, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		if failed = err; err != nil {
			return
		}
		m = *now
		if change != nil {
			change(now)
			failed = unix.IoctlSetTermios(int(fd), unix.TCSETS, now)
		}
	})
	if err := errors.Join(err, failed); err != nil {
		h.t.Fatal(err)
	}
	return m
}

// raw reports whether keys come one by one.
func (h *ptyPlayer) raw() bool { return h.modes(nil).Lflag&unix.ICANON == 0 }

func (h *ptyPlayer) end() error {
	h.t.Helper()
	select {
	case err := <-h.ended:
		h.ended <- err
		return err
	case <-time.After(patient):
		h.t.Fatal("the film does not end")
		return nil
	}
}

// TestGoesOnAfterAStop: whoever stopped the process has changed the terminal's modes, so that they are set anew; q ends.
func TestGoesOnAfterAStop(t *testing.T) {
	h := openPlayer(t, clip(t, 3))
	blocks := func() int {
		h.mu.Lock()
		defer h.mu.Unlock()
		return bytes.Count(h.seen, []byte("\x1b[48;2;"))
	}
	h.until("a picture", func() bool { return h.raw() && blocks() > 0 })
	h.modes(func(m *unix.Termios) { m.Lflag |= unix.ICANON | unix.ECHO })
	if err := syscall.Kill(os.Getpid(), syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	h.until("keys one by one again", h.raw)
	had := blocks()
	h.until("pictures again", func() bool { return blocks() > had })
	if _, err := io.WriteString(h.master, "q"); err != nil {
		t.Fatal(err)
	}
	if err := h.end(); err != nil {
		t.Error(err)
	}
}

// TestStillIsPrintedWhereTheCursorIs: what was on the screen before stays above it.
func TestStillIsPrintedWhereTheCursorIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "still.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewGray(image.Rect(0, 0, 64, 48))
	for i := range img.Pix {
		img.Pix[i] = byte(i)
	}
	if err := errors.Join(png.Encode(f, img), f.Close()); err != nil {
		t.Fatal(err)
	}
	h := openPlayer(t, path)
	if err := h.end(); err != nil {
		t.Fatal(err)
	}
	screen := vt.New(40, 14)
	screen.Clear()
	if _, err := screen.Write([]byte("$ acip-client render still.png\r\n")); err != nil {
		t.Fatal(err)
	}
	h.until("the whole picture", func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return bytes.HasSuffix(h.seen, []byte("\r\n"))
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	drawn := h.seen[bytes.Index(h.seen, []byte("\x1b[c"))+3:] // behind the questions
	if _, err := screen.Write(drawn); err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(screen.String(), "\n")
	if !strings.HasPrefix(rows[0], "$ acip-client") || !strings.Contains(rows[1], "▀") || !strings.Contains(rows[11], "▀") || strings.Trim(rows[12], " ") != "" {
		t.Errorf("the screen shows\n%s", screen)
	}
}

// TestDurationEnds: what would never end by itself ends after so long, in a pipe as well.
func TestDurationEnds(t *testing.T) {
	for _, cfg := range []Config{{Loop: true}, {Loop: true, FPS: 1}} {
		cfg.Duration, cfg.Size = 100*time.Millisecond, frame.Size{W: 8, H: 4}
		if text, err := shown(t, clip(t, 3), cfg); err != nil || text == "" {
			t.Errorf("%+v: %v, %d bytes", cfg, err, len(text))
		}
	}
}
