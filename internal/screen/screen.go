package screen

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"acip/frame"
	"acip/internal/account"
	"acip/internal/call"
	"acip/internal/drawstyle"
	"acip/internal/term"
	"acip/internal/ui"
	"acip/render"

	"github.com/rs/zerolog"
)

// Config configures a screen.
type Config struct {
	Stdout   *os.File    // the terminal
	Device   term.Device // another terminal than this process's own, in place of Stdout; Run closes it
	Getenv   func(string) string
	Wish     render.Style // what the user chose; the rest is on auto
	Fit      frame.Fit
	NoSelf   bool // there is no picture of oneself, and no place for one
	NoSource bool // there is nothing to send
	Paused   bool // one's own picture is paused from the start
	// RecordFormat is the version of the recordings that are written; zero is version 2.
	RecordFormat ui.CastVersion
	OutDir       string // where snapshots and recordings go; empty: StateDir
	StateDir     string // where a crash leaves its report; empty: nowhere
	Log          zerolog.Logger
}

// New returns the full-screen output of a call. Run opens the terminal.
func New(cfg Config) call.Output { return &screen{inbox: newInbox(), cfg: cfg} }

// screen draws a call on the terminal. All but the inbox belongs to Run's goroutine.
type screen struct {
	*inbox
	cfg  Config
	call call.Controls

	term    *term.Terminal
	canvas  *render.Canvas
	model   *ui.Model
	prefer  drawstyle.Preference
	capture recorder

	lastDraw        time.Time
	timer           *time.Timer
	moreToDraw      bool // more bytes are due: the last frame was cut to its budget
	terminalBusy    bool // Draw was refused; Ready clears it
	self            frame.Size
	wants           []ui.Want
	wantsSent       bool
	suspendedCamera bool // the camera is paused by Suspend, not by the user
	kept            []string
}

// Kept returns the paths of the recordings that were made. Call it after Run has returned.
func (s *screen) Kept() []string { return s.kept }

// Pacing of the screen.
const (
	// leastInterval joins the pictures of several peers into one frame.
	leastInterval = 14 * time.Millisecond
	// interval is what a frame's byte budget is made for.
	interval = time.Second / 30
)

// Run shows the call. The terminal is as before when it returns.
//
// A recording or snapshot that could not be written is an error in the end, of a call that went well.
func (s *screen) Run(ctx context.Context, c call.Controls) (err error) {
	t, err := term.Open(ctx, term.Options{
		Output: s.cfg.Stdout, Device: s.cfg.Device, Getenv: s.cfg.Getenv, Guard: true, Program: "acip-client",
		CrashDir: s.cfg.StateDir,
	})
	if err != nil {
		return err
	}
	s.attach(t, c)
	defer func() {
		if lost := s.detach(); err == nil {
			err = lost
		}
	}()
	for ctx.Err() == nil {
		if done, err := s.step(ctx); done || err != nil {
			return err
		}
	}
	return nil
}

func (s *screen) attach(t *term.Terminal, c call.Controls) {
	s.term, s.call = t, c
	cols, rows := t.Size()
	caps := t.Caps()
	s.prefer = drawstyle.For(caps, s.cfg.Wish)
	s.canvas = render.NewCanvas(cols, rows, s.prefer.Style())
	s.model = ui.New(ui.Options{Fit: s.cfg.Fit, Plain: plain(caps), NoSelf: s.cfg.NoSelf, Home: s.cfg.Getenv("HOME")})
	s.model.Update(ui.Status{NoSource: s.cfg.NoSource, Paused: s.cfg.Paused}, time.Now())
	s.timer = time.NewTimer(0)
	s.attachInbox(c)
}

// detach gives the terminal back before anything else is said. It returns the first failure to write a file.
func (s *screen) detach() error {
	s.timer.Stop()
	err := s.term.Close()
	s.endRecording(time.Now())
	s.closeInbox()
	if err != nil {
		s.cfg.Log.Warn().Err(err).Msg("screen closed")
	}
	return s.capture.wait()
}

