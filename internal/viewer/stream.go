package viewer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"acip/capture"
	"acip/frame"
	"acip/internal/drawstyle"
	"acip/render"
)

// stream writes every picture of src as text from the home position, up to cfg.Frames.
func stream(ctx context.Context, cfg Config, src capture.Source) error {
	cells := cfg.Size
	if cells.Empty() {
		cells = usualCells()
	}
	canvas := render.NewCanvas(cells.W, cells.H, drawstyle.Stream(cfg.Wish, cfg.Getenv))
	var text []byte
	var pic frame.Frame
	for n := 0; cfg.Frames <= 0 || n < cfg.Frames; {
		err := src.Read(ctx, &pic, frame.Size{}) // whole: the canvas scales, once and exactly
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return nothing(n)
		case ctx.Err() != nil:
			return nil
		case capture.KindOf(err) == capture.Skipped:
			continue
		default:
			return err
		}
		canvas.Picture(frame.Rect{W: cells.W, H: cells.H}, &pic, render.PictureOptions{Fit: cfg.Fit})
		text = canvas.AppendFrame(text[:0])
		if _, err := cfg.Stdout.Write(text); err != nil {
			return fmt.Errorf("write pictures: %w", err)
		}
		n++
		if src.Info().Still && cfg.Frames <= 0 {
			return nil
		}
	}
	return nil
}

// nothing returns the error of a source that ended before its first picture, or nil if there were pictures.
func nothing(pictures int) error {
	if pictures > 0 {
		return nil
	}
	return &capture.Error{
		Kind: capture.BadData, Op: "read", Msg: "there is no picture in it", Hint: "give a PNG, JPEG, GIF or y4m file",
	}
}
