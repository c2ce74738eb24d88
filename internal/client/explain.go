package client

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"acip/capture"
	"acip/packet"
)

// What Code returns: exit codes of the program.
const (
	ExitDone    = 0
	ExitFailed  = 1
	ExitUsage   = 2
	ExitRefused = 3
)

// hinter is an error that knows the remedy.
type hinter interface{ Hint() string }

// usage marks errors of wrong usage.
type usage interface{ Usage() }

// UsageError is a wrong flag or argument.
type UsageError struct {
	Text   string
	Remedy string
}

// Error is the sentence.
func (e *UsageError) Error() string { return e.Text }

// Hint is the remedy.
func (e *UsageError) Hint() string { return e.Remedy }

// Usage marks it for Code.
func (e *UsageError) Usage() {}

// refusal is a server that said no, with the server's own words where it had some.
type refusal struct {
	packet.CloseError
	address string
}

// Error is a sentence of the table of close codes, with the server's reason.
func (e refusal) Error() string {
	s := e.address + ": " + e.Code.Info().Meaning
	switch {
	case e.Reason != "" && (e.Code == packet.CodeFull || e.Code == packet.CodeRoomFull):
		s = e.address + ": " + e.Reason // the same with a number
	case e.Reason != "" && !strings.Contains(s, e.Reason):
		s += ": " + e.Reason
	}
	return s
}

// Hint is the table's.
func (e refusal) Hint() string { return e.Code.Info().Hint }

// Unwrap is the CloseError.
func (e refusal) Unwrap() error { return e.CloseError }

// Explain is the sentence and the hint for a person; the hint may be empty.
func Explain(err error) (sentence, hint string) {
	if err == nil {
		return "", ""
	}
	sentence = err.Error()
	var h hinter
	var closed packet.CloseError
	var source *capture.Error
	switch {
	case errors.As(err, &source):
		hint = source.Hint
	case errors.As(err, &h):
		hint = h.Hint()
	case errors.As(err, &closed):
		hint = closed.Code.Info().Hint
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
	var u usage
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

// missingCamera reports whether a source could not be opened because there is no camera, or no way to one.
func missingCamera(err error) bool {
	switch capture.KindOf(err) {
	case capture.Missing, capture.Unsupported:
		var e *capture.Error
		return errors.As(err, &e)
	}
	return false
}

// stateDir is where logs, snapshots and recordings go.
func stateDir(getenv func(string) string) (string, error) {
	if dir := getenv("XDG_STATE_HOME"); dir != "" {
		return dir + string(os.PathSeparator) + "acip", nil
	}
	home := getenv("HOME")
	if home == "" {
		return "", errors.New("no place for files: neither XDG_STATE_HOME nor HOME is set")
	}
	return strings.Join([]string{home, ".local", "state", "acip"}, string(os.PathSeparator)), nil
}
