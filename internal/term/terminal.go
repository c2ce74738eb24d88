// Package term opens a terminal, asks what it supports, and restores it.
//
// One Terminal has one owner, whose goroutine calls Draw, Suspend and Resume; Close may come from anywhere, any number
// of times. A guard process restores the terminal if this process no longer can.
package term

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"time"
)

// ErrNoTerminal says that there is no terminal to open.
var ErrNoTerminal = errors.New("term: no terminal")

// Options configure Open and Ask.
type Options struct {
	// Output is the file whose terminal is wanted, usually standard output; nil means the controlling terminal.
	Output *os.File
	// Device is another terminal than this process's own; Output and Guard are ignored then. Close closes it.
	Device Device
	// Getenv returns the terminal's environment; nil means os.Getenv.
	Getenv func(string) string
	// Guard starts the guard process, which is this program once more: its main must call RunGuard first.
	Guard bool
	// Program is the name before the guard's error line.
	Program string
	// Notes is where a note is written that the terminal is another job's for now; nil means os.Stderr.
	Notes io.Writer
	// CrashDir is where the guard leaves reports of crashes; empty means nowhere.
	CrashDir string
}

// Terminal is an opened terminal in raw mode, showing the alternate screen.
type Terminal struct {
	dev       device
	local     *localDevice // dev, if it is this process's own terminal; else nil
	guard     *guard
	events    chan Event
	ready     chan struct{}
	done      chan struct{} // closed by Close
	frames    chan frameJob // to the writer; closed by Close
	group     sync.WaitGroup
	count     atomic.Int64 // bytes written
	close     func() error
	signals   chan os.Signal
	suspended atomic.Bool
	released  atomic.Bool // the screen has been given back by Suspend
	opts      Options

	mu           sync.Mutex
	caps         Caps
	asked        time.Time // when the questions were written
	capsSent     bool      // EventCaps has been sent
	flow         flow
	timer        *time.Timer
	busy         bool // a frame is being written
	inBackground bool // the terminal was another job's when Draw was called last
	wanted       bool // Draw was refused
	askCell      bool // the next frame asks for the cell's size again
	closing      bool
	freeFrame    []byte     // the frame buffer, while no frame is being written
	idle         *sync.Cond // busy or open questions changed
}

type frameJob struct {
	frame   []byte
	written func(error)
}

// How long Close and Suspend wait for what is on its way.
const (
	drainWrites  = 300 * time.Millisecond
	drainReplies = 500 * time.Millisecond
	// silentAfter is how long a terminal may take to answer DA1 before it counts as one that answers nothing.
	silentAfter = 1500 * time.Millisecond
)

// Open takes the terminal over: raw mode, alternate screen, no cursor, no wrapping, and the questions asked. What was
// changed is undone by Close, or by the guard. ErrNoTerminal when there is none. A process in the background of its
// terminal waits until it is in the foreground, or ctx ends: ctx's error.
func Open(ctx context.Context, o Options) (*Terminal, error) {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	dev, local, err := o.open()
	if err != nil {
		return nil, err
	}
	if err := dev.awaitForeground(ctx, o.Notes, o.Program); err != nil {
		return nil, errors.Join(err, dev.close())
	}
	t := &Terminal{
		dev:    dev,
		local:  local,
		opts:   o,
		caps:   Guess(o.Getenv),
		events: make(chan Event, 64),
		ready:  make(chan struct{}, 1),
		done:   make(chan struct{}),
		frames: make(chan frameJob, 1),

		signals: make(chan os.Signal, 16),
	}
	if local != nil && o.Getenv("TMUX") != "" && !t.caps.Dumb {
		t.caps.askTmux(runTmux(o.Getenv))
	}
	t.idle = sync.NewCond(&t.mu)
	t.close = sync.OnceValue(t.shut)
	if err := t.start(o); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *Terminal) start(o Options) error {
	if t.local != nil {
		t.notify() // before there is anything that a signal must undo
	}
	if t.local != nil && o.Guard {
		// Without a guard everything still works, but for SIGKILL.
		t.guard, _ = startGuard(t.local, o)
	}
	if err := t.makeRaw(); err != nil {
		return err
	}
	t.caps.learnSize(t.dev.size())
	ask := questions(t.caps)
	t.flow.SetSilent(ask == "")
	if ask != "" {
		t.flow.AwaitFirstAnswer()
	}
	t.asked = time.Now()
	t.timer = time.AfterFunc(silentAfter, t.tick)
	t.group.Add(3)
	go t.read()
	go t.write()
	go t.watch()
	return t.writeNow(enter + ask)
}

