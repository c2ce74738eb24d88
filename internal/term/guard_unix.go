//go:build !windows

package term

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The guard's pipe carries lines: "hold SAVED RAW" (the terminal is ours, with these modes before and now), "free" (it
// is not), "answered" (the questions of the beginning are); whatever else comes is the report of a crash, which the Go
// runtime writes there. When the pipe closes while the terminal is held, the guard gives it back.
const (
	guardHold = "\x00hold "
	guardFree = "\x00free"
	guardTold = "\x00answered"
	maxReport = 1 << 20
)

// guard is the process that outlives this one. A nil guard does nothing.
type guard struct {
	pipe *os.File
	cmd  *exec.Cmd
}

// startGuard runs this program once more, in a session of its own so that nothing sent to ours reaches it.
func startGuard(d *localDevice, o Options) (*guard, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start guard: %w", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start guard: %w", err)
	}
	defer r.Close()
	// exec makes descriptors that it passes on blocking, so the guard gets the terminal opened once more.
	tty, err := openPath(d.path)
	if err != nil {
		w.Close()
		return nil, fmt.Errorf("start guard: %w", err)
	}
	defer tty.Close()
	cmd := exec.Command(exe)
	cmd.Args[0] = o.Program
	cmd.Env = append(os.Environ(), guardVariable+"="+o.CrashDir, "GOMAXPROCS=2", "GORACE=atexit_sleep_ms=0")
	cmd.ExtraFiles = []*os.File{r, tty}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		w.Close()
		return nil, fmt.Errorf("start guard: %w", err)
	}
	// A crash then ends in SIGABRT instead of an exit code, after which shells put the terminal's modes right even if
	// they are quicker than the guard.
	debug.SetTraceback("crash")
	// Best effort: without it the guard restores but has no report.
	_ = debug.SetCrashOutput(w, debug.CrashOptions{})
	return &guard{pipe: w, cmd: cmd}, nil
}

func (g *guard) hold(d *localDevice) {
	if g != nil && d.saved != nil && d.raw != nil {
		fmt.Fprintf(g.pipe, "%s%x %x\n", guardHold, encodeTermios(d.saved), encodeTermios(d.raw))
	}
}

func (g *guard) free() {
	if g != nil {
		fmt.Fprintf(g.pipe, "%s\n", guardFree)
	}
}

// answered says that DA1 was: it is not to be waited for any more.
func (g *guard) answered() {
	if g != nil {
		fmt.Fprintf(g.pipe, "%s\n", guardTold)
	}
}

// release ends the guard: the terminal is as it was.
func (g *guard) release() {
	if g == nil {
		return
	}
	_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
	g.free()
	g.pipe.Close()
	late := time.AfterFunc(time.Second, func() { _ = g.cmd.Process.Kill() })
	_ = g.cmd.Wait() // its end matters, not its status
	late.Stop()
}

// RunGuard is the guard's main: it reports false at once unless this process was started as one. A program that opens
// terminals with Options.Guard calls it first and returns if it ran.
func RunGuard() (ran bool) {
	dir, ran := os.LookupEnv(guardVariable)
	if !ran {
		return false
	}
	signal.Ignore(unix.SIGTTOU, unix.SIGHUP, unix.SIGINT, unix.SIGTERM, unix.SIGQUIT, unix.SIGPIPE)
	_ = unix.SetNonblock(4, false) // it is; swallow relies on it
	w := watched{tty: &localDevice{file: os.NewFile(4, "terminal")}, ended: make(chan struct{}), quiet: make(chan struct{})}
	go w.watch(os.NewFile(3, "pipe")) // ends with the process, where the terminal stays silent
	<-w.ended
	if w.held {
		select {
		case <-w.quiet:
		case <-time.After(answersLate):
		}
		w.giveBack(filepath.Base(os.Args[0]), dir)
	}
	return true
}

// watched is what a guard knows of the process that it guards.
type watched struct {
	held         bool
	answered     bool // the first questions are
	saved, raw   *unix.Termios
	report       bytes.Buffer
	tty          *localDevice
	swallowModes unix.Termios  // the modes of swallow
	ended        chan struct{} // closed when the process has
	quiet        chan struct{} // closed when the terminal has answered all
}

