package call

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"acip/capture"
	"acip/frame"
	"acip/internal/account"
	"acip/packet"
	"acip/transport"
)

// fakeSource is a source with a picture every 10 ms until it ends or fails.
type fakeSource struct {
	live   bool
	left   int   // pictures; <0: without end
	err    error // what comes after them
	closed chan struct{}
	once   sync.Once
}

func newFakeSource(live bool, pictures int, err error) *fakeSource {
	return &fakeSource{live: live, left: pictures, err: err, closed: make(chan struct{})}
}

func (r *fakeSource) Info() capture.Info {
	return capture.Info{Name: "reel", Size: frame.Size{W: 640, H: 480}, FPS: 100, Live: r.live}
}

func (r *fakeSource) Read(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	if r.left == 0 {
		return r.err
	}
	t := time.NewTimer(10 * time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
		return ctx.Err()
	case <-r.closed:
		return capture.ErrClosed
	}
	r.left--
	size := frame.Within(frame.Size{W: 640, H: 480}, box)
	dst.Resize(size.W, size.H)
	dst.Time = time.Now()
	dst.Seq++
	return nil
}

func (r *fakeSource) Close() error {
	r.once.Do(func() { close(r.closed) })
	return nil
}

func (r *fakeSource) isClosed() bool {
	select {
	case <-r.closed:
		return true
	default:
		return false
	}
}

// captureTest is a captureLoop under test and what came of it.
type captureTest struct {
	*captureLoop
	t       *testing.T
	cancel  context.CancelFunc
	done    chan error
	mu      sync.Mutex
	sources []*fakeSource
	notes   []Note
}

// runCapture runs a captureLoop over sources that are opened one after another; an error in their place is one of opening.
func runCapture(t *testing.T, opens ...any) *captureTest {
	c := &captureTest{t: t, done: make(chan error, 1)}
	open := func(context.Context) (capture.Source, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		next := opens[0]
		if len(opens) > 1 {
			opens = opens[1:]
		}
		if err, ok := next.(error); ok {
			return nil, err
		}
		r := next.(*fakeSource)
		c.sources = append(c.sources, r)
		return r, nil
	}
	note := func(n Note) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.notes = append(c.notes, n)
	}
	c.captureLoop = newTestCapture(captureConfig{open: open, note: note})
	ctx, cancel := context.WithCancel(t.Context())
	c.cancel = cancel
	go func() { c.done <- c.captureLoop.run(ctx) }()
	return c
}

// after lets time pass and returns how many pictures were captured by then.
func (c *captureTest) after(d time.Duration) uint64 {
	time.Sleep(d)
	synctest.Wait()
	return c.account.Totals().Captured
}

func (c *captureTest) end() error {
	c.cancel()
	return <-c.done
}

func TestPauseClosesTheSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := newFakeSource(true, -1, nil), newFakeSource(true, -1, nil)
		c := runCapture(t, first, second)
		if n := c.after(time.Second); n < 90 {
			t.Errorf("%d pictures in a second at 100 fps, with nobody taking them", n)
		}
		c.pause(true)
		n := c.after(time.Millisecond)
		if !first.isClosed() || c.after(time.Second) != n {
			t.Error("a paused source is open")
		}
		c.pause(false)
		if c.after(time.Second) < n+90 {
			t.Error("no pictures after the pause")
		}
		if err := c.end(); err != nil || !second.isClosed() {
			t.Errorf("%v, or the source was left open", err)
		}
	})
}

func TestLiveSourceRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		camera := runCapture(t, newFakeSource(true, -1, nil), newFakeSource(true, -1, nil))
		film := runCapture(t, newFakeSource(false, -1, nil))
		for _, c := range []*captureTest{camera, film} {
			c.setTarget(frame.Size{}, true)
			c.after(time.Second)
			c.setStandby(true)
		}
		n, m := camera.after(time.Millisecond), film.after(time.Millisecond)
		if camera.after(time.Second) != n {
			t.Error("a camera that nobody looks at is open")
		}
		if film.after(time.Second) == m {
			t.Error("a film that nobody looks at stands still")
		}
		camera.setStandby(false)
		if camera.after(time.Second) == n {
			t.Error("the camera does not come back")
		}
		camera.end()
		film.end()
	})
}

func TestLostSourceIsACardAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := &capture.Error{Kind: capture.Lost, Msg: "camera 0 was unplugged", Hint: "plug it in again"}
		c := runCapture(t, newFakeSource(true, 10, gone), gone, gone, newFakeSource(true, -1, nil))
		n := c.after(150 * time.Millisecond)
		if n < 11 || n > 12 {
			t.Errorf("%d pictures: ten and a card were due", n)
		}
		pic, ok := c.newest.Take()
		if !ok || pic.Width == 0 {
			t.Fatal("no card")
		}
		c.idle <- pic
		if n := c.after(10 * time.Second); n < 500 {
			t.Errorf("%d pictures: the camera does not come back", n)
		}
		c.end()
		c.mu.Lock()
		defer c.mu.Unlock()
		var told, back bool
		for _, note := range c.notes {
			told = told || note.Text == gone.Msg && note.Hint == gone.Hint
			back = told && note.Text == ""
		}
		if !told || !back {
			t.Errorf("notes: %+v", c.notes)
		}
	})
}

func TestFirstOpeningAndEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		missing := &capture.Error{Kind: capture.Missing, Msg: "no camera"}
		if err := <-runCapture(t, missing).done; !errors.Is(err, missing) {
			t.Errorf("a first opening that fails: %v", err)
		}
		c := runCapture(t, newFakeSource(false, 5, io.EOF))
		if err := <-c.done; !errors.Is(err, io.EOF) || c.account.Totals().Captured != 5 {
			t.Errorf("a film of five: %v after %d", err, c.account.Totals().Captured)
		}
	})
}

func TestFilmWaitsForTheFirstToLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open := func(context.Context) (capture.Source, error) { return newFakeSource(false, -1, nil), nil }
		f := newTestCapture(captureConfig{open: open, startDelay: time.Second})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- f.run(ctx) }()
		time.Sleep(500 * time.Millisecond)
		if n := f.account.Totals().Captured; n != 0 {
			t.Errorf("%d pictures were read for nobody", n)
		}
		f.setTarget(frame.Size{W: 160, H: 120}, true)
		time.Sleep(100 * time.Millisecond)
		if f.account.Totals().Captured == 0 {
			t.Error("somebody looks, and the film stands still")
		}
		cancel()
		<-done
	})
}

// Whatever the encoder does, captured is what it took plus what was replaced.
func TestEveryPictureIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := runCapture(t, newFakeSource(true, -1, nil))
		var took uint64
		for range 20 {
			time.Sleep(35 * time.Millisecond)
			if pic, ok := c.newest.Take(); ok {
				took++
				c.idle <- pic
			}
		}
		c.end()
		for pic, ok := c.newest.Take(); ok; pic, ok = c.newest.Take() {
			took++
			c.idle <- pic
		}
		s := c.account.Stats(0)
		if s.Captured != took+s.Up[account.ReplacedCapture] || took == 0 {
			t.Errorf("captured %d, took %d, dropped %v", s.Captured, took, s.Up)
		}
	})
}

// A new viewer, or one that needs a keyframe, gets the last picture of the source, however long the next one takes; a source
// that is quick enough is not sent twice.
func TestTheLastPictureAnswers(t *testing.T) {
	for _, c := range []struct {
		name   string
		every  time.Duration
		within time.Duration
	}{{"a picture in twelve seconds", 12 * time.Second, repeatAfter + time.Millisecond}, {"ten a second", 90 * time.Millisecond, 90 * time.Millisecond}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var h transport.Handle
				out := transport.NewSendQueue()
				h.Set(out)
				f := newTestCapture(captureConfig{})
				s := newTestUplink(uplinkConfig{capture: f, handle: &h, bufs: new(packet.Buffers)})
				ctx, cancel := context.WithCancel(t.Context())
				var work sync.WaitGroup
				work.Go(func() { s.run(ctx) })
				work.Go(func() {
					for ctx.Err() == nil {
						pic := <-f.idle
						pic.Resize(64, 48)
						pic.Time = time.Now()
						f.pass(pic)
						sleep(ctx, c.every)
					}
				})
				answer := func(what string) {
					t.Helper()
					time.Sleep(c.within)
					synctest.Wait()
					b := out.Next()
					if b == nil {
						t.Errorf("nothing answers %s", what)
						return
					}
					for ; b != nil; b = out.Next() {
						b.Release()
					}
				}
				time.Sleep(time.Second)
				s.setDemand(packet.Ask{FPS: 30, Codecs: []string{"jpeg"}})
				answer("a demand")
				time.Sleep(time.Second)
				for b := out.Next(); b != nil; b = out.Next() {
					b.Release()
				}
				s.requestKey()
				answer("a key request")
				cancel()
				work.Wait()
				s.close()
				out.Close()
				if n := f.account.Stats(0); c.every > time.Second && n.Captured != 3 || c.every < time.Second && n.Captured > 26 {
					t.Errorf("%d pictures were counted", n.Captured)
				}
			})
		})
	}
}
