package stream

import (
	"fmt"
	"io"

	"acip/capture"
	"acip/frame"
)

// sink writes whole pictures into a stream.
type sink interface {
	// size returns the size in pixels of the stream's pictures, given that of the first picture.
	size(first frame.Size) frame.Size
	// write writes one picture, of the stream's size.
	write(f *frame.Frame) error
}

// rgbSink writes bare RGB24.
type rgbSink struct {
	w     io.Writer
	fixed frame.Size
}

func (s *rgbSink) size(first frame.Size) frame.Size { return fixedOr(s.fixed, first) }

func (s *rgbSink) write(f *frame.Frame) error {
	if _, err := s.w.Write(f.Pix); err != nil {
		return fmt.Errorf("write pictures: %w", err)
	}
	return nil
}

// y4mSink writes YUV4MPEG2, which every player reads.
type y4mSink struct {
	w     io.Writer
	fixed frame.Size
	fps   float64
	bt709 bool
	out   *capture.Y4MWriter
}

func (s *y4mSink) size(first frame.Size) frame.Size { return fixedOr(s.fixed, first) }

func (s *y4mSink) write(f *frame.Frame) error {
	if s.out == nil {
		s.out = capture.NewY4MWriter(s.w, f.Size(), s.fps)
		if s.bt709 {
			s.out.BT709()
		}
	}
	if err := s.out.WriteFrame(f); err != nil {
		return fmt.Errorf("write pictures: %w", err)
	}
	return nil
}

func fixedOr(fixed, first frame.Size) frame.Size {
	if fixed.Empty() {
		return first
	}
	return fixed
}