// step waits for one thing to happen and answers it.
func (s *screen) step(ctx context.Context) (done bool, err error) {
	select {
	case <-ctx.Done():
		return true, nil
	case e := <-s.term.Events():
		done, err = s.terminal(ctx, e)
	case <-s.wake.C():
	case <-s.term.Ready():
		s.terminalBusy = false
	case <-s.timer.C:
	}
	if done || err != nil {
		return done, err
	}
	now := time.Now()
	s.pull(now)
	s.draw(now)
	if s.capture.err != nil {
		s.endRecording(now)
	}
	s.ask(now)
	return false, nil
}

// terminal answers an event of the terminal.
func (s *screen) terminal(ctx context.Context, e term.Event) (done bool, err error) {
	now := time.Now()
	switch e.Kind {
	case term.EventKey:
		return s.do(ctx, s.model.Update(screenKey(e.Key), now))
	case term.EventResize:
		s.resize(e.Cols, e.Rows, now)
		s.updateCaps(e.Caps, now)
	case term.EventCaps:
		s.updateCaps(e.Caps, now)
		s.canvas.Invalidate() // what the questions left on the screen
	case term.EventSuspend:
		return false, s.suspend(ctx)
	case term.EventResume:
		return false, s.resume(s.term.Resume(ctx))
	case term.EventSignal:
		s.call.Leave()
		return true, nil
	case term.EventClosed:
		s.call.Leave()
		return true, nil // nobody is left to tell
	}
	return false, nil
}

func (s *screen) resize(cols, rows int, now time.Time) {
	s.canvas.Resize(cols, rows)
	s.model.Update(ui.Resized{Cols: cols, Rows: rows}, now)
	s.capture.resize(cols, rows, now)
}

// updateCaps takes in what the terminal has answered.
func (s *screen) updateCaps(c term.Caps, now time.Time) {
	s.prefer.UpdateCaps(c)
	s.model.Update(backdrop(c), now)
	s.model.Update(ui.Plain{On: plain(c)}, now)
	s.restyle()
}

// plain reports whether a terminal is to be written to in ASCII.
func plain(c term.Caps) bool { return !c.UTF8 || c.WideBlocks }

// backdrop returns the terminal's own background; it is not Known unless the terminal reported one.
func backdrop(c term.Caps) (b ui.Backdrop) {
	n, err := fmt.Sscanf(c.Background, "#%02x%02x%02x", &b.R, &b.G, &b.B)
	b.Known = err == nil && n == 3
	return b
}

// restyle redraws everything in the current style.
func (s *screen) restyle() {
	s.canvas.SetStyle(s.prefer.Style())
	if s.capture.on() {
		s.capture.canvas.SetStyle(recordStyle(s.prefer.Style()))
	}
	s.model.Redraw()
}

// do carries out the actions of keys; done reports whether the call is over.
func (s *screen) do(ctx context.Context, actions []ui.Action) (done bool, err error) {
	for _, a := range actions {
		switch a.Kind {
		case ui.Leave:
			s.call.Leave()
			return true, nil
		case ui.Join:
			s.call.Enter()
		case ui.Pause:
			s.call.Pause(a.On)
		case ui.Say:
			s.call.Say(a.Text)
			s.push(ui.ChatLine{Text: a.Text, Own: true})
		case ui.NextColors:
			s.change(s.prefer.NextColors())
		case ui.NextGlyphs:
			s.change(s.prefer.NextGlyphs())
		case ui.Snapshot:
			s.snapshot()
		case ui.Record:
			s.record()
		case ui.Suspend:
			return false, s.suspend(ctx)
		}
	}
	return false, nil
}

// change redraws in the new style and shows a note that names it.
func (s *screen) change(what string) {
	s.restyle()
	s.push(ui.Notice{Text: what, Topic: "look"})
}

// suspend closes the camera, gives the terminal back and stops, until the shell lets the process go on.
func (s *screen) suspend(ctx context.Context) error {
	s.suspendedCamera = !s.model.Paused()
	if s.suspendedCamera {
		s.call.Pause(true)
		s.awaitPause()
	}
	return s.resume(s.term.Suspend(ctx))
}

// pauseTakes is how long the process waits for the camera to close before it stops.
const pauseTakes = 700 * time.Millisecond

// awaitPause waits until the call says that the picture is paused.
func (s *screen) awaitPause() {
	late := time.NewTimer(pauseTakes)
	defer late.Stop()
	for !s.model.Paused() {
		select {
		case <-s.wake.C():
			s.pull(time.Now())
		case <-late.C:
			return
		}
	}
}

