package render

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"acip/frame"
	"acip/internal/testkit/vt"
	"acip/render/internal/cell"
)

// tmux is a terminal that others wrote, on a socket of its own.
type tmux struct {
	t      *testing.T
	socket string
}

// newTmux starts one that shows what is written to the pipe.
func newTmux(t *testing.T, cols, rows int) (m *tmux, pipe *os.File) {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	m = &tmux{t, filepath.Join(t.TempDir(), "s")}
	if err := makeFIFO(m.fifo()); err != nil {
		t.Skip("no named pipes here: ", err)
	}
	m.run("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(cols), "-y", fmt.Sprint(rows),
		"stty raw -echo; exec cat '"+m.fifo()+"'")
	t.Cleanup(func() { m.command("kill-server").Run() })
	m.run("set", "-g", "status", "off")
	m.run("resize-window", "-x", fmt.Sprint(cols), "-y", fmt.Sprint(rows))
	pipe, err := os.OpenFile(m.fifo(), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pipe.Close() })
	return m, pipe
}

func (m *tmux) fifo() string { return m.socket + ".fifo" }

func (m *tmux) command(args ...string) *exec.Cmd {
	c := exec.Command("tmux", append([]string{"-u", "-S", m.socket}, args...)...)
	c.Env = append(os.Environ(), "TMUX=", "TERM=xterm-256color", "LC_ALL=C.UTF-8")
	return c
}

func (m *tmux) run(args ...string) string {
	m.t.Helper()
	out, err := m.command(args...).CombinedOutput()
	if err != nil {
		m.t.Skipf("tmux does not run here: %v: %s", err, out)
	}
	return string(out)
}

// screen waits until the pane shows mark in its last row, and replays the capture.
func (m *tmux) screen(mark string, cols, rows int) *vt.Terminal {
	m.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		lines := strings.Split(strings.TrimSuffix(m.run("capture-pane", "-e", "-p", "-N"), "\n"), "\n")
		if len(lines) == rows && strings.Contains(lines[rows-1], mark) {
			v := vt.New(cols, rows)
			v.Clear()
			for y, l := range lines {
				if _, err := v.Write([]byte(fmt.Sprintf("\x1b[%d;1H\x1b[?7l%s", y+1, l))); err != nil {
					m.t.Fatal(err)
				}
			}
			return v
		}
	}
	m.t.Fatalf("%q does not appear:\n%s", mark, m.run("capture-pane", "-p"))
	return nil
}

// TestReplayInTmux holds what tmux shows against the canvas, after frames, overlays and changes of style.
func TestReplayInTmux(t *testing.T) {
	const cols, rows = 40, 12
	m, pipe := newTmux(t, cols, rows)
	c := NewCanvas(cols, rows, Style{})
	for n, s := range []Style{{Glyphs: Half}, {Glyphs: Quadrant}, {Glyphs: Braille}, {Glyphs: Half, Color: Color256}, {Glyphs: ASCII}, {Glyphs: Quadrant, Color: Color16}, {Glyphs: ASCII, Color: Mono}} {
		c.SetStyle(s)
		for k := range 3 {
			c.Picture(frame.Rect{X: k, W: cols - 2*k, H: rows - 1}, moving(96, 64, 3*n+k, 2), PictureOptions{Fit: frame.Cover})
			c.Text(3+n, 2+k, "日本 é over", TextStyle{FG: Indexed(uint8(n + 1)), Attr: cell.Underline})
			mark := fmt.Sprintf("mark %d %d", n, k)
			c.Fill(frame.Rect{Y: rows - 1, W: cols, H: 1}, TextStyle{})
			c.Text(0, rows-1, mark, TextStyle{})
			if _, err := pipe.Write(c.Append(nil)); err != nil {
				t.Fatal(err)
			}
			if err := compare(c, c.shown, m.screen(mark, cols, rows)); err != nil {
				t.Fatalf("style %d, picture %d: %v", n, k, err)
			}
		}
	}
}
