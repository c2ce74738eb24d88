package call

import (
	"strings"

	"acip/internal/fault"
	"acip/packet"
)

// refusal is the error of a server that refused us or ended the session, with its own words if it sent any.
type refusal struct {
	packet.CloseError
	address string
}

// Error returns the sentence of the close code, with the server's reason.
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

// Hint returns what helps against the close code.
func (e refusal) Hint() string { return fault.CloseRemedy(e.Code) }

// Unwrap returns the CloseError.
func (e refusal) Unwrap() error { return e.CloseError }
