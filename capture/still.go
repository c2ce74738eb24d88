package capture

import (
	"context"
	"io"
	"time"

	"acip/frame"
)

// still is one picture as a live source: again and again at the rate asked for.
type still struct {
	lifecycle lifecycle
	pace      *pacer
	info      Info
	whole     frame.Frame
	shown     frame.Frame // whole at the size asked for last
	scale     frame.Scaler
	once      bool // one picture, then the end
	given     bool
}

// newStill makes a still whose picture is to be drawn into whole.
func newStill(name string, o Options) *still {
	s := &still{info: Info{Name: name, FPS: o.FPS, Live: true, Still: true}}
	if s.info.FPS <= 0 {
		s.info.FPS = defaultFPS
	}
	return s
}

func (s *still) start(o Options) {
	s.info.Size = s.whole.Size()
	s.once = o.Fast && !o.Loop
	fps := s.info.FPS
	if o.Fast {
		fps = 0
	}
	s.pace = newPacer(&s.lifecycle, fps, true)
}

// Info describes the picture.
func (s *still) Info() Info { return s.info }

// Close ends a Read.
func (s *still) Close() error {
	s.lifecycle.end()
	return nil
}

// Read yields the picture again when it is due, or once where pictures are asked for as fast as they can be had.
func (s *still) Read(ctx context.Context, dst *frame.Frame, box frame.Size) error {
	if s.once && s.given {
		return io.EOF
	}
	s.given = true
	k, err := s.pace.wait(ctx)
	if err != nil {
		return err
	}
	scaleInto(&s.scale, &s.shown, &s.whole, box)
	dst.CopyFrom(&s.shown)
	dst.Time, dst.Seq = time.Now(), k
	return nil
}

// scaleInto makes dst the picture src within box, unless it has that size already.
func scaleInto(s *frame.Scaler, dst, src *frame.Frame, box frame.Size) {
	size := frame.Within(src.Size(), box)
	if dst.Size() == size {
		return
	}
	if size == src.Size() {
		dst.CopyFrom(src)
		return
	}
	dst.Resize(size.W, size.H)
	s.Scale(dst, frame.Rect{W: size.W, H: size.H}, src, frame.Rect{W: src.Width, H: src.Height})
}
