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
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The guard's pipe carries lines: "hold SAVED RAW" (the terminal is ours, with
// these modes before and now), "free" (it is not); whatever else comes is the
// report of a crash, which the Go runtime writes there. When the pipe closes
// while the terminal is held, the guard gives it back.
const (
	guardHold = "\x00hold "
	guardFree = "\x00free"
	maxReport = 1 << 20
)

// guard is the process that outlives this one. A nil guard does nothing.
type guard struct {
	pipe *os.File
	cmd  *exec.Cmd
}

// startGuard runs this program once more, in a session of its own so that
// nothing sent to ours reaches it.
func startGuard(d *device, o Options) (*guard, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start guard: %w", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start guard: %w", err)
	}
	defer r.Close()
	// exec makes descriptors that it passes on blocking, so the guard gets
	// the terminal opened once more.
	tty, err := openPath(d.path)
	if err != nil {
		w.Close()
		return nil, fmt.Errorf("start guard: %w", err)
	}
	defer tty.Close()
	cmd := exec.Command(exe)
	cmd.Args[0] = o.Program
	cmd.Env = append(os.Environ(), guardVariable+"="+o.CrashDir, "GOMAXPROCS=1", "GORACE=atexit_sleep_ms=0")
	cmd.ExtraFiles = []*os.File{r, tty}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		w.Close()
		return nil, fmt.Errorf("start guard: %w", err)
	}
	// A crash then ends in SIGABRT instead of an exit code, after which shells
	// put the terminal's modes right even if they are quicker than the guard.
	debug.SetTraceback("crash")
	// Best effort: without it the guard restores but has no report.
	_ = debug.SetCrashOutput(w, debug.CrashOptions{})
	return &guard{pipe: w, cmd: cmd}, nil
}

func (g *guard) hold(d *device) {
	if g != nil && d.saved != nil && d.raw != nil {
		fmt.Fprintf(g.pipe, "%s%x %x\n", guardHold, encodeTermios(d.saved), encodeTermios(d.raw))
	}
}

func (g *guard) free() {
	if g != nil {
		fmt.Fprintf(g.pipe, "%s\n", guardFree)
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

// RunGuard is the guard's main: it reports false at once unless this process
// was started as one. A program that opens terminals with Options.Guard calls it
// first and returns if it ran.
func RunGuard() (ran bool) {
	dir, ran := os.LookupEnv(guardVariable)
	if !ran {
		return false
	}
	signal.Ignore(unix.SIGTTOU, unix.SIGHUP, unix.SIGINT, unix.SIGTERM, unix.SIGQUIT, unix.SIGPIPE)
	// Best effort: the guard should run before the shell does.
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, -10)
	_ = unix.SetNonblock(4, false) // it is; swallow relies on it
	pipe, tty := os.NewFile(3, "pipe"), os.NewFile(4, "terminal")
	w := watched{}
	w.follow(pipe)
	if w.held {
		w.giveBack(tty, filepath.Base(os.Args[0]), dir)
	}
	return true
}

// watched is what a guard knows of the process that it guards.
type watched struct {
	held       bool
	saved, raw *unix.Termios
	report     bytes.Buffer
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
const answersLate = 1500 * time.Millisecond

// giveBack does what Close could not. A shell that has set modes of its own
// meanwhile keeps them.
func (w *watched) giveBack(tty *os.File, program, dir string) {
	d := &device{file: tty, saved: w.saved}
	w.swallow(d)
	if w.ours(d) {
		_ = d.restore() // a terminal that is gone needs nothing
	}
	summary, path := w.keep(dir)
	_, _ = d.write([]byte("\r" + strings.ReplaceAll(crashLine(program, summary, path), "\n", "\r\n")))
}

// swallow brings the screen back and takes in what the terminal still answers.
// The guard learns of the end before the shell does, and Linux lets one reader
// at a time wait at a terminal: a read that is satisfied only by a pause behind
// the last answer keeps the shell from them. One more question, whose answer
// differs from the others', tells when all have come.
func (w *watched) swallow(d *device) {
	if !w.ours(d) { // the shell was quicker, and what comes now is for it
		_, _ = d.write([]byte(leave))
		return
	}
	patient := *w.raw
	patient.Cc[unix.VMIN], patient.Cc[unix.VTIME] = 255, 3
	_ = d.set(setNow, &patient)                   // else the read returns earlier
	_, _ = d.write([]byte(leave + askAttributes)) // a terminal that is gone needs nothing
	read := make(chan struct{})
	go func() { // ends with the process, where the terminal stays silent
		defer close(read)
		readUntilLast(d.file)
	}()
	select {
	case <-read:
	case <-time.After(answersLate):
	}
}

// readUntilLast reads until the answer to DA1 has come, or the terminal is gone.
func readUntilLast(r io.Reader) {
	var p Parser
	buf := make([]byte, 1024)
	for last := false; !last; {
		n, err := r.Read(buf)
		if err != nil {
			return
		}
		p.Feed(buf[:n], func(in Input) { last = last || in.Reply != nil && in.Reply.Kind == AttributesReply })
	}
}

// ours reports whether the terminal still has the modes that we set.
func (w *watched) ours(d *device) bool {
	now, err := d.termios()
	return err == nil && now.Lflag == w.raw.Lflag && now.Iflag == w.raw.Iflag
}

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
