//go:build !windows

package term

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// localDevice is the terminal as a file of our own: opened anew, so that making it non-blocking changes nothing for
// those who share standard output.
type localDevice struct {
	file  *os.File
	path  string // under which it can be opened again
	ended atomic.Bool
	saved *unix.Termios // as it was found; nil before makeRaw
	raw   *unix.Termios
}

// openDevice opens the terminal behind out, or the controlling one.
func openDevice(out *os.File) (*localDevice, error) {
	path, err := "/dev/tty", error(ErrNoTerminal)
	var file *os.File
	if out != nil {
		if path, err = terminalPath(out); err == nil {
			file, err = openPath(path)
		}
	}
	if err != nil {
		// Another user's terminal, after su, opens only by this name.
		path = "/dev/tty"
		file, err = openPath(path)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoTerminal, err)
	}
	// A background process that writes to its terminal or sets its modes is stopped by SIGTTOU, unless it ignores it. A
	// stopped process is deaf to SIGTERM, so this one looks for itself whether the terminal is its own.
	signal.Ignore(unix.SIGTTOU)
	d := &localDevice{file: file, path: path}
	if _, err := d.termios(); err != nil {
		file.Close()
		return nil, fmt.Errorf("%w: %w", ErrNoTerminal, err)
	}
	return d, nil
}

// IsTerminal reports whether f is a terminal.
func IsTerminal(f *os.File) bool {
	return f != nil && control(f, func(fd int) error {
		_, err := unix.IoctlGetTermios(fd, getTermios)
		return err
	}) == nil
}

// SizeOf returns the columns and rows of the terminal f. ok is false if f is no terminal or its size is unknown.
func SizeOf(f *os.File) (cols, rows int, ok bool) {
	if f == nil {
		return 0, 0, false
	}
	w, err := winsize(f)
	if err != nil || w.Col == 0 || w.Row == 0 {
		return 0, 0, false
	}
	return int(w.Col), int(w.Row), true
}

func winsize(f *os.File) (w *unix.Winsize, err error) {
	err = control(f, func(fd int) error {
		w, err = unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ)
		return err
	})
	return w, err
}

func openPath(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
}

// control runs f with the descriptor, which File.Fd would make blocking.
func (d *localDevice) control(f func(fd int) error) error { return control(d.file, f) }

func control(file *os.File, f func(fd int) error) error {
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}

func (d *localDevice) termios() (t *unix.Termios, err error) {
	err = d.control(func(fd int) error {
		t, err = unix.IoctlGetTermios(fd, getTermios)
		return err
	})
	return t, err
}

// makeRaw saves the modes and turns off echo, lines and translations. Signal keys stay: Ctrl-C and Ctrl-Z then reach
// all of a pipeline, and work whatever this process is busy with. NOFLSH keeps them from cutting answers in two.
func (d *localDevice) makeRaw() error {
	t, err := d.termios()
	if err != nil {
		return fmt.Errorf("terminal modes: %w", err)
	}
	saved := *t
	t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.IEXTEN
	t.Lflag |= unix.ISIG | unix.NOFLSH
	t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	if d.raw == nil || saved.Lflag != d.raw.Lflag {
		d.saved = &saved
	}
	d.raw = t
	return d.set(setNow, t)
}

func (d *localDevice) set(request uint, t *unix.Termios) error {
	err := d.control(func(fd int) error { return unix.IoctlSetTermios(fd, request, t) })
	if err != nil {
		return fmt.Errorf("terminal modes: %w", err)
	}
	return nil
}

// restore sets the modes as they were found and discards unread input, so that no half of an answer is left for the
// shell. A terminal that is gone needs nothing. In the background the terminal is another's, with modes of its own, and
// so is the input: only modes that are still ours are taken back.
func (d *localDevice) restore() error {
	if d.saved == nil {
		return nil
	}
	how := uint(setFlush)
	if !d.foreground() {
		if now, err := d.termios(); err != nil || !same(now, d.raw) {
			return nil
		}
		how = setNow
	}
	if err := d.set(how, d.saved); err != nil && !gone(err) {
		return err
	}
	return nil
}

// foreground reports whether the terminal is this process's to use: job control lets only one process group read from
// it. Where there is no job control on it, as on a terminal that is not the controlling one, it is.
func (d *localDevice) foreground() (is bool) {
	err := d.control(func(fd int) error {
		is = mayRead(fd)
		return nil
	})
	return is || err != nil
}

func mayRead(fd int) bool {
	group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp()
}

// gone recognizes the errors of a terminal that was closed under us.
func gone(err error) bool {
	return errors.Is(err, unix.EIO) || errors.Is(err, unix.ENXIO) || errors.Is(err, unix.ENOTTY)
}

func (d *localDevice) size() Window {
	w, err := winsize(d.file)
	if err != nil || w.Col == 0 || w.Row == 0 {
		return Window{Cols: 80, Rows: 24}
	}
	return Window{Cols: int(w.Col), Rows: int(w.Row), Width: int(w.Xpixel), Height: int(w.Ypixel)}
}

// read waits for input at most as long as timeout, or for ever if it is 0: os.ErrDeadlineExceeded when none came.
func (d *localDevice) read(b []byte, timeout time.Duration) (int, error) {
	var deadline time.Time
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	if err := d.file.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	if d.ended.Load() {
		return 0, os.ErrDeadlineExceeded
	}
	raw, err := d.file.SyscallConn()
	if err != nil {
		return 0, err
	}
	var n int
	var inner error
	err = raw.Read(func(fd uintptr) bool {
		if !mayRead(int(fd)) { // reading would stop this process
			n, inner = 0, errBackground
			return true
		}
		n, inner = unix.Read(int(fd), b)
		return inner != unix.EAGAIN && inner != unix.EINTR
	})
	switch {
	case err != nil:
		return 0, err
	case inner != nil:
		return 0, inner
	case n <= 0:
		return 0, io.EOF
	}
	return n, nil
}

func (d *localDevice) write(b []byte) (int, error) { return d.file.Write(b) }

// bound gives writes a deadline from now, those under way included; 0 takes it away.
func (d *localDevice) bound(limit time.Duration) {
	var end time.Time
	if limit > 0 {
		end = time.Now().Add(limit)
	}
	// Only files that cannot be waited for refuse a deadline.
	_ = d.file.SetWriteDeadline(end)
}

// interrupt ends a read under way and all that follow.
func (d *localDevice) interrupt() {
	d.ended.Store(true)
	_ = d.file.SetReadDeadline(time.Unix(1, 0))
}

func (d *localDevice) stopped() bool { return d.ended.Load() }

func (d *localDevice) close() error { return d.file.Close() }

// encodeTermios and decodeTermios carry modes to the guard.
func encodeTermios(t *unix.Termios) []byte {
	b, _ := binary.Append(nil, binary.NativeEndian, t)
	return b
}

func decodeTermios(b []byte) (*unix.Termios, error) {
	t := new(unix.Termios)
	_, err := binary.Decode(b, binary.NativeEndian, t)
	return t, err
}
