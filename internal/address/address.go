// Package address is which server is meant, and how it is known: what was typed, what announces itself in this network,
// which certificates are trusted.
package address

import (
	"errors"
	"fmt"
	"strings"

	"acip/packet"
	"acip/transport"
)

// Parse turns what a person types into the WebSocket address of a server, as transport.ParseAddress reads it. A link
// may carry the room as ?room=NAME. Empty is localhost. Errors are of wrong usage.
func Parse(typed string) (address, room string, err error) {
	if strings.TrimSpace(typed) == "" {
		typed = "localhost"
	}
	u, err := transport.ParseAddress(typed)
	if err == nil && u.User != nil {
		err = errors.New("names and passwords are not sent")
	}
	if err != nil {
		return "", "", &badAddress{typed, err}
	}
	room = u.Query().Get("room")
	u.RawQuery = ""
	return u.String(), room, nil
}

// badAddress is an address that is none.
type badAddress struct {
	typed string
	err   error
}

// Error says why, without what may be secret in a link.
func (e *badAddress) Error() string {
	why := e.err.Error()
	var dial *transport.DialError
	if errors.As(e.err, &dial) {
		why = dial.Detail
	}
	return fmt.Sprintf("%q is not an address: %s", packet.CleanText(transport.Shown(e.typed)), why)
}

// Unwrap is the cause.
func (e *badAddress) Unwrap() error { return e.err }

// Hint implements hinter.
func (e *badAddress) Hint() string {
	return "an address is host, host:port, ws://host:port or wss://host"
}

// Usage implements the marker of errors of usage.
func (e *badAddress) Usage() {}
