// Package stream writes a call's pictures into a file, a pipe, any writer or nowhere: one peer's as they come, or
// everyone's side by side.
package stream

import (
	"errors"
	"io"
	"os"
	"slices"

	"acip/frame"
	"acip/internal/call"
	"acip/render"
)

// Config configures a stream.
type Config struct {
	Format string       // y4m, rgb or ansi
	Out    io.Writer    // where to; an *os.File that is a pipe is watched for a reader that stops or goes away
	Size   frame.Size   // of the stream's pictures: pixels for y4m and rgb, cells for ansi; zero takes what comes
	Fit    frame.Fit    //
	Style  render.Style // for ansi
	BT709  bool         // the numbers of y4m mean BT.709 instead of BT.601
	FPS    float64      // pictures a second, of several peers and in the head of y4m
	Frames int          // ends after so many pictures; 0: no limit
	Peer   string       // take only this peer's pictures, as they come; empty: everyone's, side by side
}

// ErrFormat says that there is no such format.
var ErrFormat = errors.New("stream: no such format")

// New returns an output that writes into a pipe, a file or any other writer. If the writer has
// SetWriteDeadline, as a net.Conn has, the end of Run's context ends a write under way; any other writer has to fail once
// nobody reads. Errors are ErrFormat.
func New(cfg Config) (call.Output, error) {
	if !slices.Contains([]string{"y4m", "rgb", "ansi"}, cfg.Format) {
		return nil, ErrFormat
	}
	f, ok := cfg.Out.(*os.File)
	if !ok {
		return bounded(onto(cfg.Out, cfg), cfg.Out), nil
	}
	file, own := pollable(f)
	return &pipe{Output: onto(file, cfg), file: file, own: own}, nil
}

// onto returns the output of cfg.Format.
func onto(w io.Writer, cfg Config) call.Output {
	switch cfg.Format {
	case "ansi":
		text := newANSISink(w, cfg)
		if cfg.Peer != "" {
			return newSolo(cfg, text)
		}
		return newGrid(cfg, &cellPage{ansiSink: text})
	case "y4m":
		return inPixels(cfg, &y4mSink{w: w, fixed: cfg.Size, fps: cfg.FPS, bt709: cfg.BT709})
	}
	return inPixels(cfg, &rgbSink{w: w, fixed: cfg.Size})
}

// inPixels returns an output of one peer's pictures, or of everyone's side by side.
func inPixels(cfg Config, s sink) call.Output {
	if cfg.Peer != "" {
		return newSolo(cfg, s)
	}
	return newGrid(cfg, newFramePage(s, cfg))
}
