//go:build linux || darwin

package term

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// patience is for machines that are busy; nothing waits for it when all is well.
const patience = 5 * time.Minute

// screenOf is the master's side of a pseudo-terminal, which answers questions as a terminal does, unless told to be
// silent.
type screenOf struct {
	t      *testing.T
	master *os.File
	tty    *os.File
	cmd    *exec.Cmd
	group  sync.WaitGroup

	mu     sync.Mutex
	more   *sync.Cond
	seen   []byte
	silent bool
	after  time.Duration // what answers are delayed by

	before unix.Termios // the modes before the helper ran
}

// startHelper runs the helper on a new terminal.
func startHelper(t *testing.T, silent bool, env ...string) *screenOf {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	s := &screenOf{t: t, master: master, tty: tty, silent: silent}
	s.more = sync.NewCond(&s.mu)
	if err := pty.Setsize(master, &pty.Winsize{Cols: 80, Rows: 24}); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command(exe)
	s.cmd.Env = append([]string{"TERM=xterm-256color", "LANG=C.UTF-8", "PATH=" + os.Getenv("PATH"), helperVariable + "=" + t.TempDir()}, env...)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = tty, tty, tty
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	s.group.Go(s.serve)
	t.Cleanup(s.end)
	s.before = s.termios()
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *screenOf) end() {
	_ = s.cmd.Process.Kill()
	s.tty.Close()
	s.master.Close()
	s.group.Wait()
}

// serve reads what is drawn and answers.
func (s *screenOf) serve() {
	answers := []struct{ ask, answer string }{
		{askStatus, "\x1b[0n"}, {askAttributes, "\x1b[?64;1;4c"}, {askSync, "\x1b[?2026;2$y"}, {askBackground, "\x1b]11;rgb:ffff/ffff/ffff\x1b\\"},
		{askStyle, "\x1bP1$r0;48:2::1:2:3m\x1b\\"}, {askPosition, "\x1b[1;3R"}, {askVersion, "\x1bP>|test(1.0)\x1b\\"}, {askCellSize, "\x1b[6;20;10t"},
		{askKitty, "\x1b_Gi=31;EINVAL\x1b\\"},
	}
	buf := make([]byte, 4096)
	var tail []byte
	for {
		n, err := s.master.Read(buf)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.seen = append(s.seen, buf[:n]...)
		silent := s.silent
		s.more.Broadcast()
		s.mu.Unlock()
		tail = append(tail, buf[:n]...)
		for len(tail) > 0 {
			matched := false
			for _, a := range answers {
				if bytes.HasPrefix(tail, []byte(a.ask)) {
					matched = true
					tail = tail[len(a.ask):]
					if !silent {
						s.answer(a.answer)
					}
					break
				}
			}
			if !matched {
				tail = tail[1:]
			}
		}
	}
}

// answer sends an answer in two pieces, as slow links do.
func (s *screenOf) answer(a string) {
	s.mu.Lock()
	after := s.after
	s.mu.Unlock()
	time.Sleep(after)
	for _, part := range []string{a[:1], a[1:]} {
		if _, err := io.WriteString(s.master, part); err != nil {
			return
		}
	}
}

// waitFor waits until the helper has written text after position from, and returns the position behind it.
func (s *screenOf) await(text string, from int) int {
	s.t.Helper()
	late := time.AfterFunc(patience, s.more.Broadcast)
	defer late.Stop()
	end := time.Now().Add(patience)
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if i := bytes.Index(s.seen[from:], []byte(text)); i >= 0 {
			return from + i + len(text)
		}
		if time.Now().After(end) {
			s.t.Fatalf("never written: %q; written: %.2000q", text, s.seen[from:])
		}
		s.more.Wait()
	}
}

