package screen

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"

	"acip/frame"
	"acip/internal/call"
	"acip/internal/term"
	"acip/internal/ui"
)

// lines is the output for those who do not look: each event is a line of plain text, each line typed is said. No
// picture is asked for.
type lines struct {
	*feed
	stdout *os.File
}

// NewLines is the output of a call as lines of plain text on stdout; the lines typed there are said, where it is a terminal.
func NewLines(stdout *os.File) call.Output { return &lines{feed: newFeed(), stdout: stdout} }

// Run prints what happens until ctx ends or "q" is typed.
func (l *lines) Run(ctx context.Context, c call.Controls) error {
	l.attachFeed(c)
	defer l.closeFeed()
	c.Want(frame.Size{}, nil)
	typed := make(chan string)
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	if term.IsTerminal(l.stdout) {
		group.Go(func() { term.ReadLines(ctx, l.stdout, typed) })
	}
	defer group.Wait()
	defer cancel()
	return l.loop(ctx, c, typed)
}

// loop is the one place that prints.
func (l *lines) loop(ctx context.Context, c call.Controls, typed <-chan string) error {
	var out io.Writer = l.stdout
	talk := ui.NewLines()
	for {
		select {
		case <-ctx.Done():
			return nil
		case text := <-typed:
			if text == "q" {
				c.Leave()
				return nil
			}
			if text != "" {
				c.Say(text)
			}
		case <-l.wake:
		}
		var err error
		l.take(func(e ui.Event) {
			for _, line := range talk.Lines(e) {
				if _, failed := fmt.Fprintln(out, line); failed != nil {
					err = failed
				}
			}
		})
		if err != nil {
			return fmt.Errorf("print: %w", err)
		}
		l.swap(func(id uint32, _ *frame.Frame) bool { return id == selfID })
	}
}
