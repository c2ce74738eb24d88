// Package capture yields pictures.
//
// A Source is a camera, a screen, a test pattern, a file or a stream; Open makes one from the text that a person types.
// Every source converts to RGB24 and scales down to what is asked for in one pass, so that nothing is computed that
// nobody looks at.
package capture

import (
	"context"
	"io"
	"strconv"
	"strings"

	"acip/capture/internal/turn"
	"acip/capture/internal/yuv"
	"acip/frame"
)

// Source yields pictures at its own pace. One goroutine reads; Close may be called from any.
type Source interface {
	// Info says what is open. It may change after the first Read (a stream's size is then known).
	Info() Info
	// Read waits for the next picture and draws it into dst, whose memory is reused, scaled down to fit box: the aspect
	// is kept, nothing is enlarged, a side of zero does not limit. It sets dst.Time to when the picture was taken and
	// dst.Seq to its number at the source; gaps are pictures that a live source took and nobody read in time.
	// It returns io.EOF at the end, ctx's error when that ends first (the next Read then goes on where this one was),
	// ErrClosed after Close, and else an *Error; after an error of kind Skipped the next Read may well succeed.
	Read(ctx context.Context, dst *frame.Frame, box frame.Size) error
	// Close ends a Read in progress and frees everything. Closing again does nothing.
	Close() error
}

// Info describes an open source.
type Info struct {
	Name  string     // for people: "camera 0 (HD Webcam)"
	Size  frame.Size // the source's own size in pixels, after rotation
	FPS   float64    // pictures a second; 0 is unknown
	Live  bool       // what is not read in time is gone; otherwise each picture waits for its reader
	Note  string     // what was chosen otherwise than asked for, as a sentence; empty if nothing was
	Still bool       // the same picture again and again: a still image
}

// Options are wishes about a source. The zero value is good.
type Options struct {
	FPS    float64    // pictures a second; 0: the source's own, 30 for the pattern, cameras, screens and stills; of files and streams at most their own
	Size   frame.Size // size to capture at; zero: 640x480 for the pattern, by Box for cameras, the file's own for files
	Box    frame.Size // what is demanded at most, for choosing a camera's size; zero: unknown
	Ends   bool       // y4m of one picture ends, as every film does; else it is a still and stays
	Loop   bool       // start a file again at its end
	Fast   bool       // do not wait between pictures: files and the pattern as fast as they are read, a still once
	RGB    bool       // let ffmpeg make the colours of what it reads, at full size: exactly as it shows them, and slower
	Stdin  io.Reader  // what "-" reads; nil: os.Stdin. Any other that is an io.Closer is closed by Close
	Format string     // the only pixel format to take of a camera that has it, such as "YUYV"; empty: what costs least
	Camera string     // which camera "camera" is: an index, a path or part of a name; empty: 0
	Flip   Flip       // mirror the picture
	Rotate Rotation   // turn the picture, before Flip

	BT709     bool // the numbers of a camera or of y4m mean BT.709 instead of BT.601
	FullRange bool // a camera's numbers are 0…255 in formats that usually have limited range; MJPEG always has
}

// matrix returns what the numbers of y4m mean.
func (o Options) matrix() yuv.Matrix {
	if o.BT709 {
		return yuv.BT709
	}
	return yuv.BT601
}

// Spec names a kind of source and which one, as the text KIND or KIND:ID.
type Spec struct{ Kind, ID string }

// Kinds of source.
const (
	KindCamera  = "camera"  // ID: index, path or part of a name
	KindPattern = "pattern" // the moving test pattern
	KindFile    = "file"    // ID: a path
	KindStdin   = "-"       // standard input, in any format of a file
	KindScreen  = "screen"  // ID: an X11 display or screen number, may be empty
	KindDevice  = "device"  // ID: part of the name of a registered virtual device
)

// Kinds lists what ParseSpec takes, for help texts.
func Kinds() []string {
	return []string{"camera[:ID]", "pattern", "file:PATH", "-", "screen", "device:NAME"}
}

// ParseSpec reads the text of a source. Its errors are of kind Usage.
func ParseSpec(text string) (Spec, error) {
	kind, id, hasID := strings.Cut(text, ":")
	switch kind {
	case KindCamera, KindScreen:
		return Spec{kind, id}, nil
	case KindPattern, KindStdin:
		if !hasID {
			return Spec{Kind: kind}, nil
		}
	case KindFile, KindDevice:
		if id != "" {
			return Spec{kind, id}, nil
		}
	}
	return Spec{}, &Error{
		Kind: Usage, Op: "open", Msg: "no such source: " + strconv.Quote(text),
		Hint: "sources are " + strings.Join(Kinds(), ", "),
	}
}

// Open makes a source of the text spec (see Kinds). Its errors are *Error. ctx bounds the opening alone.
func Open(ctx context.Context, spec string, o Options) (Source, error) {
	s, err := ParseSpec(spec)
	if err != nil {
		return nil, err
	}
	src, err := openSpec(ctx, s, o)
	if err != nil {
		return nil, err
	}
	if o.FPS > 0 && !o.Fast && (s.Kind == KindFile || s.Kind == KindStdin) && !src.Info().Still {
		src = &rateLimited{Source: src, rate: o.FPS}
	}
	return turned(src, turn.Turn{Flip: o.Flip, Rotate: o.Rotate}), nil
}

func openSpec(ctx context.Context, s Spec, o Options) (Source, error) {
	switch s.Kind {
	case KindPattern:
		return newPattern(o), nil
	case KindFile:
		return openFile(ctx, s.ID, o)
	case KindStdin:
		return openStdin(ctx, o)
	case KindScreen:
		return openScreen(ctx, s.ID, o)
	case KindDevice:
		return openDevice(ctx, s.ID, o)
	}
	if s.ID == "" {
		s.ID = o.Camera
	}
	return openCamera(ctx, s.ID, o)
}
