package client

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"acip/capture"
	"acip/frame"
	"acip/internal/fault"
	"acip/internal/look"
	"acip/internal/term"
	"acip/render"
)

// Render draws the pictures of a file, or of standard input for "-" and "", into cfg.Stdout: on a terminal a still is
// printed and a film played, into a file or a pipe frames follow each other from the home position, as fast as they
// can unless cfg.FPSSet.
func Render(ctx context.Context, cfg Config, path string) error {
	onTerminal := cfg.Stdout != nil && term.IsTerminal(cfg.Stdout)
	cfg.Source = "file:" + path
	if path == "" || path == "-" {
		cfg.Source = "-"
	}
	src, err := capture.Open(ctx, cfg.Source, capture.Options{
		FPS: renderRate(cfg), Fast: !onTerminal && !cfg.FPSSet, Loop: cfg.Loop, Stdin: cfg.Stdin, RGB: true,
	})
	if err != nil {
		return renderTip(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = src.Close() }) // ends a Read that waits for a pipe
	defer stop()
	defer src.Close()
	if onTerminal {
		return renderOnTerminal(ctx, cfg, src)
	}
	s, err := newANSISink(cfg.Stdout, cfg)
	if err != nil {
		return err
	}
	return renderStream(ctx, cfg, src, s)
}

// renderTip makes the hint of a source one for this command.
func renderTip(err error) error {
	var e *capture.Error
	if !errors.As(err, &e) || !strings.HasSuffix(e.Hint, "acip-client --source -") {
		return err
	}
	tip := *e
	tip.Hint = strings.TrimSuffix(e.Hint, "--source -") + "render; or name a file: acip-client render photo.jpg"
	return &tip
}

// renderRate is the rate that was asked for; 0 is the source's own.
func renderRate(cfg Config) float64 {
	if cfg.FPSSet {
		return cfg.FPS
	}
	return 0
}

// renderStream writes every picture of src, up to cfg.Frames.
func renderStream(ctx context.Context, cfg Config, src capture.Source, s *ansiSink) error {
	var pic frame.Frame
	for n := 0; cfg.Frames <= 0 || n < cfg.Frames; {
		err := src.Read(ctx, &pic, frame.Size{}) // whole: the canvas scales, once and exactly
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return nothing(n)
		case ctx.Err() != nil:
			return nil
		case capture.KindOf(err) == capture.Skipped:
			continue
		default:
			return err
		}
		if err := s.write(&pic); err != nil {
			return err
		}
		n++
		if src.Info().Still && cfg.Frames <= 0 {
			return nil
		}
	}
	return nil
}

// nothing is the error of a source that ended before its first picture.
func nothing(pictures int) error {
	if pictures > 0 {
		return nil
	}
	return &capture.Error{
		Kind: capture.BadData, Op: "read", Msg: "there is no picture in it", Hint: "give a PNG, JPEG, GIF or y4m file",
	}
}

// renderOnTerminal prints a still, or plays a film until it ends or a key ends it.
func renderOnTerminal(ctx context.Context, cfg Config, src capture.Source) error {
	if src.Info().Still {
		return printStill(ctx, cfg, src)
	}
	return playFilm(ctx, cfg, src)
}

// printStill prints the picture where the cursor is, as large as fits.
func printStill(ctx context.Context, cfg Config, src capture.Source) error {
	style, err := terminalStyle(cfg)
	if err != nil {
		return err
	}
	var pic frame.Frame
	if err := src.Read(ctx, &pic, frame.Size{}); err != nil {
		return err
	}
	cells := cfg.Size
	if cells.Empty() {
		cells = terminalCells(cfg)
		cells.H = max(cells.H-1, 1) // the prompt's line
	}
	at := fitCells(pic.Size(), cells, style, cfg.Fit)
	c := render.NewCanvas(at.W, at.H, style)
	c.Picture(frame.Rect{W: at.W, H: at.H}, &pic, render.PictureOptions{Fit: cfg.Fit})
	_, err = cfg.Stdout.Write(append(c.AppendPlain(nil), "\r\n"...))
	return err
}

