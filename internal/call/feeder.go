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

// turns is how many frames go round: one being filled, one waiting, one being encoded, and the last one, which may be sent
// again.
const turns = 4

// shot is a captured picture and the box that it was captured for.
type shot struct {
	frame.Frame
	box frame.Size
}

// undersized reports whether the picture would have been larger, had it been captured for need.
func (s *shot) undersized(need frame.Size) bool { return congestion.Undersized(s.Size(), s.box, need) }

// feeder is the capturing end: it opens the source when its pictures are wanted, reads at the source's own pace, and
// leaves the newest picture for the encoder. Nothing downstream ever makes it wait.
type feeder struct {
	open   func(ctx context.Context) (capture.Source, error)
	counts *account.Account
	newest *mailbox.Mailbox[*shot]
	idle   chan *shot // never closed
	self   func(*frame.Frame)
	note   func(Note)

	hold    time.Duration // a source that waits for its reader is not begun before it is wanted, for at most this long
	slow    bool          // the source takes long for a picture; run's own
	clumsy  atomic.Bool   // the encoder waits for the connection, so what is replaced is the connection's doing
	changed chan struct{} // capacity one, never closed

	mu      sync.Mutex
	box     frame.Size // wanted; zero is the source's own size
	want    bool       // somebody looks
	paused  bool
	rest    bool // nobody has looked for long: a live source is closed
	info    capture.Info
	running bool               // a source is open
	stop    context.CancelFunc // ends the Read in progress
}

// newFeeder makes a feeder; first is a source that is open already, or nil.
func newFeeder(c *account.Account, open func(context.Context) (capture.Source, error)) *feeder {
	f := &feeder{
		open: open, counts: c, idle: make(chan *shot, turns), changed: make(chan struct{}, 1),
		self: func(*frame.Frame) {}, note: func(Note) {},
	}
	for range turns {
		f.idle <- &shot{}
	}
	f.newest = mailbox.New(func(old *shot) {
		f.counts.DropUp(f.replacedWhy())
		f.idle <- old
	})
	return f
}

func (f *feeder) replacedWhy() account.Reason {
	if f.clumsy.Load() {
		return account.ReplacedSend
	}
	return account.ReplacedCapture
}

// aim says what the next pictures should be; want is whether anybody looks at all.
func (f *feeder) aim(box frame.Size, want bool) {
	f.mu.Lock()
	wake := want != f.want || f.box != box
	f.box, f.want = box, want
	f.mu.Unlock()
	if wake {
		f.wake()
	}
}

// pause closes the source until it is called again with false.
func (f *feeder) pause(paused bool) { f.set(&f.paused, paused) }

// sleep closes a live source while nobody looks.
func (f *feeder) sleep(rest bool) { f.set(&f.rest, rest) }

func (f *feeder) set(field *bool, v bool) {
	f.mu.Lock()
	changed := *field != v
	*field = v
	if changed && (f.paused || f.rest && f.info.Live) && f.stop != nil {
		f.stop()
	}
	f.mu.Unlock()
	if changed {
		f.wake()
	}
}

func (f *feeder) wake() { signal(f.changed) }

// state is what the feeder should be doing.
func (f *feeder) state() (box frame.Size, want, on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.box, f.want, !f.paused && !(f.rest && f.info.Live)
}

// source is what is open, for the status line.
func (f *feeder) source() (info capture.Info, open bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.info, f.running
}

// Waits of a feeder: between attempts to get a lost source back, and between two test cards meanwhile.
const (
	reopenEvery = time.Second
	cardEvery   = 500 * time.Millisecond
)

