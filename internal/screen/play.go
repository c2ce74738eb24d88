package screen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"acip/internal/term"
	"acip/internal/ui"
)

// PlayOptions configure Play.
type PlayOptions struct {
	Stdin io.Reader // what "-" names
	// Speed is the recording's seconds in one second; 0 is 1 on a terminal, and as fast as it can into a pipe.
	Speed float64
	At    time.Duration // where to begin
	// IdleLimit is the longest pause between two events, 0 for none. Unless IdleSet, the recording's own limit counts.
	IdleLimit time.Duration
	IdleSet   bool
}

// Play shows a recording at its own pace on the terminal; into a file or pipe it writes what the recording shows, as
// fast as it can unless a speed was asked for. Of a recording that breaks off, everything before that is played; the
// error is then a *ui.CastCut.
func Play(ctx context.Context, cfg Config, o PlayOptions, path string) error {
	tape, err := openTape(path, o)
	if err != nil {
		return err
	}
	defer tape.close()
	if !term.IsTerminal(cfg.Stdout) {
		return tape.named(playInto(ctx, cfg.Stdout, tape, o))
	}
	t, err := term.Open(ctx, term.Options{Output: cfg.Stdout, Getenv: cfg.Getenv, Guard: true, Program: "acip-client", CrashDir: cfg.StateDir})
	if err != nil {
		return err
	}
	p := &player{term: t, tape: tape, timer: time.NewTimer(0), speed: 1}
	defer p.timer.Stop()
	if o.Speed > 0 {
		p.speed = o.Speed
	}
	err = p.run(ctx, o.At)
	return errors.Join(tape.named(err), t.Close())
}

// tape is an open recording, its pauses shortened to a limit.
type tape struct {
	path string
	in   io.Reader
	cast *ui.CastReader
	own  bool          // in is a file that was opened here
	idle time.Duration // longest pause; 0: no limit

	next  ui.CastEvent
	gap   time.Duration // between the event before and next, as recorded
	raw   time.Duration // when next comes, as recorded
	past  time.Duration // when the event before came, as played
	ended error         // io.EOF, or why there is no next event
}

func openTape(path string, o PlayOptions) (*tape, error) {
	t := &tape{path: path, in: o.Stdin}
	if path == "-" && o.Stdin != nil {
		t.path = "standard input"
	} else {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("play: %w", err)
		}
		t.in, t.own = f, true
	}
	if err := t.begin(); err != nil {
		t.close()
		return nil, t.named(err)
	}
	if t.idle = t.cast.IdleLimit; o.IdleSet {
		t.idle = o.IdleLimit
	}
	t.place()
	return t, nil
}

func (t *tape) close() {
	if f, ok := t.in.(*os.File); ok && t.own {
		_ = f.Close() // it was only read
	}
}

// named adds the recording's path to an error.
func (t *tape) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("play %s: %w", t.path, err)
}

// begin reads the header and the first event.
func (t *tape) begin() (err error) {
	t.raw, t.past, t.gap, t.next, t.ended = 0, 0, 0, ui.CastEvent{}, nil
	if t.cast, err = ui.NewCastReader(t.in); err == nil {
		t.advance()
	}
	return err
}

// rewind goes back to the first event. It returns false if that is impossible, as in a pipe.
func (t *tape) rewind() bool {
	f, ok := t.in.(*os.File)
	if !ok {
		return false
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return false
	}
	return t.begin() == nil
}

// advance goes to the next event.
func (t *tape) advance() {
	t.past = t.next.At
	e, err := t.cast.Next()
	if err != nil {
		t.ended = err
		return
	}
	t.next, t.gap, t.raw = e, e.At-t.raw, e.At
	t.place()
}

// place sets when the next event is due during play.
func (t *tape) place() {
	gap := t.gap
	if t.idle > 0 {
		gap = min(gap, t.idle)
	}
	t.next.At = t.past + gap
}

// playInto writes the recorded output, cleaned of what a terminal should not be told.
func playInto(ctx context.Context, w io.Writer, t *tape, o PlayOptions) error {
	var clean term.Filter
	start := time.Now()
	for ; t.ended == nil; t.advance() {
		if o.Speed > 0 {
			wait(ctx, time.Until(start.Add(scaled(t.next.At-o.At, 1/o.Speed))))
		}
		if ctx.Err() != nil {
			return nil
		}
		if t.next.Kind != ui.CastOutput {
			continue
		}
		if _, err := w.Write(clean.Append(nil, []byte(t.next.Data))); err != nil {
			return err
		}
	}
	if errors.Is(t.ended, io.EOF) {
		return nil
	}
	return t.ended
}

// wait returns after d, or when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func scaled(d time.Duration, by float64) time.Duration { return time.Duration(float64(d) * by) }
