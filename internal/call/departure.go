package call

import (
	"strings"

	"acip/packet"
)

// DepartureKind says what a member's departure means for those who stay.
type DepartureKind uint8

// The kinds of departure.
const (
	Left        DepartureKind = iota // it closed the connection, or the server did
	Lost                             // its connection was lost: it may come back
	ServerEnded                      // the server is going away: our own connection is lost next
	NotListed                        // the roster after a new connection does not list it (yet)
)

// Departure is why a member left.
type Departure struct {
	Kind   DepartureKind
	Reason string // a clean clause for a person; may be empty
}

// notListed is the departure of a member that a new roster lacks.
func notListed(p Peer) packet.Leave {
	return packet.Leave{ID: p.ID, Name: p.Name, Reason: notListedReason}
}

const notListedReason = "not there any more"

// departure reads the server's word about a member that left.
func departure(l packet.Leave) Departure {
	d := Departure{Reason: packet.CleanText(l.Reason)}
	switch l.Code {
	case packet.CodeLost, packet.CodeSilent, packet.CodeStalled, packet.CodeFragment:
		d.Kind = Lost
	case packet.CodeGoingAway:
		d.Kind = ServerEnded
	case 0:
		d.Kind = departureByReason(d.Reason)
	}
	return d
}

// departureByReason reads the sentence of a server that sends no code.
func departureByReason(reason string) DepartureKind {
	switch reason {
	case packet.CodeGoingAway.String():
		return ServerEnded
	case notListedReason:
		return NotListed
	}
	r := strings.ToLower(reason)
	for _, word := range []string{"lost", "silent", "stalled", "reset", "timeout", "time-out", "closed without"} {
		if strings.Contains(r, word) {
			return Lost
		}
	}
	return Left
}
