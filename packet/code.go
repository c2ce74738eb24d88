package packet

import (
	"fmt"
	"strings"
)

// Code is a WebSocket close code, as it is also carried by ERROR_MESSAGE.
type Code uint16

// The close codes of the conversation; Codes tells what each means.
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

// Retry says whether a client tries again by itself after a close code.
type Retry uint8

// No: the code is final. Yes: with back-off. WithWait: only if asked to wait. OnceIn: where the client has been welcomed
// before, since what broke is then not the way but somebody on it, as a proxy that was restarted.
const (
	No Retry = iota
	Yes
	WithWait
	OnceIn
)

// CodeInfo is one row of the table of close codes.
type CodeInfo struct {
	Code    Code
	Name    string // one lower-case word or two, for logs and counters
	Meaning string // a clause that a person understands
	Hint    string // what to do about it; may be empty
	Retry   Retry
	Exit    int // exit code of a client that ends with it
}

// Codes is the table of all close codes, in ascending order. The one in the
// protocol's document is tested against it.
func Codes() []CodeInfo {
	return []CodeInfo{
		{CodeBye, "bye", "the call was ended", "", No, 0},
		{CodeGoingAway, "going away", "the server is shutting down", "it says when to come back; without --no-reconnect that happens by itself", Yes, 1},
		{CodeFraming, "broken framing", "the WebSocket framing was broken", "something between the two changes the bytes; try wss:// or another network", OnceIn, 1},
		{CodeLost, "lost", "the connection was lost", "check the network; without --no-reconnect it comes back by itself", Yes, 1},
		{CodePolicy, "policy", "the server's policy does not allow it", "ask the server's operator", No, 3},
		{CodeTooBig, "too big", "a message was above the size limit", "send smaller pictures: --capture-size, or --codec jpeg", No, 1},
		{CodeViolation, "protocol violation", "the other end broke the protocol", "use the same version at both ends: acip-client --version", No, 3},
		{CodeUnauthorised, "not authorised", "the server did not accept the token", "ask the server's operator for the token, and pass it with --token-file FILE or ACIP_TOKEN", No, 3},
		{CodeFull, "no free slot", "all places on the server are taken", "--wait tries until one is free", WithWait, 3},
		{CodeStalled, "stalled", "what was sent was not taken for too long", "the link may be too slow: fewer peers with --peer, or a smaller window", Yes, 1},
		{CodeFragment, "fragment stalled", "a message stopped half-way", "the link may be too slow: --codec jpeg, or a smaller --capture-size", Yes, 1},
		{CodeRate, "rate limit", "too much was sent in too short a time", "lower --fps, or ask the server's operator for higher limits", Yes, 1},
		{CodeRoomFull, "room full", "the room is full", "--wait tries until there is a place; another room: --room NAME", WithWait, 3},
		{CodeRemoved, "removed", "the operator of the server ended the session", "ask the server's operator", No, 3},
		{CodeTakenOver, "taken over", "another session took this one over", "", No, 1},
		{CodeNoHello, "no hello in time", "no hello arrived in time", "the link may be too slow; it is tried again", Yes, 1},
		{CodeSilent, "silent", "nothing was heard for too long", "check the network; without --no-reconnect it comes back by itself", Yes, 1},
	}
}

// Info is the code's row of the table. A code that is not in it is final, an
// error, and named by its number.
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

// String is the code's name.
func (c Code) String() string { return c.Info().Name }

// CloseError is the end of a connection with a close code, at either end. Find it
// with errors.As.
type CloseError struct {
	Code   Code
	Reason string // a clean sentence or clause; may be empty
	Remote bool   // the other end closed
}

// Error reads "4002 no free slot: all 32 places are taken".
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

// Violation is a CloseError with CodeViolation for what the peer did.
func Violation(format string, args ...any) error {
	return CloseError{Code: CodeViolation, Reason: fmt.Sprintf(format, args...)}
}
