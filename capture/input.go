package capture

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"time"
)

// input is bytes from a file or a pipe whose reading can be interrupted, as far as the system lets it: pipes and
// sockets by a deadline, after which reading goes on where it was.
type input struct {
	*bufio.Reader
	lifecycle *lifecycle
	under     io.Reader
	close     []io.Closer
}

const inputBuffer = 64 << 10

func newInput(l *lifecycle, r io.Reader, closers ...io.Closer) *input {
	return &input{Reader: bufio.NewReaderSize(r, inputBuffer), lifecycle: l, under: r, close: closers}
}

// during runs f, which reads, and ends it early when ctx ends. What f returns because of that becomes ctx's error, and
// what it returns because of Close becomes ErrClosed.
func (in *input) during(ctx context.Context, f func() error) error {
	if in.lifecycle.over() {
		return ErrClosed
	}
	d, ok := in.under.(interface{ SetReadDeadline(time.Time) error })
	if ok && ctx.Done() != nil && d.SetReadDeadline(time.Time{}) == nil {
		ran := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			defer close(ran)
			_ = d.SetReadDeadline(time.Unix(1, 0)) // the past; on a closed file there is nothing to end
		})
		defer func() {
			if !stop() {
				<-ran
				_ = d.SetReadDeadline(time.Time{})
			}
		}()
	}
	err := f()
	switch {
	case err == nil:
		return nil
	case in.lifecycle.over():
		return ErrClosed
	case ctx.Err() != nil && errors.Is(err, os.ErrDeadlineExceeded):
		return ctx.Err()
	}
	return err
}

// Close frees what was opened.
func (in *input) Close() error {
	var first error
	for _, c := range in.close {
		if err := c.Close(); first == nil {
			first = err
		}
	}
	return first
}
