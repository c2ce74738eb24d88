package screen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"acip/internal/term"
	"acip/internal/ui"
)

// player shows one recording on a terminal. A file may come from anybody, so that its bytes pass a filter.
type player struct {
	term  *term.Terminal
	tape  *tape
	clean term.Filter
	timer *time.Timer

	due    []byte        // filtered output that waits for the terminal
	at     time.Duration // the place in the recording at since
	since  time.Time
	speed  float64
	held   bool
	sought target
	notice time.Time // until then the warning is shown; zero: it is not
}

// target is an event that the player goes to without waiting.
type target uint8

// The targets.
const (
	nowhere target = iota
	nextMarker
	nextOutput
)

// Limits of playing.
const (
	leap        = 5 * time.Second // of an arrow key
	slowest     = 1. / 16
	fastest     = 64.
	usualIdle   = 2 * time.Second // limit that the i key turns on if none was given
	noticeLasts = 2 * time.Second
	// chunk is how many bytes are handed to the terminal at once, so that keys are heard during a leap.
	chunk = 256 << 10
)

// run plays until the end, or until the person has had enough. The last picture stays until a key is pressed; only a
// recording that breaks off ends by itself, so that the reason is read.
func (p *player) run(ctx context.Context, at time.Duration) error {
	p.set(time.Now(), at)
	p.warn(time.Now())
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return nil
		case e := <-p.term.Events():
			if done, err := p.terminal(ctx, e); done || err != nil {
				return err
			}
		case <-p.term.Ready():
		case <-p.timer.C:
		}
		p.play(time.Now())
		if p.tape.ended != nil && !errors.Is(p.tape.ended, io.EOF) && len(p.due) == 0 {
			return p.tape.ended
		}
	}
	return nil
}

// warn says, before a recording begins, that it does not fit. The recording plays anyway, without its right and lower
// parts: the user can enlarge the window, and a refusal would help nobody.
func (p *player) warn(now time.Time) {
	cols, rows := p.term.Size()
	if p.tape.cast.Cols <= cols && p.tape.cast.Rows <= rows {
		return
	}
	p.due = fmt.Appendf(p.due, "recorded at %dx%d, this terminal is %dx%d:\r\nwhat does not fit is not shown",
		p.tape.cast.Cols, p.tape.cast.Rows, cols, rows)
	p.notice = now.Add(noticeLasts)
}

// begun reports whether the recording may be shown; if not, the warning is.
func (p *player) begun(now time.Time) bool {
	if p.notice.IsZero() {
		return true
	}
	if left := p.notice.Sub(now); left > 0 {
		p.set(now, p.at)
		p.draw()
		p.timer.Reset(left)
		return false
	}
	p.notice = time.Time{}
	p.due = append(p.due[:0], term.Prelude...)
	return true
}

// position returns the current place in the recording.
func (p *player) position(now time.Time) time.Duration {
	if p.held || p.tape.ended != nil {
		return p.at
	}
	return p.at + scaled(now.Sub(p.since), p.speed)
}

// set goes to a place in the recording; what lies before it becomes due.
func (p *player) set(now time.Time, at time.Duration) { p.at, p.since = at, now }

func (p *player) terminal(ctx context.Context, e term.Event) (done bool, err error) {
	switch e.Kind {
	case term.EventSignal, term.EventClosed:
		return true, nil
	case term.EventSuspend:
		return false, p.term.Suspend(ctx)
	case term.EventResume:
		return false, p.term.Resume(ctx)
	case term.EventKey:
		return p.key(e.Key, time.Now()), nil
	}
	return false, nil
}

// key does what a key asks for, and reports whether that is to end.
func (p *player) key(k term.Key, now time.Time) (done bool) {
	if !p.notice.IsZero() {
		p.notice = now
	}
	at := p.position(now)
	switch {
	case k.Code == term.Left:
		p.seek(now, at-leap)
	case k.Code == term.Right:
		p.seek(now, at+leap)
	case k.Code == term.Home:
		p.seek(now, 0)
	case k.Code == term.Escape || k.Ctrl && k.Rune == 'c' || k.Rune == 'q':
		return true
	case k.Code != term.Rune || !p.letter(k.Rune, now):
		return p.tape.ended != nil
	}
	return false
}

// letter does what a character asks for, and reports whether it has a meaning here.
func (p *player) letter(r rune, now time.Time) bool {
	at := p.position(now)
	switch r {
	case ' ':
		if p.tape.ended != nil {
			return false
		}
		p.set(now, at)
		p.held = !p.held
	case '<', '-':
		p.set(now, at)
		p.speed = max(p.speed/2, slowest)
	case '>', '+':
		p.set(now, at)
		p.speed = min(p.speed*2, fastest)
	case '=':
		p.set(now, at)
		p.speed = 1
	case 'i':
		p.limitIdle(now, at)
	case ']':
		p.sought = nextMarker
	case '.':
		p.set(now, at)
		p.held, p.sought = true, nextOutput
	default:
		return false
	}
	return true
}

// limitIdle turns the limit of pauses on or off, from the present pause on.
func (p *player) limitIdle(now time.Time, at time.Duration) {
	if p.tape.idle > 0 {
		p.tape.idle = 0
	} else {
		p.tape.idle = usualIdle
	}
	p.set(now, at)
	if p.tape.ended == nil {
		p.tape.place()
	}
}

// seek goes to a place in the recording. Backwards it is played again from its start.
func (p *player) seek(now time.Time, to time.Duration) {
	to = max(to, 0)
	if to < p.tape.past || p.tape.ended != nil && to <= p.at {
		if !p.tape.rewind() {
			return
		}
		p.due, p.clean = append(p.due[:0], term.Prelude...), term.Filter{}
	}
	p.set(now, to)
	p.sought = nowhere
}

// play collects the output that is due and writes it; frames that the terminal is too slow for are joined, never left
// out, since each builds on the last.
func (p *player) play(now time.Time) {
	if !p.begun(now) {
		return
	}
	at := p.position(now)
	for p.tape.ended == nil && len(p.due) < chunk && (p.tape.next.At <= at || p.sought != nowhere) {
		p.take(now)
	}
	if p.tape.ended != nil {
		p.set(now, min(at, p.tape.past))
		p.sought = nowhere
	}
	p.draw()
	if p.tape.ended == nil && (!p.held || p.sought != nowhere) {
		p.timer.Reset(max(scaled(p.tape.next.At-p.position(now), 1/p.speed), time.Millisecond))
	}
}

// draw hands what is due to the terminal, if that is ready.
func (p *player) draw() {
	if len(p.due) > 0 && p.term.Draw(func(dst []byte) []byte { return append(dst, p.due...) }, nil) {
		p.due = p.due[:0]
	}
}

// take makes the next event due.
func (p *player) take(now time.Time) {
	e := p.tape.next
	if e.Kind == ui.CastOutput {
		p.due = p.clean.Append(p.due, []byte(e.Data))
	}
	if p.sought == nextMarker && e.Kind == ui.CastMarker || p.sought == nextOutput && e.Kind == ui.CastOutput {
		p.sought = nowhere
		p.set(now, e.At)
	}
	p.tape.advance()
}
