// Package viewer draws the pictures of a file, or of standard input, on the terminal or as text in a pipe.
package viewer

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"acip/capture"
	"acip/frame"
	"acip/internal/drawstyle"
	"acip/internal/term"
	"acip/mailbox"
	"acip/render"
)

// Config configures Show.
type Config struct {
	Stdin  io.Reader
	Stdout *os.File
	Getenv func(string) string
	Wish   render.Style // what the user chose; the rest is on auto
	Size   frame.Size   // cells to draw in; zero: the terminal's, else 80x24
	Fit    frame.Fit
	FPS    float64 // pictures a second; 0: the source's own rate on a terminal, else as fast as they come
	Frames int     // ends after so many pictures; 0: no limit
	Loop   bool    // start again at the end
	BT709  bool    // y4m is in BT.709 instead of BT.601

	Duration time.Duration // ends after so long; 0: no limit
}

// Show draws the pictures of a file, or of standard input for "-" and "", on cfg.Stdout: on a terminal a still is
// printed and a film played, into a file or a pipe frames follow each other from the home position.
func Show(ctx context.Context, cfg Config, path string) error {
	if cfg.Duration > 0 {
		brief, cancel := context.WithTimeout(ctx, cfg.Duration)
		defer cancel()
		err := show(brief, cfg, path)
		if brief.Err() != nil && ctx.Err() == nil && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, capture.ErrClosed)) {
			return nil
		}
		return err
	}
	return show(ctx, cfg, path)
}

func show(ctx context.Context, cfg Config, path string) error {
	onTerminal := cfg.Stdout != nil && term.IsTerminal(cfg.Stdout)
	source := "file:" + path
	if path == "" || path == "-" {
		source = "-"
	}
	src, err := capture.Open(ctx, source, capture.Options{
		FPS: cfg.FPS, Fast: !onTerminal && cfg.FPS <= 0, Loop: cfg.Loop, Stdin: cfg.Stdin, RGB: true, BT709: cfg.BT709,
	})
	if err != nil {
		return tip(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = src.Close() }) // ends a Read that waits for a pipe
	defer stop()
	defer src.Close()
	switch {
	case !onTerminal:
		return stream(ctx, cfg, src)
	case src.Info().Still:
		return printStill(ctx, cfg, src)
	}
	err = play(ctx, cfg, src)
	if errors.Is(err, errStill) {
		return printStill(ctx, cfg, src)
	}
	return err
}

// errStill ends a film that turned out, once its pipe ended, to have a single picture.
var errStill = errors.New("viewer: a still")

// tip rewrites a source's hint for this command.
func tip(err error) error {
	var e *capture.Error
	if !errors.As(err, &e) || e.Reason != capture.NotPictures {
		return err
	}
	better := *e
	better.Reason, better.Hint = 0, e.Hint+" | acip-client render; or name a file: acip-client render photo.jpg"
	return &better
}

// play plays src on the whole terminal at its own rate; q, Ctrl-C and Escape end it.
func play(ctx context.Context, cfg Config, src capture.Source) error {
	t, err := term.Open(ctx, term.Options{Output: cfg.Stdout, Getenv: cfg.Getenv, Guard: true, Program: "acip-client"})
	if err != nil {
		return err
	}
	defer t.Close()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	p := newPlayer(cfg, t)
	read := make(chan struct{})
	go func() {
		defer close(read)
		stop(p.read(ctx, src))
	}()
	err = p.run(ctx)
	stop(nil)
	<-read
	if cause := context.Cause(ctx); err == nil && !errors.Is(cause, context.Canceled) && !errors.Is(cause, io.EOF) {
		err = cause
	}
	return err
}

// player shows pictures on a terminal: the newest one whenever the terminal is ready.
type player struct {
	cfg    Config
	term   *term.Terminal
	prefer drawstyle.Preference
	canvas *render.Canvas
	newest *frame.Latest
	fresh  mailbox.Signal // newest has been put
}

func newPlayer(cfg Config, t *term.Terminal) *player {
	p := &player{cfg: cfg, term: t, prefer: drawstyle.For(t.Caps(), cfg.Wish), newest: frame.NewLatest(), fresh: mailbox.NewSignal()}
	cols, rows := t.Size()
	p.canvas = render.NewCanvas(cols, rows, p.prefer.Style())
	return p
}

// read keeps the newest picture of src. The source delivers each picture of a film at its time, so none is read ahead.
func (p *player) read(ctx context.Context, src capture.Source) error {
	var pic frame.Frame
	for n := 0; p.cfg.Frames <= 0 || n < p.cfg.Frames; n++ {
		if err := src.Read(ctx, &pic, frame.Size{}); err != nil {
			if capture.KindOf(err) == capture.Skipped {
				continue
			}
			return err
		}
		if src.Info().Still {
			return errStill
		}
		p.newest.Put(&pic)
		p.fresh.Notify()
	}
	return io.EOF
}

func (p *player) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.fresh.C():
			p.draw()
		case <-p.term.Ready():
			p.draw()
		case e := <-p.term.Events():
			if done, err := p.event(ctx, e); done || err != nil {
				return err
			}
		}
	}
}

func (p *player) event(ctx context.Context, e term.Event) (done bool, err error) {
	switch e.Kind {
	case term.EventKey:
		k := e.Key
		return k.Code == term.Escape || k.Code == term.Rune && (k.Rune == 'q' || k.Ctrl && k.Rune == 'c'), nil
	case term.EventResize:
		p.prefer.UpdateCaps(e.Caps)
		p.canvas.SetStyle(p.prefer.Style())
		p.canvas.Resize(e.Cols, e.Rows)
		p.draw()
	case term.EventCaps:
		p.prefer.UpdateCaps(e.Caps)
		p.canvas.SetStyle(p.prefer.Style())
		p.canvas.Invalidate()
		p.draw()
	case term.EventSuspend:
		return false, p.resume(p.term.Suspend(ctx))
	case term.EventResume:
		return false, p.resume(p.term.Resume(ctx))
	case term.EventSignal, term.EventClosed:
		return true, e.Err
	}
	return false, nil
}

// resume redraws after a stop: the screen's content is unknown, and its size may have changed.
func (p *player) resume(err error) error {
	if err != nil {
		return err
	}
	cols, rows := p.term.Size()
	p.canvas.Resize(cols, rows)
	p.canvas.Invalidate()
	p.draw()
	return nil
}

func (p *player) draw() {
	p.term.Draw(func(dst []byte) []byte {
		f, _ := p.newest.Take()
		if f == nil {
			return dst
		}
		size := p.canvas.Size()
		whole := frame.Rect{W: size.W, H: size.H}
		p.canvas.Fill(whole, render.TextStyle{})
		p.canvas.Picture(whole, f, render.PictureOptions{Fit: p.cfg.Fit})
		p.canvas.Budget(p.term.Budget(time.Second / 30))
		return p.canvas.Append(dst)
	}, nil)
}
