package capture

import (
	"context"
	"errors"
	"io"
	"os"
	"time"
)

const pipeTip = "ffmpeg -i FILE -f yuv4mpegpipe - | acip-client --source -"

// openStdin reads y4m, a GIF or a still from standard input.
func openStdin(ctx context.Context, o Options) (Source, error) {
	r, closers := o.Stdin, []io.Closer(nil)
	if r == nil {
		r = os.Stdin
	}
	if f, ok := r.(*os.File); ok {
		if isTerminal(f) {
			return nil, &Error{Op: "open", Kind: Usage, Msg: "standard input is a terminal, not a picture stream", Hint: pipeTip}
		}
		if f.SetReadDeadline(time.Time{}) == nil {
			r = f // can be interrupted as it is
		} else if again, err := reopenPipe(f); err == nil {
			r = again
			closers = append(closers, again)
		}
	}
	if c, ok := o.Stdin.(io.Closer); ok && o.Stdin != os.Stdin {
		closers = append(closers, c)
	}
	return openStream(ctx, r, closers, o)
}

func openStream(ctx context.Context, r io.Reader, closers []io.Closer, o Options) (Source, error) {
	s := &stream{}
	s.in = newInput(&s.life, r, closers...)
	var kind fileKind
	err := s.in.during(ctx, func() (err error) {
		kind, err = sniff(s.in)
		return err
	})
	if err != nil {
		_ = s.in.Close()
		return nil, stdinError(ctx, err)
	}
	switch kind {
	case kindGIF, kindStill:
		defer s.in.Close()
		return openImage(s.in, kind, "standard input", o)
	case kindOther:
		_ = s.in.Close()
		return nil, &Error{Op: "open", Kind: BadData, Msg: "standard input is neither y4m nor a GIF, PNG or JPEG", Hint: pipeTip}
	}
	if err := s.begin(ctx, "standard input", o); err != nil {
		_ = s.in.Close()
		return nil, err
	}
	return s, nil
}

func stdinError(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, ErrClosed) {
		return err
	}
	return fileError("standard input", err)
}

// isTerminal reports whether f is a character device other than the null device, without asking the device itself.
func isTerminal(f *os.File) bool {
	st, err := f.Stat()
	if err != nil || st.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(st, null)
}

// reopenPipe opens the pipe that f is once more. A file that the process was started with blocks its reader for good;
// one opened here can be interrupted.
func reopenPipe(f *os.File) (*os.File, error) {
	st, err := f.Stat()
	if err != nil || st.Mode()&os.ModeNamedPipe == 0 {
		return nil, os.ErrInvalid
	}
	return os.Open(fdPath(f))
}
