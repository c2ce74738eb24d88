package stream

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"acip/internal/call"
)

// pipe is an Output into a file or a pipe. It ends even if the reader of the pipe has stopped reading or has gone.
type pipe struct {
	call.Output
	file *os.File
	own  bool // file is to be closed
}

// goneEvery is how often to check that a pipe still has a reader. Without a write, nothing else tells.
const goneEvery = 500 * time.Millisecond

// Run implements Output.
func (p *pipe) Run(ctx context.Context, c call.Controls) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if p.own {
		defer p.file.Close()
	}
	// If setting the deadline fails, nothing else can end the write.
	unhook := context.AfterFunc(ctx, func() { _ = p.file.SetWriteDeadline(time.Unix(1, 0)) })
	defer func() {
		if unhook() && !p.own {
			_ = p.file.SetWriteDeadline(time.Time{}) // the file is the caller's, as it was
		}
	}()
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		p.watch(ctx, cancel)
	}()
	err := p.Output.Run(ctx, c)
	cancel(nil)
	<-watched
	return err
}

// watch ends the output when nobody will ever read it.
func (p *pipe) watch(ctx context.Context, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(goneEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if readerGone(p.file) {
				cancel(fmt.Errorf("write pictures: %w", syscall.EPIPE))
			}
		}
	}
}

// pollable returns f in a form whose writes can be interrupted, and whether that is a newly opened file: standard output
// usually blocks. Without such a form it returns f itself.
func pollable(f *os.File) (file *os.File, own bool) {
	if f.SetWriteDeadline(time.Time{}) == nil {
		return f, false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeCharDevice) == 0 {
		return f, false // a regular file never keeps a writer waiting for long
	}
	if again := reopen(f); again != nil {
		return again, true
	}
	return f, false
}
