package call

import (
	"testing"

	"acip/packet"
)

// The code decides what a departure means, whatever the sentence says; the sentence does for servers without codes.
func TestDepartures(t *testing.T) {
	for _, c := range []struct {
		code   packet.Code
		reason string
		want   DepartureKind
	}{
		{packet.CodeBye, "the connection was lost", Left},
		{packet.CodeRemoved, "removed", Left},
		{packet.CodeLost, "weg", Lost},
		{packet.CodeSilent, "", Lost},
		{packet.CodeStalled, "", Lost},
		{packet.CodeFragment, "", Lost},
		{packet.CodeGoingAway, "back soon", ServerEnded},
		{0, "bye", Left},
		{0, "removed", Left},
		{0, "connection lost", Lost},
		{0, packet.CodeStalled.String(), Lost},
		{0, packet.CodeFragment.String(), Lost},
		{0, packet.CodeSilent.String(), Lost},
		{0, "read: Connection reset by peer", Lost},
		{0, packet.CodeGoingAway.String(), ServerEnded},
	} {
		d := departure(packet.Leave{ID: 1, Code: c.code, Reason: c.reason + "\x1b[2J"})
		d2 := departure(packet.Leave{ID: 1, Code: c.code, Reason: c.reason})
		if d2.Kind != c.want || d2.Reason != c.reason {
			t.Errorf("%d %q: %+v, want kind %d", c.code, c.reason, d2, c.want)
		}
		if d.Reason != packet.CleanText(c.reason+"\x1b[2J") {
			t.Errorf("%q is not clean", d.Reason)
		}
	}
	if d := departure(notListed(Peer{ID: 1})); d.Kind != NotListed || d.Reason == "" {
		t.Errorf("one that is not listed: %+v", d)
	}
}
