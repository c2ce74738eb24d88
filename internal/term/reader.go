package term

import (
	"errors"
	"os"
	"time"
)

// read is the one goroutine that reads: keys go to the owner, answers stay.
func (t *Terminal) read() {
	defer t.group.Done()
	var p parser
	buf := make([]byte, 4096)
	for {
		n, err := t.dev.read(buf, p.Timeout(t.open()))
		switch {
		case n > 0:
			p.Feed(buf[:n], t.input)
		case errors.Is(err, errBackground) && !t.dev.stopped():
			select {
			case <-t.done:
			case <-time.After(foregroundEvery):
			}
		case errors.Is(err, os.ErrDeadlineExceeded) && !t.dev.stopped():
			p.Idle(t.open(), t.input)
		default:
			if !t.dev.stopped() {
				t.send(Event{Kind: EventClosed, Err: err})
			}
			return
		}
	}
}

// control does what a local terminal's control characters do, and reports whether k is one of them. At another end than
// this process's own, Ctrl-C asks to leave, and there is no job control.
func (t *Terminal) control(k Key) bool {
	if t.local != nil {
		return t.raise(k)
	}
	if k.Code == Rune && k.Ctrl && !k.Alt && k.Rune == 'c' {
		t.send(Event{Kind: EventSignal, Signal: os.Interrupt})
		return true
	}
	return false
}

// open reports whether questions are unanswered.
func (t *Terminal) open() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.capsSent && !t.caps.Dumb || t.flow.Open() > 0
}

func (t *Terminal) input(in input) {
	if in.Reply == nil && t.control(in.Key) {
		return
	}
	if in.Reply == nil {
		t.send(Event{Kind: EventKey, Key: in.Key})
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case in.Reply.Kind == statusReply:
		t.flow.Answered(time.Now())
	case t.capsSent && in.Reply.Kind == cellSizeReply:
		w, h := t.caps.CellWidth, t.caps.CellHeight
		t.caps.answer(*in.Reply)
		if w != t.caps.CellWidth || h != t.caps.CellHeight {
			t.sendCaps()
		}
	case t.caps.answer(*in.Reply):
		t.flow.SetSilent(false)
		t.flow.ObserveRTT(time.Since(t.asked))
		t.guard.answered()
		t.sendCaps()
	}
	t.changed()
}