func (s *screenOf) termios() unix.Termios {
	s.t.Helper()
	var t *unix.Termios
	err := control(s.tty, func(fd int) (err error) {
		t, err = unix.IoctlGetTermios(fd, getTermios)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return *t
}

// exit waits for the helper's end.
func (s *screenOf) exit() {
	s.t.Helper()
	done := make(chan error, 1)
	s.group.Go(func() { done <- s.cmd.Wait() })
	select {
	case <-done:
	case <-time.After(patience):
		_ = s.cmd.Process.Signal(syscall.SIGQUIT)
		s.t.Fatalf("the helper does not end; written: %.3000q", s.seen)
	}
}

// waitModes waits until the terminal has these modes.
func (s *screenOf) waitModes(want unix.Termios) {
	s.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if s.termios() == want {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("modes are\n%+v, were\n%+v", s.termios(), want)
		}
	}
}

// modes follows what was written to where each mode stands at the end.
func modes(written string) map[string]bool {
	is := map[string]bool{}
	for name, pair := range map[string][2]string{
		"alternate": {"\x1b[?1049h", "\x1b[?1049l"}, "no cursor": {"\x1b[?25l", "\x1b[?25h"}, "no wrap": {"\x1b[?7l", "\x1b[?7h"}, "paste": {"\x1b[?2004h", "\x1b[?2004l"},
	} {
		if strings.LastIndex(written, pair[0]) > strings.LastIndex(written, pair[1]) {
			is[name] = true
		}
	}
	return is
}

func TestWaysOut(t *testing.T) {
	ways := []struct {
		name   string
		out    func(*screenOf)
		killed bool   // the guard has to do it
		says   string // on the restored screen
	}{
		{"return", func(s *screenOf) { s.answer("qq") }, false, ""},
		{"error", func(s *screenOf) { s.answer("ee") }, false, ""},
		{"interrupt key", func(s *screenOf) { s.answer("\x03\x03") }, false, ""},
		{"interrupt key, spelled out", func(s *screenOf) { s.answer("\x1b[27;5;99~") }, false, ""},
		{"quit key, spelled out", func(s *screenOf) { s.answer("\x1b[92;5u") }, false, ""},
		{"INT", func(s *screenOf) { _ = s.cmd.Process.Signal(unix.SIGINT) }, false, ""},
		{"TERM", func(s *screenOf) { _ = s.cmd.Process.Signal(unix.SIGTERM) }, false, ""},
		{"HUP", func(s *screenOf) { _ = s.cmd.Process.Signal(unix.SIGHUP) }, false, ""},
		{"QUIT", func(s *screenOf) { _ = s.cmd.Process.Signal(unix.SIGQUIT) }, false, ""},
		{"KILL", func(s *screenOf) { _ = s.cmd.Process.Kill() }, true, "helper: error: killed"},
		{"panic", func(s *screenOf) { s.answer("pp") }, true, "helper: error: crashed: panic: a goroutine of somebody else"},
	}
	for _, silent := range []bool{false, true} {
		for _, tt := range ways {
			name := tt.name
			if silent {
				name += " on a silent terminal"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := startHelper(t, silent)
				before := s.before
				s.await("frame 2", 0)
				if s.termios() == before {
					t.Error("the terminal is not in raw mode")
				}
				tt.out(s)
				s.exit()
				if tt.killed {
					s.await(tt.says, 0)
				}
				s.waitModes(before)
				s.await("\x1b[?1049l", 0)
				s.mu.Lock()
				defer s.mu.Unlock()
				if left := modes(string(s.seen)); len(left) > 0 {
					t.Errorf("modes left: %v", left)
				}
			})
		}
	}
}

// The guard keeps the report of a crash and says where.
func TestCrashReport(t *testing.T) {
	s := startHelper(t, false)
	s.await("frame 1", 0)
	s.answer("pp")
	s.exit()
	s.await("with what stands in ", 0)
	var dir string
	for _, v := range s.cmd.Env {
		if d, ok := strings.CutPrefix(v, helperVariable+"="); ok {
			dir = d
		}
	}
	list, err := filepath.Glob(filepath.Join(dir, "crash-*.txt"))
	if err != nil || len(list) != 1 {
		t.Fatalf("reports: %v %v", list, err)
	}
	report, err := os.ReadFile(list[0])
	if err != nil || !bytes.Contains(report, []byte("goroutine")) {
		t.Errorf("report %q %v", report, err)
	}
}

