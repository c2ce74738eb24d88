package capture

import (
	"context"
	"io"
	"os"
	"time"
)

// pipeTip makes a stream of pictures of whatever ffmpeg reads.
const pipeTip = "ffmpeg -i FILE -vf scale=out_color_matrix=bt601:out_range=tv -f yuv4mpegpipe -"

// openStdin reads pictures from standard input, in every format that a file may have.
func openStdin(ctx context.Context, o Options) (Source, error) {
	r, closers := o.Stdin, []io.Closer(nil)
	if r == nil {
		r = os.Stdin
	}
	p := &opening{name: "standard input", stdin: true, o: o}
	if f, ok := r.(*os.File); ok {
		if isTerminal(f) {
			return nil, &Error{Op: "open", Kind: Usage, Msg: "standard input is a terminal, not a picture stream", Hint: pipeTip, Reason: NotPictures}
		}
		if atStart(f) {
			p.file = f
		} else if f.SetReadDeadline(time.Time{}) != nil { // else it can be interrupted as it is
			if again, err := reopenPipe(f); err == nil {
				r = again
				closers = append(closers, again)
			}
		}
	}
	if c, ok := o.Stdin.(io.Closer); ok && o.Stdin != os.Stdin {
		closers = append(closers, c)
	}
	p.in = newInput(&lifecycle{}, r, closers...)
	return p.open(ctx)
}

// atStart reports whether f is a regular file that nothing has been read of, so that it can be read again.
func atStart(f *os.File) bool {
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() {
		return false
	}
	at, err := f.Seek(0, io.SeekCurrent)
	return err == nil && at == 0
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
