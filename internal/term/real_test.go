//go:build linux || darwin

package term

import (
	"encoding/json"
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
)

// within runs a command on a pseudo-terminal, the helper being what it runs in its own terminal, and returns what the
// helper has learnt. Answers to the outer terminal are given by other, which reads and writes the master.
func within(t *testing.T, env []string, other func(master *os.File), command ...string) map[string]any {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	defer master.Close()
	if err := pty.Setsize(master, &pty.Winsize{Cols: 80, Rows: 24}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "caps")
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "SHELL=/bin/sh",
		helperVariable + "=" + t.TempDir(), capsVariable + "=" + path,
	}, env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	defer group.Wait()
	group.Go(func() { other(master) })
	defer tty.Close() // ends other, with the programs
	ended := make(chan error, 1)
	group.Go(func() { ended <- cmd.Wait() })
	select {
	case <-ended:
	case <-time.After(patience):
		_ = cmd.Process.Kill()
		t.Fatalf("%v does not end", command)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: nothing was learnt: %v", command, err)
	}
	var caps map[string]any
	if err := json.Unmarshal(b, &caps); err != nil {
		t.Fatal(err)
	}
	return caps
}

// silentTerminal takes what is drawn and answers nothing.
func silentTerminal(master *os.File) { _, _ = io.Copy(io.Discard, master) }

func helperPath(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("%s is not installed", p)
		}
	}
}

// learns holds what was learnt against what is true.
func learns(t *testing.T, caps map[string]any, want map[string]any) {
	t.Helper()
	for k, v := range want {
		if caps[k] != v {
			t.Errorf("%s is %v, want %v; learnt: %v", k, caps[k], v, caps)
		}
	}
}

// TestRealMultiplexers: what the real programs say of themselves, whatever the terminal around them has left in the
// environment.
func TestRealMultiplexers(t *testing.T) {
	inherited := []string{"COLORTERM=truecolor"}
	t.Run("screen", func(t *testing.T) {
		need(t, "screen")
		dir := filepath.Join(t.TempDir(), "s")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		env := append([]string{"SCREENDIR=" + dir}, inherited...)
		caps := within(t, env, silentTerminal, "screen", "-c", "/dev/null", helperPath(t))
		want := map[string]any{"multiplexer": "screen", "color": "256", "answered": true, "no_sextants": false}
		if version, err := exec.Command("screen", "-v").Output(); err == nil && strings.Contains(string(version), "version 5") {
			want["color"] = "truecolor"
		}
		learns(t, caps, want)
	})
	t.Run("tmux", func(t *testing.T) {
		need(t, "tmux")
		socket := filepath.Join(t.TempDir(), "t")
		caps := within(t, inherited, silentTerminal, "tmux", "-S", socket, "-f", "/dev/null", "new", helperPath(t))
		learns(t, caps, map[string]any{"multiplexer": "tmux", "answered": true, "no_sextants": false})
		if version, err := exec.Command("tmux", "-V").Output(); err == nil && strings.Contains(string(version), "3.3a") {
			learns(t, caps, map[string]any{"no_octants": true})
		}
	})
	t.Run("mosh", func(t *testing.T) {
		need(t, "mosh-server", "mosh-client", "sed")
		caps := within(t, nil, silentTerminal, "sh", "-c", `
			set -- $(mosh-server new -i 127.0.0.1 -- "$0" 2>&1 </dev/null | sed -n 's/^MOSH CONNECT //p')
			MOSH_KEY=$2 exec mosh-client 127.0.0.1 "$1"`, helperPath(t))
		learns(t, caps, map[string]any{"answered": true, "no_sextants": false})
		if version, err := exec.Command("getconf", "GNU_LIBC_VERSION").Output(); err == nil && strings.HasPrefix(string(version), "glibc 2.36") {
			learns(t, caps, map[string]any{"no_octants": true}) // its tables are of Unicode 15
		}
	})
}

// TestXtermJS: the terminal of VS Code, ttyd and JupyterLab, without its name (6.0.0) and with it.
func TestXtermJS(t *testing.T) {
	need(t, "node", "npm")
	dir := t.TempDir()
	for _, name := range []string{"package.json", "terminal.js"} {
		b, err := os.ReadFile(filepath.Join("testdata", "xtermjs", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	install := exec.Command("npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("@xterm/headless cannot be installed: %v: %s", err, out)
	}
	for _, version := range []string{"unnamed", "named"} {
		for _, env := range []string{"COLORTERM=truecolor", "COLORTERM="} {
			t.Run(version+" "+env, func(t *testing.T) {
				caps := within(t, []string{env}, func(master *os.File) {
					node := exec.Command("node", "terminal.js", version)
					node.Dir, node.Stdin, node.Stdout = dir, master, master
					if err := node.Run(); err != nil {
						t.Log(err) // the terminal's end
					}
				}, helperPath(t))
				learns(t, caps, map[string]any{"color": "truecolor", "answered": true, "wide_blocks": false, "no_sextants": false})
			})
		}
	}
}
