package call

import (
	"testing"

	"acip/internal/account"
	"acip/packet"
	"acip/transport"

	"github.com/rs/zerolog"
)

// TestSpoiledPicturesAreCounted: what the transport had to drop was received, and has a reason.
func TestSpoiledPicturesAreCounted(t *testing.T) {
	s := newSession(sessionConfig{account: account.New(), log: zerolog.Nop()})
	head := packet.Header{Type: packet.ImageFrame, Client: 7}
	o := s.observer()
	o.Timeout(transport.Message{Header: head})
	o.BadPacket(transport.Message{Header: head}, packet.ErrChecksum)
	o.Timeout(transport.Message{})
	o.Timeout(transport.Message{Header: packet.Header{Type: packet.TextMessage, Client: 7}})
	if s := s.account.Stats(0); s.Received != 2 || s.Down[account.Late] != 1 || s.Down[account.Damaged] != 1 {
		t.Errorf("%+v", s)
	}
}

// TestBrokenFramingIsFinalBeforeTheWelcomeOnly: a connection that carried a call was broken by something on the way.
func TestBrokenFramingIsFinalBeforeTheWelcomeOnly(t *testing.T) {
	s := newSession(sessionConfig{wait: true})
	broken := packet.CloseError{Code: packet.CodeFraming, Remote: true}
	if err := s.final(broken, false); err == nil {
		t.Error("tried again where there never was a call")
	}
	if err := s.final(broken, true); err != nil {
		t.Errorf("a call ends: %v", err)
	}
}
