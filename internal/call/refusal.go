package call

import (
	"strings"

	"acip/packet"
)

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
