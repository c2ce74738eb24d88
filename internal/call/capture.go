package call

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"acip/capture"
	"acip/frame"
	"acip/internal/account"
	"acip/internal/congestion"
	"acip/internal/fault"
	"acip/mailbox"
)

// ringSize is how many frames are in use: one is being filled, one waits, one is being encoded, and the last one may have
// to be sent again.
const ringSize = 4

// capturedFrame is a picture and the box that it was captured for.
type capturedFrame struct {
	frame.Frame
	box frame.Size
}

// undersized reports whether the picture would have been larger, had it been captured for need.
func (f *capturedFrame) undersized(need frame.Size) bool {
	return congestion.Undersized(f.Size(), f.box, need)
}

// captureConfig is what a captureLoop needs.
type captureConfig struct {
	open        func(ctx context.Context) (capture.Source, error)
	account     *account.Account
	self        func(*frame.Frame) // shows one's own picture, which is lent
	note        func(Note)
	startPaused bool          // the source is not opened before pause(false)
	startDelay  time.Duration // how long a source that waits for its reader is held back until somebody looks
}

// captureLoop opens the source when its pictures are wanted, reads at the source's own pace, and leaves the newest
// picture for the encoder. Nothing downstream makes it wait.
type captureLoop struct {
	captureConfig
	newest  *mailbox.Mailbox[*capturedFrame]
	idle    chan *capturedFrame // never closed
	changed mailbox.Signal

	slow        bool        // the source takes long for a picture; for run only
	linkLimited atomic.Bool // the encoder waits for the connection, which is then the cause of replaced pictures

	mu       sync.Mutex
	box      frame.Size // demanded; zero is the source's own size
	wanted   bool       // somebody looks
	paused   bool
	standby  bool // nobody has looked for long: a live source is closed
	info     capture.Info
	running  bool               // a source is open
	stopRead context.CancelFunc // ends the Read in progress
}

func newCaptureLoop(c captureConfig) *captureLoop {
	l := &captureLoop{captureConfig: c, idle: make(chan *capturedFrame, ringSize), changed: mailbox.NewSignal(), paused: c.startPaused}
	for range ringSize {
		l.idle <- &capturedFrame{}
	}
	l.newest = mailbox.New(func(old *capturedFrame) {
		l.account.DropUp(l.replacedReason())
		l.idle <- old
	})
	return l
}

func (l *captureLoop) replacedReason() account.Reason {
	if l.linkLimited.Load() {
		return account.ReplacedSend
	}
	return account.ReplacedCapture
}

// setTarget sets the size of the next pictures; wanted is whether anybody looks at all.
func (l *captureLoop) setTarget(box frame.Size, wanted bool) {
	l.mu.Lock()
	changed := wanted != l.wanted || l.box != box
	l.box, l.wanted = box, wanted
	l.mu.Unlock()
	if changed {
		l.changed.Notify()
	}
}

// pause closes the source until it is called again with false.
func (l *captureLoop) pause(paused bool) { l.set(&l.paused, paused) }

// setStandby closes a live source while nobody looks.
func (l *captureLoop) setStandby(standby bool) { l.set(&l.standby, standby) }

func (l *captureLoop) set(field *bool, v bool) {
	l.mu.Lock()
	changed := *field != v
	*field = v
	if changed && (l.paused || l.standby && l.info.Live) && l.stopRead != nil {
		l.stopRead()
	}
	l.mu.Unlock()
	if changed {
		l.changed.Notify()
	}
}

// target returns the demanded size, whether anybody looks, and whether the source is to be open.
func (l *captureLoop) target() (box frame.Size, wanted, on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.box, l.wanted, !l.paused && !(l.standby && l.info.Live)
}

// source returns what is open, for the status line.
func (l *captureLoop) source() (info capture.Info, open bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.info, l.running
}

// Intervals between attempts to reopen a lost source, and between two test cards meanwhile.
const (
	reopenEvery = time.Second
	cardEvery   = 500 * time.Millisecond
)

