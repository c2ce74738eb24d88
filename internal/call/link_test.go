package call

import (
	"testing"

	"acip/packet"
	"acip/transport"

	"github.com/rs/zerolog"
)

// TestSpoiledPicturesAreCounted: what the transport had to drop was received, and has a reason.
func TestSpoiledPicturesAreCounted(t *testing.T) {
	l := link{counts: newCounts(), log: zerolog.Nop()}
	head := packet.Header{Type: packet.ImageFrame, Client: 7}
	for _, n := range []transport.Notice{
		{Kind: transport.Timeout, Header: head}, {Kind: transport.BadPacket, Header: head}, {Kind: transport.Timeout},
		{Kind: transport.Timeout, Header: packet.Header{Type: packet.TextMessage, Client: 7}},
	} {
		l.notice(n)
	}
	if s := l.counts.stats(0); s.Received != 2 || s.Down[Late] != 1 || s.Down[Damaged] != 1 {
		t.Errorf("%+v", s)
	}
}
