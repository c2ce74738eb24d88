package call

import (
	"context"
	"errors"
	"io"
	"time"

	"acip/capture"
	"acip/internal/fault"
	"acip/packet"
)

// runSource captures until the source ends.
func (c *Call) runSource(ctx context.Context) error {
	if c.cfg.Open == nil {
		c.noSource()
		return nil
	}
	if c.cfg.Paused {
		c.settleSource()
	}
	err := c.capture.run(ctx)
	var broken brokenOff
	switch {
	case errors.Is(err, io.EOF):
		return c.sourceEnded(ctx, nil)
	case errors.As(err, &broken) && c.account.Any():
		return c.sourceEnded(ctx, broken.error)
	case err == nil:
		return nil
	case c.cfg.Optional && missingCamera(err):
		sentence, hint := fault.Explain(err)
		c.noSource()
		c.noted(Note{Kind: NoteInfo, Text: sentence + ": joining as a viewer", Hint: hint})
		return nil
	}
	c.noSource()
	return err
}

// missingCamera reports whether a source could not be opened because there is no camera, or none that can be used.
func missingCamera(err error) bool {
	switch capture.KindOf(err) {
	case capture.Missing, capture.Unsupported:
		var e *capture.Error
		return errors.As(err, &e)
	}
	return false
}

// noSource says that nothing will be sent.
func (c *Call) noSource() {
	c.watcher.Store(true)
	c.settleSource()
}

// settleSource notes that the source is open, or will not be, so that the role in the room is known.
func (c *Call) settleSource() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.settled {
		c.settled = true
		close(c.sourceKnown)
	}
}

// How long to wait at the end of a source for its last pictures to go out, then for the relay to forward them.
const (
	emptyWithin = 2 * time.Second
	lingerFor   = 200 * time.Millisecond
)

// sourceEnded ends a call that only sends, once its last picture is out, and a mirror in a pipe; other calls go on. why is
// the error that ended the source, nil if it was complete.
func (c *Call) sourceEnded(ctx context.Context, why error) error {
	end := c.cfg.Address == "" && !c.cfg.AfterJoin && c.cfg.Frames <= 0 && c.cfg.Duration <= 0
	if why == nil {
		c.noted(Note{Kind: NoteInfo, Text: "the source has ended"})
	} else if !end && !c.cfg.SendOnly {
		sentence, hint := fault.Explain(why)
		c.noted(Note{Kind: NoteCamera, Text: sentence, Hint: hint})
	}
	switch {
	case end:
		sleep(ctx, lingerFor) // its last picture is still to be written
		return c.ended(why)
	case c.cfg.SendOnly:
		c.drainSource(ctx)
		return c.ended(why)
	}
	c.Pause(true) // the others should not wait for more
	return nil
}

// drainSource waits until the last pictures have gone out.
func (c *Call) drainSource(ctx context.Context) {
	limit := time.Now().Add(emptyWithin)
	for time.Now().Before(limit) && (c.capture.newest.Waits() || !c.account.Drained()) {
		if !sleep(ctx, 10*time.Millisecond) {
			return
		}
	}
	sleep(ctx, lingerFor)
}

// sleep waits for d; it returns false if ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// openSource opens the configured source, and shows what it has to say.
func (c *Call) openSource(ctx context.Context) (capture.Source, error) {
	src, err := c.cfg.Open(ctx)
	if err == nil {
		c.settleSource()
		if note := src.Info().Note; note != "" {
			c.noted(Note{Kind: NoteInfo, Text: packet.CleanText(note)})
		}
	}
	return src, err
}
