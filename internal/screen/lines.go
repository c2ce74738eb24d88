package screen

import (
	"context"
	"fmt"
	"os"
	"sync"

	"acip/frame"
	"acip/internal/call"
	"acip/internal/term"
	"acip/internal/ui"
)

// lines is the output for users of screen readers and plain terminals: it prints each event as a line of text, and takes
// each line typed as a command or as chat. It asks for no pictures.
type lines struct {
	*inbox
	stdout *os.File
}

// NewLines returns an output that prints a call as lines of plain text on stdout. If that is a terminal, it also takes
// the lines typed there.
func NewLines(stdout *os.File) call.Output { return &lines{inbox: newInbox(), stdout: stdout} }

// Run prints what happens until ctx ends or the person leaves.
func (l *lines) Run(ctx context.Context, c call.Controls) error {
	l.attachInbox(c)
	defer l.closeInbox()
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

// loop prints events and answers; nothing else prints.
func (l *lines) loop(ctx context.Context, c call.Controls, typed <-chan string) error {
	talk := ui.NewLines()
	for {
		var out []string
		select {
		case <-ctx.Done():
			return nil
		case text := <-typed:
			actions, answer := talk.Typed(text)
			out = answer
			if l.do(c, actions) {
				return nil
			}
		case <-l.wake.C():
			l.take(func(e ui.Event) { out = append(out, talk.Lines(e)...) })
		}
		for _, line := range out {
			if _, err := fmt.Fprintln(l.stdout, line); err != nil {
				return fmt.Errorf("print: %w", err)
			}
		}
		l.swap(func(id uint32, _ *frame.Frame) bool { return id == selfID })
	}
}

// do carries out what was typed, and reports whether the user left.
func (l *lines) do(c call.Controls, actions []ui.Action) (left bool) {
	for _, a := range actions {
		switch a.Kind {
		case ui.Leave:
			c.Leave()
			left = true
		case ui.Pause:
			c.Pause(a.On)
		case ui.Say:
			c.Say(a.Text)
		}
	}
	return left
}
