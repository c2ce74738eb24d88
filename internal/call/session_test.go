package call

import (
	"testing"
	"time"

	"acip/internal/account"
	"acip/packet"
	"acip/transport"

	"github.com/rs/zerolog"
)

// What the transport had to drop was received, and has a reason.
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

// Before a welcome, broken framing means another protocol; after it, something on the way broke the connection.
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

// How long to stay away is read from WELCOME, and from the sentence if the server did not say it there.
func TestRequestedPause(t *testing.T) {
	for _, c := range []struct {
		name    string
		seconds int
		err     error
		want    time.Duration
	}{
		{"the number counts", 3, packet.CloseError{Code: packet.CodeGoingAway, Reason: "retry after 7 s"}, 3 * time.Second},
		{"an older server", 0, packet.CloseError{Code: packet.CodeGoingAway, Reason: "retry after 7 s"}, 7 * time.Second},
		{"a number out of bounds", 1 << 30, packet.CloseError{Code: packet.CodeGoingAway, Reason: "retry after 7 s"}, 7 * time.Second},
		{"a negative number", -5, packet.CloseError{Code: packet.CodeGoingAway}, 0},
		{"another end", 3, packet.CloseError{Code: packet.CodeSilent}, 0},
		{"another end with a sentence", 3, packet.CloseError{Code: packet.CodeRate, Reason: "retry after 7 s"}, 7 * time.Second},
		{"no close code", 3, transport.ErrNotConnected, 0},
	} {
		s := newSession(sessionConfig{handle: &transport.Handle{}, log: zerolog.Nop(), state: func(Link) {}, welcome: func(packet.Welcome) {}})
		q := &countingQueue{SendQueue: transport.NewSendQueue()}
		s.enter(packet.Welcome{ID: 1, Limits: packet.Limits{RetryAfterS: c.seconds}}, q)
		if got := s.requestedPause(c.err); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		s.handle.Clear()
	}
}