// run captures until ctx ends (nil) or the source does (io.EOF). Other errors are those of the first attempt to open it,
// and brokenOff. While a live source that was lost later is reopened, a test card is shown.
func (l *captureLoop) run(ctx context.Context) error {
	for first := true; ctx.Err() == nil; first = false {
		if _, _, on := l.target(); !on {
			l.wait(ctx, 0)
			continue
		}
		src, err := l.open(ctx)
		if err != nil {
			if first && ctx.Err() == nil {
				return err
			}
			l.lost(ctx, err)
			continue
		}
		l.note(Note{Kind: NoteCamera})
		if err := l.consume(ctx, src); err != nil {
			return err
		}
	}
	return nil
}

// consume reads an open source and closes it. It returns nil if the source is to be opened again.
func (l *captureLoop) consume(ctx context.Context, src capture.Source) error {
	err := l.stream(ctx, src)
	_ = src.Close() // nothing can be done about it, and the source is gone either way
	switch {
	case errors.Is(err, io.EOF):
		return io.EOF
	case err == nil || ctx.Err() != nil:
		return nil
	case !l.info.Live:
		return brokenOff{err}
	}
	l.lost(ctx, err)
	return nil
}

// brokenOff is the error of a file or pipe that ended too early. Reopening it would fail at the same place.
type brokenOff struct{ error }

// Unwrap returns the error of the source.
func (b brokenOff) Unwrap() error { return b.error }

// stream reads src until it ends or fails (the error), or is to be closed (nil).
func (l *captureLoop) stream(ctx context.Context, src capture.Source) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l.mu.Lock()
	l.info, l.running, l.stopRead = src.Info(), true, cancel
	live := l.info.Live
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		l.running, l.stopRead = false, nil
		l.mu.Unlock()
	}()
	l.slow = !live && l.info.FPS < 1/slowRead.Seconds() // its first picture may stay its only one for long
	if !live {
		l.awaitViewer(ctx)
	}
	for {
		box, _, on := l.target()
		if !on || ctx.Err() != nil {
			return nil
		}
		err := l.readOne(ctx, src, box)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return nil
		case capture.KindOf(err) != capture.Skipped:
			return err
		}
	}
}

// awaitViewer waits until somebody looks, for startDelay at most and once only, so that the first pictures of a file or
// pipe are not read for nobody.
func (l *captureLoop) awaitViewer(ctx context.Context) {
	limit := time.NewTimer(l.startDelay)
	defer limit.Stop()
	l.startDelay = 0
	for {
		if _, wanted, on := l.target(); wanted || !on {
			return
		}
		select {
		case <-l.changed.C():
		case <-limit.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// A source that takes longer than slowRead for a picture is read at slowBox at least, whatever is demanded now: viewers
// who come before the next picture are shown this one.
const slowRead = 300 * time.Millisecond

var slowBox = frame.Size{W: 1280, H: 960}

func (l *captureLoop) readOne(ctx context.Context, src capture.Source, box frame.Size) error {
	pic := <-l.idle // at once: at most three others wait, are being encoded, or are kept
	began := time.Now()
	if l.slow {
		box = congestion.MaxBox(box, slowBox)
	}
	pic.box = box
	if err := src.Read(ctx, &pic.Frame, box); err != nil {
		l.idle <- pic
		return err
	}
	l.slow = time.Since(began) > slowRead
	l.pass(pic)
	return nil
}

// pass counts a filled frame and hands it on.
func (l *captureLoop) pass(pic *capturedFrame) {
	if pic.Time.IsZero() {
		pic.Time = time.Now()
	}
	l.account.Capture()
	l.self(&pic.Frame)
	l.newest.Put(pic)
}

// lost shows a test card until it is time to try the source again.
func (l *captureLoop) lost(ctx context.Context, err error) {
	sentence, hint := fault.Explain(err)
	l.note(Note{Kind: NoteCamera, Text: sentence, Hint: hint})
	for until := time.Now().Add(reopenEvery); time.Now().Before(until) && ctx.Err() == nil; {
		box, _, on := l.target()
		if !on {
			return
		}
		pic := <-l.idle
		capture.Card(&pic.Frame, frame.Within(frame.Size{W: 640, H: 480}, box), sentence, hint)
		pic.Time, pic.Seq, pic.box = time.Now(), 0, frame.Size{}
		l.pass(pic)
		l.wait(ctx, cardEvery)
	}
}

// wait returns after d (0: no limit), a change of target, or the end of ctx.
func (l *captureLoop) wait(ctx context.Context, d time.Duration) {
	var timer <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-ctx.Done():
	case <-l.changed.C():
	case <-timer:
	}
}
