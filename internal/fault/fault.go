// Package fault is what an error is to a person: a sentence, the remedy, and the exit code of the program.
//
// It is the one package besides the commands that names programs and flags. It maps close codes and failed connections to
// remedies. Other errors say themselves what helps, through a method Hint, and that they are wrong usage, through a method
// Usage.
package fault

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"syscall"

	"acip/capture"
	"acip/packet"
	"acip/transport"
)

// What Code returns: the exit codes of the program.
const (
	ExitDone    = 0
	ExitFailed  = 1
	ExitUsage   = 2
	ExitRefused = 3
)

// hinter is an error that knows the remedy.
type hinter interface{ Hint() string }

// misuse marks errors of wrong usage.
type misuse interface{ Usage() }

// Usage is a wrong flag or argument.
type Usage struct {
	Text   string
	Remedy string
}

// Error is the sentence.
func (e *Usage) Error() string { return e.Text }

// Hint is the remedy.
func (e *Usage) Hint() string { return e.Remedy }

// Usage marks it for Code.
func (e *Usage) Usage() {}

// Explain is the sentence and the hint for a person; the hint may be empty.
func Explain(err error) (sentence, hint string) {
	if err == nil {
		return "", ""
	}
	sentence = err.Error()
	var h hinter
	var closed packet.CloseError
	var source *capture.Error
	var dial *transport.DialError
	switch {
	case errors.As(err, &source):
		hint = SourceRemedy(source.Reason, source.Hint)
	case errors.As(err, &h):
		hint = h.Hint()
	case errors.As(err, &dial):
		hint = dialHint(dial)
	case errors.As(err, &closed):
		hint = CloseRemedy(closed.Code)
	case errors.Is(err, fs.ErrNotExist):
		hint = "check the path"
	case errors.Is(err, fs.ErrPermission):
		hint = "check the permissions: ls -l"
	case errors.Is(err, syscall.ENOSPC):
		hint = "free some space, or write elsewhere"
	}
	return packet.CleanText(sentence), packet.CleanText(hint)
}

// Code maps an error to the exit code.
func Code(err error) int {
	var u misuse
	var closed packet.CloseError
	var source *capture.Error
	switch {
	case err == nil, Quiet(err):
		return ExitDone
	case errors.As(err, &u), errors.As(err, &source) && source.Kind == capture.Usage:
		return ExitUsage
	case errors.As(err, &closed):
		return closed.Code.Info().Exit
	}
	return ExitFailed
}

// Quiet reports whether an error is a normal end that nobody needs to read about: the reader of a pipe went away.
func Quiet(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) || errors.Is(err, context.Canceled)
}
