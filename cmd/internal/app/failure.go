package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"unicode"
)

// Exit codes, the same for both programs.
const (
	ExitDone    = 0
	ExitFailed  = 1
	ExitUsage   = 2
	ExitRefused = 3
	ExitCut     = 130 // by a second signal
)

// Hinter is an error that knows the remedy. An empty one is none.
type Hinter interface{ Hint() string }

// ExitCoder is an error that knows how the program should exit.
type ExitCoder interface{ ExitCode() int }

// Error is a sentence, a remedy and an exit code.
type Error struct {
	Msg    string
	Remedy string
	Exit   int // ExitFailed if zero
	Err    error
}

func (e *Error) Error() string { return e.Msg }

// Hint implements Hinter.
func (e *Error) Hint() string { return e.Remedy }

// ExitCode implements ExitCoder.
func (e *Error) ExitCode() int { return max(e.Exit, ExitFailed) }

func (e *Error) Unwrap() error { return e.Err }

// usagef is wrong usage.
func usagef(format string, args ...any) *Error {
	return &Error{Msg: fmt.Sprintf(format, args...), Exit: ExitUsage}
}

// Usage is wrong usage with its remedy.
func Usage(sentence, remedy string) *Error {
	return &Error{Msg: sentence, Remedy: remedy, Exit: ExitUsage}
}

// hint is the error with a remedy.
func (e *Error) hint(format string, args ...any) *Error {
	e.Remedy = fmt.Sprintf(format, args...)
	return e
}

// hintOf is the remedy that an error knows.
func hintOf(err error) string {
	var h Hinter
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

// explain is the one place where an error becomes a sentence, a hint and an exit code.
func (p *Program) explain(err error) (sentence, hint string, exit int) {
	if err == nil || quiet(err) {
		return "", "", ExitDone
	}
	sentence, exit = err.Error(), ExitFailed
	var own *Error
	if p.Explain != nil && !errors.As(err, &own) {
		sentence, hint, exit = p.Explain(err)
	}
	if h := hintOf(err); h != "" {
		hint = h
	}
	var c ExitCoder
	if errors.As(err, &c) {
		exit = c.ExitCode()
	}
	return clean(sentence), clean(hint), exit
}

// quiet reports an end that nobody needs to read about: the reader of a pipe went away, or the program was told to end.
func quiet(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) || errors.Is(err, context.Canceled)
}

// report prints an error in the one form and returns the exit code.
func (p *Program) report(w io.Writer, err error) int {
	sentence, hint, exit := p.explain(err)
	if exit == ExitDone {
		return exit
	}
	fmt.Fprintf(w, "%s: error: %s\n", p.Name, sentence)
	if hint != "" {
		fmt.Fprintf(w, "%s: hint: %s\n", p.Name, hint)
	}
	return exit
}

// clean makes a text one line without control or format characters: parts of it may come from others.
func clean(s string) string {
	s = strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			return -1
		}
		return r
	}, s)
}
