package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"acip/capture/internal/y4m"
	"acip/frame"
)

// stream is y4m from a file, a pipe or another program, each picture once and in order, at the stream's rate.
type stream struct {
	lifecycle lifecycle
	in        *input
	y4m       *y4m.Reader
	pace      *pacer
	info      Info
	seq       uint64
	o         Options
	once      bool                      // a still's picture comes once, then the end
	first     uint64                    // pictures that came before it was known to be a still
	rewind    func() (io.Reader, error) // nil: the stream cannot begin again
	explain   func(error) error         // makes the maker's own words of an error; may be nil
}

// newStream reads the header. in.life must be s.life, so s is made by the caller.
func (s *stream) begin(ctx context.Context, name string, o Options) error {
	s.o = o
	var err error
	read := func() error {
		if s.y4m == nil {
			s.y4m, err = y4m.NewReader(s.in)
			return err
		}
		return s.y4m.Resume()
	}
	if err := s.explained(s.in.during(ctx, read)); err != nil {
		return err
	}
	s.y4m.SetMatrix(o.matrix())
	fps := s.y4m.FPS()
	if fps == 0 {
		fps = o.FPS
	}
	rate := fps
	if rate <= 0 {
		rate = defaultFPS
	}
	if o.Fast {
		rate = 0
	}
	s.pace = newPacer(&s.lifecycle, rate, false)
	s.info = Info{Name: name, Size: s.y4m.Size(), FPS: fps}
	if s.y4m.Interlaced() {
		s.info.Note = fmt.Sprintf("%s is interlaced and shown as it is; for a calmer picture: ffmpeg -i FILE -vf yadif …", name)
	}
	return nil
}

func (s *stream) explained(err error) error {
	if err == nil || s.explain == nil || errors.Is(err, ErrClosed) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return s.explain(err)
}

// Info describes the stream.
func (s *stream) Info() Info { return s.info }

// decideWithin is how long a pipe may take to show whether a second picture follows its first one. Longer would be seen
// at the start of a call, and a still from a slower pipe is one as soon as the pipe ends.
const decideWithin = 200 * time.Millisecond

// learnWhetherStill makes a still of a stream that has one picture. It waits for that as long as ctx says where a
// second picture can be waited for, else not for long.
func (s *stream) learnWhetherStill(ctx context.Context, o Options, patient bool) error {
	err := during(ctx, s.in, patient, func() error {
		if err := s.y4m.Prefetch(); err != nil {
			return err
		}
		return s.y4m.More()
	})
	if errors.Is(err, io.EOF) && s.y4m.HasPicture() {
		if err := s.explained(err); !errors.Is(err, io.EOF) {
			s.info.Note = err.Error() // the picture is there anyway
		}
		s.becomeStill(o)
		return nil
	}
	if err == nil || errors.Is(err, errUndecided) || s.explain == nil {
		return nil // what is wrong is said by the Read that comes upon it
	}
	return s.explained(err)
}

var errUndecided = errors.New("capture: undecided")

// during runs f, which reads ahead, for as long as ctx lasts, or for a moment if there is no such patience. The error
// is errUndecided if that was too short.
func during(ctx context.Context, in *input, patient bool, f func() error) error {
	if patient {
		return in.during(ctx, f)
	}
	if d, ok := in.under.(interface{ SetReadDeadline(time.Time) error }); !ok || d.SetReadDeadline(time.Time{}) != nil {
		return errUndecided // it could not be ended
	}
	brief, cancel := context.WithTimeout(ctx, decideWithin)
	defer cancel()
	err := in.during(brief, f)
	if brief.Err() != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return errUndecided
	}
	return err
}

// becomeStill makes a still of the stream: its picture again and again.
func (s *stream) becomeStill(o Options) {
	s.info.Still, s.info.Live, s.once = true, true, o.Fast && !o.Loop
	fps := o.FPS
	if fps <= 0 {
		fps = defaultFPS
	}
	s.info.FPS = fps
	if o.Fast {
		fps = 0
	}
	s.pace = newPacer(&s.lifecycle, fps, true)
}

// Read draws the next picture when it is due; the one picture of a still again and again.
func (s *stream) Read(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	if s.info.Still && s.once && s.seq > 0 {
		return io.EOF
	}
	n, err := s.pace.wait(ctx)
	if err != nil {
		return err
	}
	if s.info.Still {
		s.y4m.Draw(dst, box)
		dst.Time, dst.Seq = time.Now(), n+s.first
		s.seq++
		return nil
	}
	err = s.in.during(ctx, func() error { return s.y4m.Read(dst, box) })
	switch {
	case errors.Is(err, io.EOF) && s.seq == 1 && !s.info.Live && !s.o.Fast && !s.o.Ends:
		s.first = 1
		s.becomeStill(s.o)
		return s.Read(ctx, dst, box)
	case errors.Is(err, io.EOF) && s.rewind != nil:
		err = s.restart(ctx, dst, box)
	}
	if err != nil {
		return s.lost(s.explained(err))
	}
	dst.Time, dst.Seq = time.Now(), s.seq
	s.seq++
	return nil
}

// lost makes the end of a live source one that passes: opening it again may work later.
func (s *stream) lost(err error) error {
	if !s.info.Live || errors.Is(err, ErrClosed) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	e := &Error{Op: "read", Kind: Lost, Msg: s.info.Name + " is gone", Hint: "it is opened again as soon as it is back", Err: err}
	if said := (*Error)(nil); errors.As(err, &said) {
		e.Msg += ": " + said.Msg
	}
	return e
}

// restart reads the first picture again.
func (s *stream) restart(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	r, err := s.rewind()
	if err != nil {
		return err
	}
	s.in.Reader.Reset(r)
	s.in.under = r
	err = s.in.during(ctx, func() error {
		y, err := s.y4m.Follow(s.in)
		if err != nil {
			return err
		}
		s.y4m = y
		return y.Read(dst, box)
	})
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // it had pictures the first time
	}
	return err
}

// Close ends a Read and closes what is read from.
func (s *stream) Close() error {
	if !s.lifecycle.end() {
		return nil
	}
	return s.in.Close()
}
