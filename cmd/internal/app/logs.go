package app

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// levels are the names of log levels, most first.
func levels() []string { return []string{"trace", "debug", "info", "warn", "error", "off"} }

// logs is where a program's log goes.
type logs struct {
	stderr io.Writer
	rest   io.Writer   // takes what the file does not: standard error, or nothing behind a full screen
	lost   func(error) // told once, when the log can no longer be written

	mu   sync.Mutex
	file *os.File
	path string
	wait bool      // the file is made when there is an error to tell
	kept bool      // a line has been written
	err  error     // what ended the log
	next io.Writer // where lines go when the file takes no more
}

// open is the logger that the options ask for.
func (l *logs) open(in *Input, screen bool) (zerolog.Logger, error) {
	l.path = in.Text("log-file")
	named := l.path != ""
	l.wait = screen && !named && !in.Given("log-level")
	l.rest = l.stderr
	if screen {
		l.rest = io.Discard
	}
	if screen && !named {
		if dir := in.StateDir(); dir != "" {
			l.path = filepath.Join(dir, in.Program.Name+".log")
		}
	}
	if named || screen && l.path != "" && !l.wait {
		if err := l.create(); err != nil {
			return zerolog.Nop(), err
		}
	}
	var w io.Writer = l.stderr
	console := in.Text("log-format") == "console" || in.Text("log-format") == "auto" && !named && !screen && isTerminal(l.stderr)
	if named || screen {
		w = l
	}
	if console {
		plain := named || screen || in.Getenv("NO_COLOR") != "" || !isTerminal(l.stderr)
		w = zerolog.ConsoleWriter{Out: w, NoColor: plain, TimeFormat: "15:04:05.000"}
	}
	log := zerolog.New(leveled{w, l}).Level(parseLevel(in.Text("log-level"))).Hook(stamp{})
	log.Debug().Str("command", in.Command.Name).Str("version", ReadVersion().Number).Msg("started")
	return log, nil
}

func parseLevel(s string) zerolog.Level {
	if s == "off" {
		return zerolog.Disabled
	}
	level, err := zerolog.ParseLevel(s)
	if err != nil {
		return zerolog.InfoLevel // cannot be: the option offers only levels
	}
	return level
}

// stamp writes the time with milliseconds, without a setting of the whole process.
type stamp struct{}

// Run implements zerolog.Hook.
func (stamp) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	e.Str("time", time.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00"))
}

// leveled makes the file that waits for an error.
type leveled struct {
	io.Writer
	logs *logs
}

// WriteLevel implements zerolog.LevelWriter.
func (w leveled) WriteLevel(level zerolog.Level, p []byte) (int, error) {
	if w.logs.hold(level) {
		return len(p), nil
	}
	return w.Write(p)
}

// hold reports whether a line is not to be written: no file was asked for and nothing is wrong.
func (l *logs) hold(level zerolog.Level) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.wait {
		return false
	}
	if level < zerolog.ErrorLevel || l.path == "" {
		return true
	}
	l.wait = false
	if err := l.createLocked(); err != nil {
		l.path, l.wait = "", true // nobody asked for it: no reason to end a call
	}
	return l.wait
}

func (l *logs) create() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.createLocked()
}

func (l *logs) createLocked() error {
	err := os.MkdirAll(filepath.Dir(l.path), 0o755)
	if err == nil {
		l.file, err = os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	}
	if err != nil {
		return logError(l.path, err)
	}
	return nil
}

func logError(path string, err error) error {
	e := &Error{Msg: fmt.Sprintf("log file %s: %s", path, cause(err)), Exit: ExitFailed, Err: err}
	return e.hint("name a file that can be written: --log-file PATH, or leave it out to log to standard error")
}

// Write implements io.Writer. A file that never took a line ends the program: it was told to keep a log and cannot. One
// that fills up later does not end calls that are going on; lines go to standard error then.
func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next != nil {
		return l.next.Write(p)
	}
	if l.file == nil || l.err != nil {
		return len(p), nil
	}
	_, err := l.file.Write(p)
	switch {
	case err == nil:
		l.kept = true
	case l.kept:
		l.next = l.rest
		fmt.Fprintf(l.rest, "%s\n", clean(logError(l.path, err).Error()))
	default:
		l.err = logError(l.path, err)
		l.lost(l.err)
	}
	return len(p), nil
}

// close ends the log and tells whether all of it was kept.
func (l *logs) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	if l.err == nil && l.next == nil && err != nil {
		l.err = logError(l.path, err)
	}
	return l.err
}

// isTerminal reports whether a writer is a terminal, or another device that takes characters.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