// resume goes on after a stop: the screen's content is unknown, its size may have changed.
func (s *screen) resume(err error) error {
	if err != nil {
		return err
	}
	if s.suspendedCamera {
		s.suspendedCamera = false
		s.call.Pause(false)
	}
	cols, rows := s.term.Size()
	s.resize(cols, rows, time.Now())
	s.canvas.Invalidate()
	s.terminalBusy = false
	return nil
}

// pull passes the call's events to the model.
func (s *screen) pull(now time.Time) {
	s.take(func(e ui.Event) { s.model.Update(e, now) })
}

// draw brings the terminal up to date, if it is time and the terminal has caught up.
func (s *screen) draw(now time.Time) {
	if s.terminalBusy || !s.model.Dirty(now) && !s.moreToDraw && !s.capture.pending && !s.hasNewFrames() {
		s.arm(now, s.model.Next(now))
		return
	}
	if early := s.lastDraw.Add(leastInterval); now.Before(early) {
		s.arm(now, early)
		return
	}
	var shown []shownFrame
	ok := s.term.Draw(func(dst []byte) []byte {
		shown = s.show(now)
		if s.capture.on() {
			s.model.DrawTwice(s.canvas, s.capture.canvas, now)
		} else {
			s.model.Draw(s.canvas, now)
		}
		budget := s.term.Budget(interval)
		s.canvas.Budget(budget)
		dst = s.canvas.Append(dst)
		s.moreToDraw = len(dst) > 0
		s.capture.frame(now)
		return dst
	}, func(err error) { s.written(shown, err) })
	s.terminalBusy = !ok
	if ok {
		s.lastDraw = now
		next := s.model.Next(now)
		if s.moreToDraw || s.capture.pending {
			next = now.Add(interval)
		}
		s.arm(now, next)
	}
}

// arm sets the timer for the next change that needs no event.
func (s *screen) arm(now, next time.Time) {
	if !next.IsZero() {
		s.timer.Reset(max(next.Sub(now), time.Millisecond))
	}
}

// show gives the newest pictures to the model and returns those that will be seen.
func (s *screen) show(now time.Time) []shownFrame {
	s.model.Arrange(s.canvas)
	return s.swap(func(id uint32, f *frame.Frame) bool {
		if id == 0 {
			s.model.Update(ui.Self{Frame: f}, now)
			return true
		}
		s.model.Update(ui.Picture{ID: id, Frame: f}, now)
		return s.model.Shown(id)
	})
}

// written reports the pictures that a frame showed, from the writer's goroutine.
func (s *screen) written(shown []shownFrame, err error) {
	for i := range shown {
		if err != nil {
			s.call.Dropped(shown[i].id, account.Ended)
			continue
		}
		s.call.Drawn(shown[i].id, shown[i].stamp)
	}
}

// ask tells the call what the tiles need, when that has changed.
func (s *screen) ask(now time.Time) {
	self, list := s.model.Wants(s.canvas.Style(), now)
	if s.wantsSent && self == s.self && slices.Equal(list, s.wants) {
		return
	}
	s.wantsSent, s.self, s.wants = true, self, list
	wants := make([]call.Want, len(list))
	for i, w := range list {
		wants[i] = call.Want{ID: w.ID, Size: w.Size, FPS: w.FPS}
	}
	s.call.Want(self, wants)
}

// screenKey converts a key of the terminal to one of the model.
func screenKey(k term.Key) ui.Key {
	code, ok := map[term.Code]ui.KeyCode{
		term.Rune: ui.Rune, term.Enter: ui.Enter, term.Tab: ui.Tab, term.BackTab: ui.BackTab, term.Backspace: ui.Backspace,
		term.Escape: ui.Escape, term.Up: ui.ArrowUp, term.Down: ui.ArrowDown, term.PageUp: ui.PageUp, term.PageDown: ui.PageDown,
		term.Pasted: ui.Pasted,
	}[k.Code]
	if !ok {
		code = ui.Other
	}
	return ui.Key{Code: code, Rune: k.Rune, Ctrl: k.Ctrl, Alt: k.Alt, Text: k.Text}
}
