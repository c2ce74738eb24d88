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

// Play shows a recording at its own pace on the terminal; into a file or pipe it writes what the recording shows, as fast
// as it can. Space stops it and lets it go on, q ends it.
func Play(ctx context.Context, cfg Config, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("play: %w", err)
	}
	defer f.Close()
	cast, err := ui.NewCastReader(f)
	if err != nil {
		return fmt.Errorf("play %s: %w", path, err)
	}
	if !term.IsTerminal(cfg.Stdout) {
		return playInto(cfg.Stdout, cast)
	}
	t, err := term.Open(ctx, term.Options{Output: cfg.Stdout, Getenv: cfg.Getenv, Guard: true, Program: "acip-client", CrashDir: cfg.StateDir})
	if err != nil {
		return err
	}
	p := &player{term: t, cast: cast, timer: time.NewTimer(0)}
	defer p.timer.Stop()
	return errors.Join(p.run(ctx), t.Close())
}

// playInto writes the recorded output, cleaned of what a terminal should not be told.
func playInto(w io.Writer, cast *ui.CastReader) error {
	var clean term.Filter
	for {
		e, err := cast.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e.Kind == ui.CastOutput {
			if _, err := w.Write(clean.Append(nil, []byte(e.Data))); err != nil {
				return fmt.Errorf("play: %w", err)
			}
		}
	}
}

// player shows one recording. A file may come from anybody, so that its bytes pass a filter.
type player struct {
	term  *term.Terminal
	cast  *ui.CastReader
	clean term.Filter
	timer *time.Timer

	next    ui.CastEvent
	due     []byte        // filtered output that waits for the terminal
	start   time.Time     // when the recording's zero was
	stopped time.Duration // where it was stopped; -1 while it plays
	ended   bool
}

// run plays until the end, or until the person has had enough. The last picture stays until a key is pressed.
func (p *player) run(ctx context.Context) error {
	p.start, p.stopped = time.Now(), -1
	if err := p.advance(); err != nil {
		return err
	}
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
		if err := p.play(time.Now()); err != nil {
			return err
		}
	}
	return nil
}

func (p *player) terminal(ctx context.Context, e term.Event) (done bool, err error) {
	switch e.Kind {
	case term.EventSignal, term.EventClosed:
		return true, nil
	case term.EventSuspend:
		return false, p.term.Suspend(ctx)
	case term.EventResume:
		return false, p.term.Resume(ctx)
	case term.EventKey:
		k := e.Key
		if k.Rune == 'q' || k.Code == term.Escape || k.Ctrl && k.Rune == 'c' || p.ended {
			return true, nil
		}
		if k.Rune == ' ' {
			p.hold(time.Now())
		}
	}
	return false, nil
}

// hold stops the recording, or lets it go on.
func (p *player) hold(now time.Time) {
	if p.stopped < 0 {
		p.stopped = now.Sub(p.start)
		return
	}
	p.start, p.stopped = now.Add(-p.stopped), -1
}

func (p *player) advance() error {
	e, err := p.cast.Next()
	if errors.Is(err, io.EOF) {
		p.ended = true
		return nil
	}
	p.next = e
	return err
}

// play collects the output that is due and writes it; frames that the terminal is too slow for are joined, never left
// out, since each builds on the last.
func (p *player) play(now time.Time) error {
	if p.stopped >= 0 {
		return nil
	}
	for !p.ended && !p.start.Add(p.next.At).After(now) {
		if p.next.Kind == ui.CastOutput {
			p.due = p.clean.Append(p.due, []byte(p.next.Data))
		}
		if err := p.advance(); err != nil {
			return err
		}
	}
	if len(p.due) > 0 && p.term.Draw(func(dst []byte) []byte { return append(dst, p.due...) }, nil) {
		p.due = p.due[:0]
	}
	if !p.ended {
		p.timer.Reset(max(p.start.Add(p.next.At).Sub(now), time.Millisecond))
	}
	return nil
}
