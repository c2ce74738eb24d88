package packet

import (
	"fmt"
	"strings"
)

// Code is a WebSocket close code, as it is also carried by ERROR_MESSAGE.
type Code uint16

// The close codes; Codes says what each means.
const (
	CodeBye          Code = 1000
	CodeGoingAway    Code = 1001
	CodeFraming      Code = 1002
	CodeLost         Code = 1006
	CodePolicy       Code = 1008
	CodeTooBig       Code = 1009
	CodeViolation    Code = 4000
	CodeUnauthorised Code = 4001
	CodeFull         Code = 4002
	CodeStalled      Code = 4003
	CodeFragment     Code = 4004
	CodeRate         Code = 4005
	CodeRoomFull     Code = 4006
	CodeRemoved      Code = 4007
	CodeTakenOver    Code = 4008
	CodeNoHello      Code = 4009
	CodeSilent       Code = 4010
)

// Retry says whether a client reconnects by itself after a close code.
type Retry uint8

// The values of Retry.
const (
	No       Retry = iota // the code is final
	Yes                   // with back-off
	WithWait              // only if the user asked to wait
	OnceIn                // only if the client was welcomed before: then the way works, and something on it broke, such as a proxy
)

// CodeInfo is one row of the table of close codes.
type CodeInfo struct {
	Code    Code
	Name    string // one lower-case word or two, for logs and counters
	Meaning string // a clause for a person
	Retry   Retry
	Exit    int // exit code of a client that ends with it
}

// Codes returns the table of all close codes, in ascending order. The table in PROTOCOL.md is tested against it, and
// what helps against each is in internal/fault.
func Codes() []CodeInfo {
	return []CodeInfo{
		{CodeBye, "bye", "the call was ended", No, 0},
		{CodeGoingAway, "going away", "the server is shutting down", Yes, 1},
		{CodeFraming, "broken framing", "the WebSocket framing was broken", OnceIn, 1},
		{CodeLost, "lost", "the connection was lost", Yes, 1},
		{CodePolicy, "policy", "the server's policy does not allow it", No, 3},
		{CodeTooBig, "too big", "a message was above the size limit", No, 1},
		{CodeViolation, "protocol violation", "the other end broke the protocol", No, 3},
		{CodeUnauthorised, "not authorised", "the server did not accept the token", No, 3},
		{CodeFull, "no free slot", "all places on the server are taken", WithWait, 3},
		{CodeStalled, "stalled", "what was sent was not taken for too long", Yes, 1},
		{CodeFragment, "fragment stalled", "a message stopped half-way", Yes, 1},
		{CodeRate, "rate limit", "too much was sent in too short a time", Yes, 1},
		{CodeRoomFull, "room full", "the room is full", WithWait, 3},
		{CodeRemoved, "removed", "the operator of the server ended the session", No, 3},
		{CodeTakenOver, "taken over", "another session took this one over", No, 1},
		{CodeNoHello, "no hello in time", "no hello arrived in time", Yes, 1},
		{CodeSilent, "silent", "nothing was heard for too long", Yes, 1},
	}
}

// Info returns the code's row of the table. A code that is not in it is final, an error, and named by its number.
func (c Code) Info() CodeInfo {
	for _, i := range Codes() {
		if i.Code == c {
			return i
		}
	}
	name := fmt.Sprintf("code %d", c)
	return CodeInfo{Code: c, Name: name, Meaning: "the connection was closed with " + name, Retry: No, Exit: 1}
}

// Sendable reports whether a close frame may carry the code (RFC 6455, 7.4, and the registry of codes).
func (c Code) Sendable() bool {
	return c >= 1000 && c <= 1003 || c >= 1007 && c <= 1014 || c >= 3000 && c <= 4999
}

// String returns the code's name.
func (c Code) String() string { return c.Info().Name }

// CloseError is the end of a connection with a close code, at either end. Find it with errors.As.
type CloseError struct {
	Code   Code
	Reason string // a clean sentence or clause; may be empty
	Remote bool   // the other end closed
}

// Error returns a sentence such as "4002 no free slot: all 32 places are taken".
func (e CloseError) Error() string {
	s := fmt.Sprintf("%d %s", e.Code, e.Code.Info().Name)
	if strings.HasPrefix(e.Code.Info().Name, "code ") {
		s = e.Code.Info().Name
	}
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	return s
}

// Violation returns a CloseError with CodeViolation for what the peer did.
func Violation(format string, args ...any) error {
	return CloseError{Code: CodeViolation, Reason: fmt.Sprintf(format, args...)}
}
