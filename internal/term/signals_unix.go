//go:build !windows

package term

import (
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// notify has signals delivered, until shut.
func (t *Terminal) notify() {
	signal.Notify(t.signals, unix.SIGWINCH, unix.SIGTSTP, unix.SIGCONT, unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT)
}

// watch turns signals and changes of a Device's size into events.
func (t *Terminal) watch() {
	defer t.group.Done()
	quiet := time.NewTimer(time.Hour)
	defer quiet.Stop()
	for {
		select {
		case <-t.done:
			return
		case <-quiet.C:
			t.resized()
		case <-t.sizeChanged():
			quiet.Reset(resizeQuiet)
		case s := <-t.signals:
			if s == unix.SIGWINCH {
				quiet.Reset(resizeQuiet)
				continue
			}
			t.signalled(s)
		}
	}
}

// raise does what the terminal itself does at Ctrl-C, Ctrl-Z and Ctrl-\ as control characters, for terminals that spell
// them out: all of a pipeline gets the signal. It reports whether k is one of them.
func (t *Terminal) raise(k Key) bool {
	if k.Code != Rune || !k.Ctrl || k.Alt {
		return false
	}
	s, ok := map[rune]unix.Signal{'c': unix.SIGINT, 'z': unix.SIGTSTP, '\\': unix.SIGQUIT}[k.Rune]
	return ok && unix.Kill(0, s) == nil
}

func (t *Terminal) signalled(s os.Signal) {
	switch s {
	case unix.SIGTSTP:
		t.send(Event{Kind: EventSuspend})
	case unix.SIGCONT:
		if t.suspended.Load() {
			return // Suspend sees to it
		}
		t.send(Event{Kind: EventResume})
	default:
		t.send(Event{Kind: EventSignal, Signal: s})
	}
}

// notStopped is how long stop waits to be stopped: if nobody could continue the process, the system ignores the signal.
const notStopped = 300 * time.Millisecond

// stop stops this process as Ctrl-Z does by default, and returns when it goes on. The signal is SIGTTIN, which nobody
// catches: Go's runtime keeps its handler for a SIGTSTP that was once asked for, so that one would no longer stop us.
func (t *Terminal) stop() {
	on := make(chan os.Signal, 1)
	signal.Notify(on, unix.SIGCONT)
	defer signal.Stop(on)
	if unix.Kill(os.Getpid(), unix.SIGTTIN) != nil {
		return
	}
	select {
	case <-on:
	case <-time.After(notStopped):
	}
}