// terminalCells is the size of the terminal that cfg.Stdout is.
func terminalCells(cfg Config) frame.Size {
	if cols, rows, ok := term.SizeOf(cfg.Stdout); ok && cols > 0 && rows > 0 {
		return frame.Size{W: cols, H: rows}
	}
	return cellsWithoutTerminal()
}

// terminalStyle is the style for the terminal as its environment describes it, without asking it anything.
func terminalStyle(cfg Config) (render.Style, error) {
	wish, err := cfg.wish()
	if err != nil {
		return wish, &fault.Usage{Text: err.Error()}
	}
	l := look.For(term.Guess(cfg.Getenv), wish)
	return l.Style(), nil
}

// fitCells is the part of cells that a picture fills.
func fitCells(pic, cells frame.Size, style render.Style, fit frame.Fit) frame.Size {
	if fit == frame.Cover {
		return cells
	}
	cell := style.CellSize()
	_, at := fit.Place(pic, frame.Size{W: cells.W * cell.W, H: cells.H * cell.H})
	up := func(n, unit int) int { return max(1, (n+unit/2)/unit) }
	return frame.Size{W: up(at.W, cell.W), H: up(at.H, cell.H)}
}

// playFilm plays src on the whole terminal at its own rate; q, Ctrl-C and Escape end it.
func playFilm(ctx context.Context, cfg Config, src capture.Source) error {
	wish, err := cfg.wish()
	if err != nil {
		return &fault.Usage{Text: err.Error()}
	}
	t, err := term.Open(term.Options{Output: cfg.Stdout, Getenv: cfg.Getenv, Guard: true, Program: "acip-client"})
	if err != nil {
		return err
	}
	defer t.Close()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	p := newFilm(cfg, t, wish)
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

// film shows pictures on a terminal, the newest when the terminal is ready for one.
type film struct {
	cfg    Config
	term   *term.Terminal
	looks  look.Look
	canvas *render.Canvas
	tile   *tile
	fresh  chan struct{} // capacity one, never closed
}

func newFilm(cfg Config, t *term.Terminal, wish render.Style) *film {
	p := &film{cfg: cfg, term: t, looks: look.For(t.Caps(), wish), tile: newTile(), fresh: make(chan struct{}, 1)}
	cols, rows := t.Size()
	p.canvas = render.NewCanvas(cols, rows, p.looks.Style())
	return p
}

// read keeps the newest picture of src; every picture of a film waits for its time, so that none is read ahead.
func (p *film) read(ctx context.Context, src capture.Source) error {
	var pic frame.Frame
	for n := 0; p.cfg.Frames <= 0 || n < p.cfg.Frames; n++ {
		if err := src.Read(ctx, &pic, frame.Size{}); err != nil {
			if capture.KindOf(err) == capture.Skipped {
				continue
			}
			return err
		}
		p.tile.put(&pic)
		signal(p.fresh)
	}
	return io.EOF
}

func (p *film) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.fresh:
			p.draw()
		case <-p.term.Ready():
			p.draw()
		case e := <-p.term.Events():
			if done, err := p.event(e); done || err != nil {
				return err
			}
		}
	}
}

func (p *film) event(e term.Event) (done bool, err error) {
	switch e.Kind {
	case term.EventKey:
		k := e.Key
		return k.Code == term.Escape || k.Code == term.Rune && (k.Rune == 'q' || k.Ctrl && k.Rune == 'c'), nil
	case term.EventResize:
		p.canvas.Resize(e.Cols, e.Rows)
		p.draw()
	case term.EventCaps:
		p.looks.Learn(e.Caps)
		p.canvas.SetStyle(p.looks.Style())
		p.canvas.Invalidate()
		p.draw()
	case term.EventSuspend:
		err = p.term.Suspend()
		p.canvas.Invalidate()
	case term.EventResume:
		p.canvas.Invalidate()
	case term.EventSignal, term.EventClosed:
		return true, e.Err
	}
	return false, err
}

func (p *film) draw() {
	p.term.Draw(func(dst []byte) []byte {
		f, _ := p.tile.take()
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
