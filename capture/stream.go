package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"acip/frame"
)

// stream is y4m from a file, a pipe or another program, each picture once and in order, at the stream's rate.
type stream struct {
	life    life
	in      *input
	y4m     *Y4MReader
	pace    *pacer
	info    Info
	seq     uint64
	rewind  func() (io.Reader, error) // nil: the stream cannot begin again
	explain func(error) error         // makes the maker's own words of an error; may be nil
}

// newStream reads the header. in.life must be s.life, so s is made by the caller.
func (s *stream) begin(ctx context.Context, name string, o Options) error {
	var err error
	read := func() error {
		if s.y4m == nil {
			s.y4m, err = NewY4MReader(s.in)
			return err
		}
		return s.y4m.begin()
	}
	if err := s.said(s.in.during(ctx, read)); err != nil {
		return err
	}
	fps := s.y4m.FPS()
	rate := fps
	if rate == 0 {
		rate = defaultFPS
	}
	if o.Fast {
		rate = 0
	}
	s.pace = newPacer(&s.life, rate, false)
	s.info = Info{Name: name, Size: s.y4m.Size(), FPS: fps}
	if s.y4m.header.woven {
		s.info.Note = fmt.Sprintf("%s is interlaced and shown as it is; for a calmer picture: ffmpeg -i FILE -vf yadif …", name)
	}
	return nil
}

func (s *stream) said(err error) error {
	if err == nil || s.explain == nil || errors.Is(err, ErrClosed) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return s.explain(err)
}

// Info describes the stream.
func (s *stream) Info() Info { return s.info }

// Read draws the next picture when it is due.
func (s *stream) Read(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	if _, err := s.pace.wait(ctx); err != nil {
		return err
	}
	err := s.in.during(ctx, func() error { return s.y4m.Read(dst, box) })
	if errors.Is(err, io.EOF) && s.rewind != nil {
		err = s.again(ctx, dst, box)
	}
	if err != nil {
		return s.said(err)
	}
	dst.Time, dst.Seq = time.Now(), s.seq
	s.seq++
	return nil
}

// again reads the first picture anew.
func (s *stream) again(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	r, err := s.rewind()
	if err != nil {
		return err
	}
	s.in.Reader.Reset(r)
	s.in.under = r
	err = s.in.during(ctx, func() error {
		y, err := NewY4MReader(s.in)
		if err != nil {
			return err
		}
		y.shrink, y.pix = s.y4m.shrink, s.y4m.pix[:0]
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
	if !s.life.end() {
		return nil
	}
	return s.in.Close()
}
