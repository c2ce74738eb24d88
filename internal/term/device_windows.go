package term

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/windows"
)

// localDevice is the console: its input and its screen buffer.
type localDevice struct {
	in, out  *os.File
	ended    atomic.Bool
	savedIn  uint32
	savedOut uint32
	held     bool
}

// openDevice opens the console of this process, whatever standard output is.
func openDevice(*os.File) (*localDevice, error) {
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoTerminal, err)
	}
	out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoTerminal, errors.Join(err, in.Close()))
	}
	return &localDevice{in: in, out: out}, nil
}

// IsTerminal reports whether f is a console.
func IsTerminal(f *os.File) bool {
	var mode uint32
	return f != nil && windows.GetConsoleMode(windows.Handle(f.Fd()), &mode) == nil
}

// SizeOf returns the columns and rows of the console f. ok is false if f is no console.
func SizeOf(f *os.File) (cols, rows int, ok bool) {
	var info windows.ConsoleScreenBufferInfo
	if f == nil || windows.GetConsoleScreenBufferInfo(windows.Handle(f.Fd()), &info) != nil {
		return 0, 0, false
	}
	return int(info.Window.Right-info.Window.Left) + 1, int(info.Window.Bottom-info.Window.Top) + 1, true
}

// foreground returns true: there is no job control here.
func (d *localDevice) foreground() bool { return true }

// makeRaw asks for virtual-terminal input and output. Ctrl-C stays a signal.
func (d *localDevice) makeRaw() error {
	in, out := windows.Handle(d.in.Fd()), windows.Handle(d.out.Fd())
	if !d.held {
		if err := errors.Join(windows.GetConsoleMode(in, &d.savedIn), windows.GetConsoleMode(out, &d.savedOut)); err != nil {
			return fmt.Errorf("console modes: %w", err)
		}
		d.held = true
	}
	rawIn := d.savedIn&^(windows.ENABLE_ECHO_INPUT|windows.ENABLE_LINE_INPUT) | windows.ENABLE_VIRTUAL_TERMINAL_INPUT | windows.ENABLE_PROCESSED_INPUT
	rawOut := d.savedOut | windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING | windows.DISABLE_NEWLINE_AUTO_RETURN
	if err := errors.Join(windows.SetConsoleMode(in, rawIn), windows.SetConsoleMode(out, rawOut)); err != nil {
		return fmt.Errorf("console modes: %w", err)
	}
	return nil
}

func (d *localDevice) restore() error {
	if !d.held {
		return nil
	}
	in, out := windows.Handle(d.in.Fd()), windows.Handle(d.out.Fd())
	return errors.Join(windows.SetConsoleMode(in, d.savedIn), windows.SetConsoleMode(out, d.savedOut))
}

func (d *localDevice) size() Window {
	var info windows.ConsoleScreenBufferInfo
	if windows.GetConsoleScreenBufferInfo(windows.Handle(d.out.Fd()), &info) != nil {
		return Window{Cols: 80, Rows: 24}
	}
	w := info.Window
	return Window{Cols: int(w.Right-w.Left) + 1, Rows: int(w.Bottom-w.Top) + 1}
}

// slice is how often a read looks whether it was interrupted: a console read itself cannot be.
const slice = 30 * time.Millisecond

func (d *localDevice) read(b []byte, timeout time.Duration) (int, error) {
	begun := time.Now()
	for !d.ended.Load() && (timeout == 0 || time.Since(begun) < timeout) {
		event, err := windows.WaitForSingleObject(windows.Handle(d.in.Fd()), uint32(slice/time.Millisecond))
		if err != nil {
			return 0, err
		}
		if event == windows.WAIT_OBJECT_0 {
			return d.in.Read(b)
		}
	}
	return 0, os.ErrDeadlineExceeded
}

func (d *localDevice) write(b []byte) (int, error) { return d.out.Write(b) }

// bound does nothing: a console takes what it is given.
func (d *localDevice) bound(time.Duration) {}

func (d *localDevice) interrupt() { d.ended.Store(true) }

func (d *localDevice) stopped() bool { return d.ended.Load() }

func (d *localDevice) close() error { return errors.Join(d.in.Close(), d.out.Close()) }
