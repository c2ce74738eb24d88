package call

import (
	"cmp"
	"context"
	"time"

	"acip/capture"
	"acip/frame"
	"acip/internal/account"

	"github.com/rs/zerolog"
)

// newTestCapture returns a captureLoop over open; what is not given does nothing.
func newTestCapture(c captureConfig) *captureLoop {
	c.account = account.New()
	if c.open == nil {
		c.open = func(context.Context) (capture.Source, error) { return nil, capture.ErrClosed }
	}
	if c.note == nil {
		c.note = func(Note) {}
	}
	c.self = func(*frame.Frame) {}
	return newCaptureLoop(c)
}

// newTestUplink returns a videoUplink; what is not given does nothing.
func newTestUplink(c uplinkConfig) *videoUplink {
	if c.capture == nil {
		c.capture = newTestCapture(captureConfig{})
	}
	c.account = c.capture.account
	c.codec = cmp.Or(c.codec, "jpeg")
	c.log = zerolog.Nop()
	c.note = func(Note) {}
	c.clockOffset = func() time.Duration { return 0 }
	return newVideoUplink(c)
}

// newTestDownlink returns a downlink; what is not given does nothing.
func newTestDownlink(c downlinkConfig) *downlink {
	c.account = account.New()
	c.clockOffset = func() time.Duration { return 0 }
	if c.requestKey == nil {
		c.requestKey = func(uint32) {}
	}
	return newDownlink(c)
}