// watch waits for the end of the process and takes the terminal over. One thread does both: handing over to another
// would take time, in which the shell reads what is not meant for it.
func (w *watched) watch(pipe io.Reader) {
	runtime.LockOSThread()
	hasten()
	w.follow(pipe)
	if w.held {
		w.swallowModes, w.tty.saved = *w.raw, w.saved
		w.swallowModes.Cc[unix.VMIN], w.swallowModes.Cc[unix.VTIME] = 255, 3
		now, err := w.tty.termios()
		_ = w.tty.set(setNow, &w.swallowModes) // a terminal that is gone needs nothing
		if err == nil && !same(now, w.raw) {
			w.tty.saved = now // a shell was quicker, and has modes of its own
		}
		close(w.ended)
		w.swallow()
	} else {
		close(w.ended)
	}
	close(w.quiet)
}

// follow reads the pipe until it closes, which is when the process has ended.
func (w *watched) follow(pipe io.Reader) {
	lines := bufio.NewReader(pipe)
	for {
		line, err := lines.ReadString('\n')
		switch {
		case strings.HasPrefix(line, guardHold):
			w.hold(strings.TrimPrefix(line, guardHold))
		case strings.HasPrefix(line, guardFree):
			w.held = false
		case strings.HasPrefix(line, guardTold):
			w.answered = true
		case w.report.Len() < maxReport:
			w.report.WriteString(line)
		}
		if err != nil {
			return
		}
	}
}

func (w *watched) hold(line string) {
	saved, raw, _ := strings.Cut(strings.TrimSpace(line), " ")
	a, errA := decodeHex(saved)
	b, errB := decodeHex(raw)
	if errA == nil && errB == nil {
		w.held, w.saved, w.raw = true, a, b
	}
}

func decodeHex(s string) (*unix.Termios, error) {
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, err
	}
	return decodeTermios(b)
}

// answersLate is how long answers to a dead process's questions are awaited.
const answersLate = 3 * time.Second

// giveBack does the rest of what Close could not. Modes that somebody has set meanwhile stay.
func (w *watched) giveBack(program, dir string) {
	if now, err := w.tty.termios(); err == nil && same(now, &w.swallowModes) {
		_ = w.tty.restore() // a terminal that is gone needs nothing
	}
	summary, path := w.keep(dir)
	_, _ = w.tty.write([]byte("\r" + strings.ReplaceAll(crashLine(program, summary, path), "\n", "\r\n")))
}

// swallow brings the screen back and takes in what the terminal still answers, so that no letter of it is typed into
// the shell. Linux lets one reader at a time have a terminal: a read that is satisfied only by a pause behind the last
// answer keeps a shell from them, even one that waits already. One more question tells when all have come.
func (w *watched) swallow() {
	_, _ = w.tty.write([]byte(leave + askAttributes)) // a terminal that is gone needs nothing
	due := 1
	if !w.answered {
		due = 2 // the dead process's own question is still open
	}
	readUntilLast(w.tty.file, due)
}

// readUntilLast reads until DA1 has been answered so many times, or the terminal is gone.
func readUntilLast(r io.Reader, due int) {
	var p parser
	buf := make([]byte, 1024)
	for due > 0 {
		n, err := r.Read(buf)
		if err != nil {
			return
		}
		p.Feed(buf[:n], func(in input) {
			if in.Reply != nil && in.Reply.Kind == attributesReply {
				due--
			}
		})
	}
}

// same reports whether these are the modes of one owner.
func same(a, b *unix.Termios) bool { return a.Lflag == b.Lflag && a.Iflag == b.Iflag }

// keep writes the report to a file and returns its first line and place.
func (w *watched) keep(dir string) (summary, path string) {
	if w.report.Len() == 0 {
		return "", ""
	}
	summary, _, _ = strings.Cut(w.report.String(), "\n")
	summary = printable(summary[:min(len(summary), 64)])
	if dir == "" || os.MkdirAll(dir, 0o700) != nil {
		return summary, ""
	}
	f, err := os.CreateTemp(dir, "crash-"+time.Now().Format("20060102-150405")+"-*.txt")
	if err != nil {
		return summary, ""
	}
	defer f.Close()
	if _, err := f.Write(w.report.Bytes()); err != nil {
		return summary, ""
	}
	return summary, f.Name()
}
