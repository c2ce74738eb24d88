package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"acip/packet"
)

// TestIdleMembersGiveWay: where one address has filled the server and does nothing, others come in; whoever gave way is
// told why, and who sends or watches stays.
func TestIdleMembersGiveWay(t *testing.T) {
	t.Parallel()
	r := start(t, Config{MaxClients: 6, idle: time.Millisecond})
	var idle []client
	for i := range 4 {
		idle = append(idle, r.join(fmt.Sprintf(`{"protocol":1,"room":"r%d","name":"idle","role":"join","demand":true,"codecs":["raw"]}`, i)))
	}
	first := r.join(hello("first", "watch"))
	r.join(hello("second", "watch"))
	r.join(hello("third", "watch"))
	if e := closed(t, idle[0].Peer, packet.CodeFull); !strings.Contains(e.Reason, "was given to somebody else") {
		t.Errorf("told %q", e.Reason)
	}
	if err := first.SendText(packet.TextMessage, `{"text":"still here"}`); err != nil {
		t.Error(err)
	}
	if s := r.counted(); s.Slots.Used != 6 || s.Server.Refused["idle"] == 0 {
		t.Errorf("%+v", s.Server)
	}
}

// TestFullServerKeepsWhoIsActive: nobody gives way who was active lately, and nobody of an address with few slots.
func TestFullServerKeepsWhoIsActive(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Config{
		"active": {MaxClients: 4, idle: time.Hour}, "few": {MaxClients: 3, idle: time.Nanosecond},
	} {
		r := start(t, c)
		for range c.MaxClients {
			r.join(hello("x", "join"))
		}
		p := r.upgrade()
		_ = p.Hello("late", "lobby")
		if e := closed(t, p, packet.CodeFull); !strings.Contains(e.Reason, "slots are taken") {
			t.Errorf("%s: %q", name, e.Reason)
		}
	}
}

// TestAddressShare is the default: half of many, four of a few, never all.
func TestAddressShare(t *testing.T) {
	t.Parallel()
	for slots, want := range map[int]int{1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 8: 4, 10: 5, 32: 16, 1000: 500} {
		if got := (Limits{}).withDefaults(slots).AddressSlots; got != want {
			t.Errorf("%d of %d slots, want %d", got, slots, want)
		}
	}
}

// TestTalkersAreNotCut: what is above a line a second, five at once, is dropped and counted, and the connection goes on;
// a line comes as it was said, without escapes that make six bytes of one.
func TestTalkersAreNotCut(t *testing.T) {
	t.Parallel()
	r := start(t, Config{})
	v, loud := r.join(hello("v", "watch")), r.join(hello("loud", "watch"))
	line := strings.Repeat("<", 300)
	for range 60 {
		if err := loud.SendText(packet.TextMessage, `{"text":"`+line+`"}`); err != nil {
			t.Fatal(err)
		}
	}
	body, err := v.Expect(packet.TextMessage)
	var said packet.Text
	if err != nil || json.Unmarshal(body, &said) != nil || said.Text != line || len(body) > len(line)+20 {
		t.Fatalf("%d bytes for a line of %d: %v", len(body), len(line), err)
	}
	if !r.settles(func() bool {
		for _, m := range r.counted().Rooms[0].Members {
			if m.Name == "loud" && m.Connection.DroppedIn["rate"] >= 50 {
				return true
			}
		}
		return false
	}) {
		t.Errorf("what was dropped is not counted: %+v", r.counted().Rooms[0].Members)
	}
	if err := loud.Send(packet.StreamStart, []byte{0, 0, 0, 1}, 0); err != nil {
		t.Error(err)
	}
}

// TestChurnIsFewLines: the log tells of the first sessions of an address, and counts the rest.
func TestChurnIsFewLines(t *testing.T) {
	t.Parallel()
	g := newConnLimiter(Limits{}.withDefaults(32), nil)
	ip, now := parse("192.0.2.1"), time.Unix(1000, 0)
	told, held := 0, 0
	for range 32 * 60 { // a minute
		now = now.Add(time.Second / 32)
		if n, ok := g.mention(ip, now); ok {
			told, held = told+1, held+n
		}
	}
	if told < mentionBurst || told > mentionBurst+13 || told+held < 32*55 {
		t.Errorf("%d of 1920 sessions were told of, and %d counted", told, held)
	}
	if _, ok := g.mention(parse("192.0.2.2"), now); !ok {
		t.Error("another address is not told of")
	}
}
