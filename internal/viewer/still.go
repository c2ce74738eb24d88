package viewer

import (
	"context"
	"errors"
	"fmt"

	"acip/capture"
	"acip/frame"
	"acip/internal/drawstyle"
	"acip/internal/term"
	"acip/render"
)

// printStill prints the picture where the cursor is, as large as fits.
func printStill(ctx context.Context, cfg Config, src capture.Source) error {
	var pic frame.Frame
	if err := src.Read(ctx, &pic, frame.Size{}); err != nil {
		return err
	}
	caps, err := term.Ask(ctx, term.Options{Output: cfg.Stdout, Getenv: cfg.Getenv, Program: "acip-client"})
	if err != nil && !errors.Is(err, term.ErrNoTerminal) {
		return err
	}
	prefer := drawstyle.For(caps, cfg.Wish)
	style := prefer.Style()
	cells := cfg.Size
	if cells.Empty() {
		cells = terminalCells(cfg)
		cells.H = max(cells.H-1, 1) // the prompt's line
	}
	at := fitCells(pic.Size(), cells, style, cfg.Fit)
	if _, err := cfg.Stdout.Write(render.AppendStill(nil, style, at, &pic, cfg.Fit)); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// terminalCells returns the size of the terminal behind cfg.Stdout.
func terminalCells(cfg Config) frame.Size {
	if cols, rows, ok := term.SizeOf(cfg.Stdout); ok && cols > 0 && rows > 0 {
		return frame.Size{W: cols, H: rows}
	}
	return usualCells()
}

// usualCells returns the size to assume of a terminal that does not report its own.
func usualCells() frame.Size { return frame.Size{W: 80, H: 24} }

// fitCells returns the part of cells that a picture fills.
func fitCells(pic, cells frame.Size, style render.Style, fit frame.Fit) frame.Size {
	if fit == frame.Cover {
		return cells
	}
	cell := style.CellSize()
	_, at := fit.Place(pic, frame.Size{W: cells.W * cell.W, H: cells.H * cell.H})
	up := func(n, unit int) int { return max(1, (n+unit/2)/unit) }
	return frame.Size{W: up(at.W, cell.W), H: up(at.H, cell.H)}
}
