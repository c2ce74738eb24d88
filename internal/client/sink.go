package client

import (
	"fmt"
	"io"
	"math"

	"acip/capture"
	"acip/frame"
	"acip/internal/fault"
	"acip/internal/look"
	"acip/render"
)

// sink writes whole pictures into a stream.
type sink interface {
	// size is that of the stream's pictures in pixels for a first picture of this size.
	size(first frame.Size) frame.Size
	// write writes one picture, of the stream's size.
	write(f *frame.Frame) error
}

// newSink is the sink of an output format. Sizes: pixels for y4m and rgb, cells for ansi; zero takes what comes.
func newSink(format string, w io.Writer, cfg Config) (sink, error) {
	switch format {
	case "y4m":
		return &y4mSink{w: w, fixed: cfg.Size, fps: cfg.FPS}, nil
	case "rgb":
		return &rgbSink{w: w, fixed: cfg.Size}, nil
	case "ansi":
		return newANSISink(w, cfg)
	}
	return nil, &fault.Usage{Text: fmt.Sprintf("no such output: %q", format), Remedy: "outputs are auto, tty, ansi, y4m, rgb and none"}
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
	out   *capture.Y4MWriter
}

func (s *y4mSink) size(first frame.Size) frame.Size { return fixedOr(s.fixed, first) }

func (s *y4mSink) write(f *frame.Frame) error {
	if s.out == nil {
		s.out = capture.NewY4MWriter(s.w, f.Size(), s.fps)
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

// ansiSink writes pictures as terminal text, each from the home position.
type ansiSink struct {
	w      io.Writer
	canvas *render.Canvas
	fit    frame.Fit
	buf    []byte
}

// cellsWithoutTerminal is the size of a stream of text where nobody said another.
func cellsWithoutTerminal() frame.Size { return frame.Size{W: 80, H: 24} }

func newANSISink(w io.Writer, cfg Config) (*ansiSink, error) {
	wish, err := cfg.wish()
	if err != nil {
		return nil, err
	}
	noColor := cfg.Getenv != nil && cfg.Getenv("NO_COLOR") != ""
	cells := fixedOr(cfg.Size, cellsWithoutTerminal())
	return &ansiSink{w: w, canvas: render.NewCanvas(cells.W, cells.H, look.Stream(wish, noColor)), fit: cfg.Fit}, nil
}

// pixels is the size of the smallest picture with square pixels that has all the detail that the canvas can show.
func (s *ansiSink) pixels() frame.Size {
	cells, per := s.canvas.Size(), squarePixels(s.canvas.Style())
	return frame.Size{W: cells.W * per.W, H: cells.H * per.H}
}

// squarePixels is the part of that size that one cell shows.
func squarePixels(s render.Style) frame.Size {
	cell, per := s.CellSize(), render.CellPixels(s.Glyphs)
	by := max(float64(per.W)/float64(cell.W), float64(per.H)/float64(cell.H))
	return frame.Size{
		W: max(1, int(math.Round(float64(cell.W)*by))), H: max(1, int(math.Round(float64(cell.H)*by))),
	}
}

// size keeps pictures as they are: the canvas scales them in one pass.
func (s *ansiSink) size(first frame.Size) frame.Size { return frame.Size{} }

func (s *ansiSink) write(f *frame.Frame) error {
	s.canvas.Picture(frame.Rect{W: s.canvas.Size().W, H: s.canvas.Size().H}, f, render.PictureOptions{Fit: s.fit})
	return s.flush()
}

// flush writes what is on the canvas.
func (s *ansiSink) flush() error {
	s.buf = s.canvas.AppendFrame(s.buf[:0])
	if _, err := s.w.Write(s.buf); err != nil {
		return fmt.Errorf("write pictures: %w", err)
	}
	return nil
}
