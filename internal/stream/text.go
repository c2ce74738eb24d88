package stream

import (
	"fmt"
	"io"
	"math"

	"acip/frame"
	"acip/render"
)

// ansiSink writes pictures as terminal text, each from the home position.
type ansiSink struct {
	w      io.Writer
	canvas *render.Canvas
	fit    frame.Fit
	buf    []byte
}

// cellsWithoutTerminal returns the default size of a stream of text.
func cellsWithoutTerminal() frame.Size { return frame.Size{W: 80, H: 24} }

func newANSISink(w io.Writer, cfg Config) *ansiSink {
	cells := fixedOr(cfg.Size, cellsWithoutTerminal())
	return &ansiSink{w: w, canvas: render.NewCanvas(cells.W, cells.H, cfg.Style), fit: cfg.Fit}
}

// pixels returns the size of the smallest picture with square pixels that has all the detail that the canvas can show.
func (s *ansiSink) pixels() frame.Size {
	cells, per := s.canvas.Size(), squarePixels(s.canvas.Style())
	return frame.Size{W: cells.W * per.W, H: cells.H * per.H}
}

// squarePixels returns the part of that size that one cell shows.
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
