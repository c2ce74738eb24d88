//go:build linux || darwin

package term

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// tmux is a real terminal with a real shell in it.
type tmux struct {
	t        *testing.T
	dir, exe string
}

func startTmux(t *testing.T) *tmux {
	t.Helper()
	for _, need := range []string{"tmux", "bash", "stty"} {
		if _, err := exec.LookPath(need); err != nil {
			t.Skipf("%s is not installed", need)
		}
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	m := &tmux{t: t, dir: t.TempDir(), exe: exe}
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", m.file("socket"), "kill-server").Run() })
	m.run("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", "bash --norc --noprofile -i")
	m.typed("PS1='ready> '; unset PROMPT_COMMAND")
	m.until("a prompt", func() bool { return strings.Contains(m.screen(), "\nready>") })
	return m
}

func (m *tmux) file(name string) string { return filepath.Join(m.dir, name) }

func (m *tmux) run(args ...string) string {
	m.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", m.file("socket")}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TERM=xterm-256color", "TMUX=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %v: %v: %s", args, err, out)
	}
	return string(out)
}

func (m *tmux) typed(line string) { m.run("send-keys", "-l", line); m.run("send-keys", "Enter") }

func (m *tmux) screen() string { return m.run("capture-pane", "-p") }

func (m *tmux) modes() string {
	return strings.TrimSpace(m.run("display-message", "-p", "alternate #{alternate_on} cursor #{cursor_flag} wrap #{wrap_flag} mouse #{mouse_any_flag} insert #{insert_flag}"))
}

// until waits for what only another process can bring about.
func (m *tmux) until(what string, ok func() bool) {
	m.t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(patience); !ok(); <-look.C {
		if time.Now().After(end) {
			m.t.Fatalf("no %s; modes %s; screen:\n%s", what, m.modes(), m.screen())
		}
	}
}

// stty asks a program in the shell for the terminal's modes.
func (m *tmux) stty() string {
	m.t.Helper()
	path := m.file("stty")
	_ = os.Remove(path)
	m.typed("stty -a > " + path + ".new && mv " + path + ".new " + path)
	m.until("answer of stty", func() bool { _, err := os.Stat(path); return err == nil })
	b, err := os.ReadFile(path)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(b)
}

// helper starts the program in the shell and returns its process once it draws.
func (m *tmux) helper() int {
	m.t.Helper()
	pid := m.file("pid")
	m.typed(fmt.Sprintf("sh -c 'echo $$ > %s; export %s=%s; exec %s'", pid, helperVariable, m.dir, m.exe))
	m.until("picture", func() bool {
		return strings.Contains(m.screen(), "frame ") && strings.HasPrefix(m.modes(), "alternate 1")
	})
	b, err := os.ReadFile(pid)
	if err != nil {
		m.t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		m.t.Fatal(err)
	}
	return n
}

func TestTmuxWaysOut(t *testing.T) {
	keys := func(k string) func(*tmux, int) { return func(m *tmux, _ int) { m.run("send-keys", k) } }
	kill := func(s unix.Signal) func(*tmux, int) {
		return func(m *tmux, pid int) {
			if err := unix.Kill(pid, s); err != nil {
				m.t.Error(err)
			}
		}
	}
	ways := []struct {
		name string
		out  func(*tmux, int)
		says string
	}{
		{"q", keys("q"), ""}, {"error", keys("e"), ""}, {"ctrl-c", keys("C-c"), ""}, {"ctrl-backslash", keys(`C-\`), ""},
		{"TERM", kill(unix.SIGTERM), ""}, {"HUP", kill(unix.SIGHUP), ""}, {"QUIT", kill(unix.SIGQUIT), ""},
		{"KILL", kill(unix.SIGKILL), "error: killed"}, {"panic", keys("p"), "error: crashed: panic: a goroutine"},
	}
	m := startTmux(t)
	stty, modes := m.stty(), m.modes()
	for _, tt := range ways {
		pid := m.helper()
		tt.out(m, pid)
		m.until("end of "+tt.name, func() bool { return unix.Kill(pid, 0) != nil })
		m.until("restored screen after "+tt.name, func() bool { return m.modes() == modes })
		if tt.says != "" {
			m.until("line about "+tt.name, func() bool { return strings.Contains(m.screen(), tt.says) })
			// On a machine so busy that the shell runs before the guard, it can get the end of an answer: all other
			// ways out leave nothing.
			m.run("send-keys", "C-u")
		}
		m.typed("echo back from " + strings.ReplaceAll(tt.name, "-", "_"))
		m.until("prompt after "+tt.name, func() bool {
			return strings.Contains(m.screen(), "\nback from "+strings.ReplaceAll(tt.name, "-", "_")+"\n")
		})
		if now := m.stty(); now != stty {
			t.Errorf("%s leaves modes\n%s\nwant\n%s", tt.name, now, stty)
		}
		if s := m.screen(); strings.Contains(s, "[0n") || strings.Contains(s, ";1R") || strings.Contains(s, "rgb:") {
			t.Errorf("%s leaves answers in the shell:\n%s", tt.name, s)
		}
	}
}

func TestTmuxStopAndContinue(t *testing.T) {
	m := startTmux(t)
	stty, modes := m.stty(), m.modes()
	pid := m.helper()
	for round := range 2 {
		m.run("send-keys", "C-z")
		m.until("shell while stopped", func() bool { return m.modes() == modes && strings.Count(m.screen(), "Stopped") > round })
		if now := m.stty(); now != stty {
			t.Errorf("while stopped the modes are\n%s\nwant\n%s", now, stty)
		}
		m.typed("fg")
		m.until("picture after fg", func() bool {
			return strings.HasPrefix(m.modes(), "alternate 1 cursor 0 wrap 0") && strings.Contains(m.screen(), "frame ")
		})
	}
	m.run("send-keys", "q")
	m.until("end", func() bool { return unix.Kill(pid, 0) != nil })
	m.until("restored screen", func() bool { return m.modes() == modes })
	if now := m.stty(); now != stty {
		t.Errorf("at the end the modes are\n%s\nwant\n%s", now, stty)
	}
}

// A program whose shell is killed ends too.
func TestTmuxShellGone(t *testing.T) {
	m := startTmux(t)
	m.run("set-option", "-g", "remain-on-exit", "on")
	shell, err := strconv.Atoi(strings.TrimSpace(m.run("display-message", "-p", "#{pane_pid}")))
	if err != nil {
		t.Fatal(err)
	}
	pid := m.helper()
	if err := unix.Kill(shell, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	m.until("end", func() bool { return unix.Kill(pid, 0) != nil })
}