// Answers that come late must not be left for whoever reads next. On a machine that does much else they can come later
// than anybody waits for them, but not time after time.
func TestLateAnswersAreSwallowed(t *testing.T) {
	var left string
	for range 5 {
		if left = leftForTheShell(t); left == "" {
			return
		}
	}
	t.Errorf("left for the shell: %q", left)
}

func leftForTheShell(t *testing.T) string {
	s := startHelper(t, false)
	s.await("frame 1", 0)
	s.mu.Lock()
	s.after = 50 * time.Millisecond
	s.mu.Unlock()
	s.await("frame 4", 0)
	s.answer("qq")
	s.exit()
	raw := s.termios()
	raw.Lflag &^= unix.ICANON
	raw.Cc[unix.VMIN], raw.Cc[unix.VTIME] = 0, 0
	if err := control(s.tty, func(fd int) error { return unix.IoctlSetTermios(fd, setNow, &raw) }); err != nil {
		t.Fatal(err)
	}
	left := make([]byte, 100)
	n, _ := s.tty.Read(left) // nothing to read is an error
	return string(left[:n])
}

// TestAskKeepsTheScreen: the answers are heard without clearing anything or leaving the line, and the modes are as
// before.
func TestAskKeepsTheScreen(t *testing.T) {
	for _, silent := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "caps")
		s := startHelper(t, silent, askVariable+"="+path)
		s.await("asked", 0)
		s.exit()
		if s.termios() != s.before {
			t.Errorf("silent %v: the modes are other ones", silent)
		}
		caps, err := os.ReadFile(path)
		if err != nil || bytes.Contains(caps, []byte(`"answered":true`)) == silent {
			t.Errorf("silent %v: learnt %s, %v", silent, caps, err)
		}
		s.mu.Lock()
		for _, not := range []string{enterScreen, clearScreen, home, "\n\n"} {
			if bytes.Contains(s.seen, []byte(not)) {
				t.Errorf("silent %v: %q is written", silent, not)
			}
		}
		s.mu.Unlock()
	}
}

// TestCellAfterResize: where only the terminal itself knows its cell, it is asked again after each change of its size,
// which another font brings about too.
func TestCellAfterResize(t *testing.T) {
	s := startHelper(t, false)
	from := s.await("frame 3", s.await(askCellSize, 0))
	if err := pty.Setsize(s.master, &pty.Winsize{Cols: 90, Rows: 20}); err != nil {
		t.Fatal(err)
	}
	s.await(askCellSize, from)
	s.answer("qq")
	s.exit()
}

// A process that was stopped and goes on takes the terminal again.
func TestContinueAfterStop(t *testing.T) {
	s := startHelper(t, false)
	before := s.before
	s.await("frame 2", 0)
	raw := s.termios()
	if err := s.cmd.Process.Signal(unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if err := control(s.tty, func(fd int) error { return unix.IoctlSetTermios(fd, setNow, &before) }); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	from := len(s.seen)
	s.mu.Unlock()
	if err := s.cmd.Process.Signal(unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	from = s.await(enterScreen, from)
	s.await("frame", from)
	s.waitModes(raw)
	s.answer("qq")
	s.exit()
	s.waitModes(before)
}

// Where nobody could continue it, a suspended program goes on by itself.
func TestSuspendWithoutShell(t *testing.T) {
	s := startHelper(t, false)
	s.await("frame 2", 0)
	if err := s.cmd.Process.Signal(unix.SIGTSTP); err != nil {
		t.Fatal(err)
	}
	from := s.await(leaveScreen, 0)
	from = s.await(enterScreen, from)
	s.await("frame", from)
	s.answer("qq")
	s.exit()
}
