package pagetest

import (
	"encoding/json"
	"net"
	"testing"
	"time"

	"acip/internal/testkit"
	"acip/packet"
)

// member is a sender that a test speaks for.
type member struct {
	*testkit.Peer
	room, name string
}

// join joins a room.
func join(t *testing.T, s *testServer, room, name string) *member {
	t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	p, _, err := testkit.Upgrade(c, packet.DefaultPath, packet.Subprotocol)
	if err == nil {
		err = p.Hello(name, room)
	}
	if err == nil {
		_, err = p.Expect(packet.WelcomeType)
	}
	if err != nil {
		t.Fatal(err)
	}
	p.Pong = true
	return &member{p, room, name}
}

// rejoin is the same name as another member.
func rejoin(t *testing.T, s *testServer, m *member) *member {
	t.Helper()
	if err := m.Close(packet.CodeBye, "bye"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Closed(); err != nil {
		t.Fatal(err)
	}
	return join(t, s, m.room, m.name)
}

// demand waits until the room wants that rate of the member.
func (m *member) demand(t *testing.T, fps int) {
	t.Helper()
	for {
		body, err := m.Expect(packet.Demand)
		if err != nil {
			t.Fatalf("no demand of %d: %v", fps, err)
		}
		var ask packet.Ask
		if json.Unmarshal(body, &ask) == nil && ask.FPS == fps {
			return
		}
	}
}

// picture sends one small picture.
func (m *member) picture(t *testing.T) {
	t.Helper()
	if err := m.Send(packet.ImageFrame, testkit.Image(32, 24, 90), 0); err != nil {
		t.Fatal(err)
	}
}

// stream says that the picture begins, or is paused.
func (m *member) stream(t *testing.T, on bool) {
	t.Helper()
	body := make([]byte, packet.StreamSize)
	packet.PutStream(body, packet.StreamVideo)
	kind := packet.StreamStop
	if on {
		kind = packet.StreamStart
	}
	if err := m.Send(kind, body, 0); err != nil {
		t.Fatal(err)
	}
}
