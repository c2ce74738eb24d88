package stream

import (
	"context"
	"io"
	"time"

	"acip/internal/call"
)

// deadliner is a writer whose writes can be ended.
type deadliner interface{ SetWriteDeadline(time.Time) error }

// boundedOutput is an Output whose writes end with Run's context.
type boundedOutput struct {
	call.Output
	writer deadliner
}

// bounded returns o so that it ends although w does not take what is written, if w has deadlines.
func bounded(o call.Output, w io.Writer) call.Output {
	if d, ok := w.(deadliner); ok {
		return &boundedOutput{Output: o, writer: d}
	}
	return o
}

// Run implements Output.
func (o *boundedOutput) Run(ctx context.Context, c call.Controls) error {
	// If setting the deadline fails, nothing else can end the write.
	unhook := context.AfterFunc(ctx, func() { _ = o.writer.SetWriteDeadline(time.Unix(1, 0)) })
	defer unhook()
	return o.Output.Run(ctx, c)
}