// learnSize takes the cell's pixels from the window size, if it has them.
func (c *Caps) learnSize(s Window) {
	if s.Cols > 0 && s.Rows > 0 && s.Width >= s.Cols && s.Height >= s.Rows {
		c.learn("cell", "window size", func() { c.CellWidth, c.CellHeight = s.Width/s.Cols, s.Height/s.Rows })
	}
}

// makeRaw sets the modes, and has the guard undo that if this process cannot.
func (t *Terminal) makeRaw() error {
	if err := t.dev.makeRaw(); err != nil {
		return err
	}
	if t.local != nil {
		t.guard.hold(t.local)
	}
	return nil
}

// Events delivers what happens to the terminal. It is never closed.
func (t *Terminal) Events() <-chan Event { return t.events }

// Ready wakes an owner whose Draw was refused, once another may succeed.
func (t *Terminal) Ready() <-chan struct{} { return t.ready }

// Size returns the terminal's columns and rows.
func (t *Terminal) Size() (cols, rows int) {
	s := t.dev.size()
	return s.Cols, s.Rows
}

// Caps returns what is known of the terminal by now.
func (t *Terminal) Caps() Caps {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.caps.clone()
}

// Rate returns the measured bytes a second that the terminal takes; 0 is unknown.
func (t *Terminal) Rate() float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.flow.Rate()
}

// Budget returns how many bytes a frame may have if frames follow each other at this interval; 0 is no limit.
func (t *Terminal) Budget(interval time.Duration) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.flow.Budget(interval)
}

// Draw writes one frame if the terminal has caught up: fill appends it to the buffer that it is given, and returns at
// once nothing when there is nothing to show. If Draw returns false, fill was not called, and Ready says when to try
// again. written, if not nil, is called after the write has returned, from another goroutine; if there was nothing to
// write, before Draw returns. Only the owner calls Draw.
func (t *Terminal) Draw(fill func(dst []byte) []byte, written func(error)) bool {
	buf, ok := t.acquireFrame()
	if !ok {
		return false
	}
	buf = fill(buf[:0])
	if !t.submit(buf, written) && written != nil {
		written(nil)
	}
	return true
}

// submit gives a frame to the writer, or takes the buffer back if there is nothing to write.
func (t *Terminal) submit(frame []byte, written func(error)) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(frame) == 0 || t.closing {
		t.freeFrame, t.busy = frame, false
		t.idle.Broadcast()
		return false
	}
	if !t.flow.silent {
		if t.askCell {
			frame, t.askCell = append(frame, askCellSize...), false
		}
		frame = append(frame, askStatus...)
	}
	t.frames <- frameJob{frame, written}
	return true
}

// acquireFrame takes the one frame buffer, if the terminal is ready for a frame.
func (t *Terminal) acquireFrame() ([]byte, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closing {
		return nil, false
	}
	now := time.Now()
	if !t.inForeground() {
		t.wanted = true
		t.arm(now, foregroundEvery)
		return nil, false
	}
	if t.busy || !t.flow.Ready(now) {
		t.wanted = true
		if wait := t.flow.Wait(now); wait > 0 {
			t.arm(now, wait)
		}
		return nil, false
	}
	t.busy = true
	return t.freeFrame, true
}

// inForeground reports whether the terminal may be drawn on. If another job had it in between, the owner is told to
// take it again. mu is held.
func (t *Terminal) inForeground() bool {
	was := t.inBackground
	t.inBackground = !t.dev.foreground()
	if was && !t.inBackground {
		select {
		case t.events <- Event{Kind: EventResume}:
		default: // the owner is far behind, and has one in the queue
		}
	}
	return !t.inBackground && !t.released.Load()
}

// write is the one goroutine that writes frames.
func (t *Terminal) write() {
	defer t.group.Done()
	for j := range t.frames {
		start := time.Now()
		t.mu.Lock()
		t.flow.Begin(start, len(j.frame))
		t.mu.Unlock()
		err := t.writeCounted(j.frame)
		t.mu.Lock()
		t.flow.Written(start, time.Now(), len(j.frame))
		t.freeFrame, t.busy = j.frame, false
		t.changed()
		t.mu.Unlock()
		if j.written != nil {
			j.written(err)
		}
	}
}

// changed wakes those that wait for the writer or for answers. mu is held.
func (t *Terminal) changed() {
	t.idle.Broadcast()
	if !t.wanted || t.busy {
		return
	}
	now := time.Now()
	if !t.flow.Ready(now) { // the write that has just returned may have set a pause, of which nothing else tells
		t.arm(now, t.flow.Wait(now))
		return
	}
	t.wanted = false
	select {
	case t.ready <- struct{}{}:
	default:
	}
}