// run captures until ctx ends (nil) or the source does (io.EOF). src, which may be nil, is open already. An error is one
// of the first opening, or brokenOff; a live source that is lost later is waited for behind a test card.
func (f *feeder) run(ctx context.Context, src capture.Source) error {
	for first := src == nil; ctx.Err() == nil; first = false {
		if _, _, on := f.state(); !on {
			f.closeSource(src)
			src = nil
			f.wait(ctx, 0)
			continue
		}
		if src == nil {
			var err error
			if src, err = f.open(ctx); err != nil {
				if first && ctx.Err() == nil {
					return err
				}
				f.lost(ctx, err)
				continue
			}
			f.note(Note{Kind: NoteCamera})
		}
		err := f.stream(ctx, src)
		f.closeSource(src)
		src = nil
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		if err != nil && ctx.Err() == nil {
			if !f.info.Live {
				return brokenOff{err}
			}
			f.lost(ctx, err)
		}
	}
	f.closeSource(src)
	return nil
}

// brokenOff is what ended a file or a pipe before its end. Opened again it would only break off again.
type brokenOff struct{ error }

// Unwrap is the source's error.
func (b brokenOff) Unwrap() error { return b.error }

// stream reads src until it ends, fails (the error) or is not to be read any more (nil).
func (f *feeder) stream(ctx context.Context, src capture.Source) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	f.mu.Lock()
	f.info, f.running, f.stop = src.Info(), true, cancel
	live := f.info.Live
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.running, f.stop = false, nil
		f.mu.Unlock()
	}()
	f.slow = !live && f.info.FPS < 1/slowRead.Seconds() // its first picture may be its only one for long
	if !live {
		f.holdBack(ctx)
	}
	for {
		box, _, on := f.state()
		if !on || ctx.Err() != nil {
			return nil
		}
		err := f.readOne(ctx, src, box)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return nil
		case capture.KindOf(err) != capture.Skipped:
			return err
		}
	}
}

// holdBack waits until somebody looks, so that the first pictures of a file or a pipe are not read for nobody.
func (f *feeder) holdBack(ctx context.Context) {
	limit := time.NewTimer(f.hold)
	defer limit.Stop()
	f.hold = 0 // only once
	for {
		if _, want, on := f.state(); want || !on {
			return
		}
		select {
		case <-f.changed:
		case <-limit.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// A picture of a source that takes longer than slowRead for each is read large, whatever is wanted now: whoever comes before
// the next is shown this one.
const slowRead = 300 * time.Millisecond

var slowBox = frame.Size{W: 1280, H: 960}

func (f *feeder) readOne(ctx context.Context, src capture.Source, box frame.Size) error {
	pic := <-f.idle // at once: the others wait, are encoded and are held at most
	began := time.Now()
	if f.slow {
		box = congestion.MaxBox(box, slowBox)
	}
	pic.box = box
	if err := src.Read(ctx, &pic.Frame, box); err != nil {
		f.idle <- pic
		return err
	}
	f.slow = time.Since(began) > slowRead
	f.pass(pic)
	return nil
}

// pass hands a filled frame on.
func (f *feeder) pass(pic *shot) {
	if pic.Time.IsZero() {
		pic.Time = time.Now()
	}
	f.counts.Capture()
	f.self(&pic.Frame)
	f.newest.Put(pic)
}

// lost shows a test card until it is time to try the source again.
func (f *feeder) lost(ctx context.Context, err error) {
	sentence, hint := fault.Explain(err)
	f.note(Note{Kind: NoteCamera, Text: sentence, Hint: hint})
	for until := time.Now().Add(reopenEvery); time.Now().Before(until) && ctx.Err() == nil; {
		box, _, on := f.state()
		if !on {
			return
		}
		pic := <-f.idle
		capture.Card(&pic.Frame, frame.Within(frame.Size{W: 640, H: 480}, box), sentence, hint)
		pic.Time, pic.Seq, pic.box = time.Now(), 0, frame.Size{}
		f.pass(pic)
		f.wait(ctx, cardEvery)
	}
}

// wait returns after d (0: never by itself), a change or the end.
func (f *feeder) wait(ctx context.Context, d time.Duration) {
	var timer <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-ctx.Done():
	case <-f.changed:
	case <-timer:
	}
}

func (f *feeder) closeSource(src capture.Source) {
	if src != nil {
		_ = src.Close() // nothing can be done about it, and the source is gone either way
	}
}