// arm sets the timer, which must not miss the moment from which on a terminal counts as silent; mu is held.
func (t *Terminal) arm(now time.Time, wait time.Duration) {
	if !t.capsSent {
		wait = min(wait, t.asked.Add(silentAfter).Sub(now))
	}
	t.timer.Reset(max(wait, time.Millisecond))
}

// tick runs when the timer fires: the terminal has stayed silent, or a pause is over.
func (t *Terminal) tick() {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if !t.caps.Answered && !t.capsSent && now.Sub(t.asked) >= silentAfter {
		t.flow.SetSilent(true)
		t.sendCaps()
	}
	switch {
	case t.wanted && !t.flow.Ready(now):
		t.arm(now, t.flow.Wait(now))
	case !t.capsSent:
		t.arm(now, silentAfter)
	}
	t.changed()
}

// sendCaps reports the capabilities; mu is held, so it must not wait.
func (t *Terminal) sendCaps() {
	t.capsSent = true
	select {
	case t.events <- Event{Kind: EventCaps, Caps: t.caps.clone()}:
	default: // the owner is far behind, and can ask Caps
	}
}

// Written returns the number of bytes written to the terminal since Open. Anything else there came from another process.
func (t *Terminal) Written() int64 { return t.count.Load() }

func (t *Terminal) writeCounted(b []byte) error {
	n, err := t.dev.write(b)
	t.count.Add(int64(n))
	return err
}

// writeNow writes what is no frame, in the caller's goroutine, between frames.
func (t *Terminal) writeNow(s string) error { return t.writeCounted([]byte(s)) }

// send delivers an event, unless the terminal is closed meanwhile.
func (t *Terminal) send(e Event) {
	select {
	case t.events <- e:
	case <-t.done:
	}
}

// Close gives the terminal back: all modes as before, nothing of its answers left for whoever reads next. It is
// idempotent, takes a second and a half at worst, and may be called from any goroutine.
func (t *Terminal) Close() error { return t.close() }

func (t *Terminal) shut() error {
	t.mu.Lock()
	t.closing = true
	started := t.timer != nil
	t.mu.Unlock()
	close(t.done)
	var err error
	if started {
		t.timer.Stop()
		if !t.released.Load() {
			err = t.release()
		}
		close(t.frames)
		t.dev.interrupt()
		t.group.Wait()
	}
	err = errors.Join(err, t.dev.restore(), t.dev.close())
	t.guard.release()
	signal.Stop(t.signals)
	return err
}

// release brings the screen back and waits until the terminal has said all that it was asked, so that no answer lands
// in the shell.
func (t *Terminal) release() error {
	t.waitFor(drainWrites, func() bool { return !t.busy })
	t.dev.bound(drainWrites)
	err := t.writeNow(leave)
	if t.dev.foreground() { // else another job gets the answers
		t.waitFor(drainReplies, func() bool { return t.flow.Open() == 0 && (t.capsSent || t.caps.Dumb) })
	}
	return err
}

// waitFor waits until done, or for as long as limit.
func (t *Terminal) waitFor(limit time.Duration, done func() bool) {
	end := time.Now().Add(limit)
	wake := time.AfterFunc(limit, t.idle.Broadcast)
	defer wake.Stop()
	t.mu.Lock()
	defer t.mu.Unlock()
	for !done() && time.Now().Before(end) {
		t.idle.Wait()
	}
}

// Suspend gives the terminal back, stops the process as Ctrl-Z does, and takes the terminal again once it goes on, as
// Resume does. Only the owner calls it; the screen's content is unknown afterwards.
func (t *Terminal) Suspend(ctx context.Context) error {
	if err := t.release(); err != nil {
		return err
	}
	if err := t.dev.restore(); err != nil {
		return err
	}
	t.guard.free()
	t.released.Store(true)
	t.suspended.Store(true)
	if t.local != nil {
		t.stop()
	}
	t.suspended.Store(false)
	return t.Resume(ctx)
}

// Resume takes the terminal again after the process was stopped by whatever means. It waits while the process is in the
// background. If ctx ends before that, the terminal stays the other job's, Draw refuses, and no error is returned,
// since the owner is about to close. Only the owner calls it.
func (t *Terminal) Resume(ctx context.Context) error {
	if t.dev.awaitForeground(ctx, t.opts.Notes, t.opts.Program) != nil {
		return nil
	}
	if err := t.makeRaw(); err != nil {
		return err
	}
	t.dev.bound(0)
	t.released.Store(false)
	t.mu.Lock()
	t.flow.Restart()
	t.inBackground = false
	t.mu.Unlock()
	return t.writeNow(enter)
}
