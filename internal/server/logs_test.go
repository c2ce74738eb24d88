package server

import (
	"testing"
	"testing/synctest"
	"time"

	"acip/internal/testkit"
	"acip/packet"
	"acip/transport"

	"github.com/rs/zerolog"
)

// has checks a log line's level and the kinds of its fields.
func has(t *testing.T, line map[string]any, level string, numbers, bools []string) {
	t.Helper()
	if line["level"] != level {
		t.Errorf("%v: level %v, want %s", line["message"], line["level"], level)
	}
	for _, f := range numbers {
		if _, ok := line[f].(float64); !ok {
			t.Errorf("%v: %s is %v, want a number", line["message"], f, line[f])
		}
	}
	for _, f := range bools {
		if _, ok := line[f].(bool); !ok {
			t.Errorf("%v: %s is %v, want true or false", line["message"], f, line[f])
		}
	}
}

func TestDisconnectAndCleanupAreLoggedOnce(t *testing.T) {
	t.Parallel()
	r := start(t, Config{})
	const clients = 5
	for range clients {
		p := r.join(hello("x", "join"))
		_ = p.Conn.Close()
	}
	again := r.join(hello("y", "join"))
	r.join(`{"protocol":1,"room":"lobby","name":"y","role":"join","resume":"` + again.Resume + `"}`)
	closed(t, again.Peer, packet.CodeTakenOver)
	r.end()
	gone, freed := r.log.tagged("[WS_DISCONNECT]"), r.log.tagged("[WS_CLEANUP]")
	if len(gone) != clients+2 {
		t.Errorf("%d lines [WS_DISCONNECT], want %d", len(gone), clients+2)
	}
	seen := map[any]int{}
	for _, l := range freed {
		has(t, l, "debug", []string{"id", "index", "total_before"}, nil)
		seen[l["id"]]++
	}
	for _, l := range gone {
		has(t, l, "debug", []string{"id"}, []string{"cleanup", "active"})
		if seen[l["id"]] != 1 {
			t.Errorf("client %v: %d lines [WS_CLEANUP], want 1", l["id"], seen[l["id"]])
		}
	}
	if len(freed) != clients+1 {
		t.Errorf("%d lines [WS_CLEANUP], want %d", len(freed), clients+1)
	}
}

func TestReassemblyIsLogged(t *testing.T) {
	t.Parallel()
	began := time.Now()
	r := start(t, Config{ReassemblyTimeout: 3 * time.Second})
	a, v := r.join(hello("a", "join")), r.join(hello("v", "watch"))
	picture := testkit.Packet(packet.ImageFrame, testkit.Image(320, 240, 7))
	frames := testkit.Fragments(picture, 10240)
	for _, f := range frames[:len(frames)-1] {
		if err := a.WriteFrame(f); err != nil {
			t.Fatal(err)
		}
	}
	if !r.settles(func() bool { return len(r.log.tagged("[WS_REASSEMBLY_TIMEOUT]")) == 1 }) {
		t.Fatal("the deadline passed without a line")
	}
	if err := a.WriteFrame(frames[len(frames)-1]); err != nil {
		t.Fatal(err)
	}
	body, err := a.Expect(packet.ErrorMessage)
	if said, _ := packet.ParseError(body); err != nil || said.Code != packet.CodeFragment {
		t.Errorf("the sender was told %+v, %v", said, err)
	}
	for range 3 {
		if err := a.Send(packet.ImageFrame, testkit.Image(320, 240, 8), 10240); err != nil {
			t.Fatal(err)
		}
		if _, payload, err := nextPicture(v.Peer); err != nil || payload[len(payload)-1] != 8 {
			t.Fatalf("the next picture did not arrive whole: %v", err)
		}
	}
	late := r.log.tagged("[WS_REASSEMBLY_TIMEOUT]")[0]
	has(t, late, "warn", []string{"elapsed_s", "fragments", "size"}, nil)
	if got := late["fragments"].(float64); int(got) != len(frames)-1 {
		t.Errorf("%v fragments, want %d", got, len(frames)-1)
	}
	lines := r.log.tagged("[WS_REASSEMBLY] ")
	if most := 1 + int(time.Since(began).Seconds()); len(lines) < 1 || len(lines) > most {
		t.Fatalf("%d lines [WS_REASSEMBLY], want one a second", len(lines))
	}
	has(t, lines[0], "debug", []string{"fragments", "elapsed_s", "timeout_s", "size", "expected"}, nil)
	if dropped := r.counted().Rooms[0].Members[0].Connection.DroppedIn["timeout"]; dropped != 1 {
		t.Errorf("%d timeouts counted", dropped)
	}
}

// TestLogsAreSieved: a flood of messages that stall is a line a second on debug and ten warnings, whoever sends it.
func TestLogsAreSieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, l := newLogSampler(), &lines{}
		for second := 1; second <= 3; second++ {
			for range 100 {
				s.reassembling(zerolog.New(l), transport.Message{Fragments: 3})
				s.timedOut(zerolog.New(l), transport.Message{Fragments: 3})
			}
			if slow, late := len(l.tagged("[WS_REASSEMBLY] ")), len(l.tagged("[WS_REASSEMBLY_TIMEOUT] ")); slow != second || late != 10*second {
				t.Errorf("after %d floods, a second apart: %d and %d lines", second, slow, late)
			}
			time.Sleep(time.Second)
		}
		quiet := &lines{}
		s.reassembling(zerolog.New(quiet).Level(zerolog.InfoLevel), transport.Message{Fragments: 3})
		if got := quiet.all(); len(got) > 0 {
			t.Errorf("at info: %v", got)
		}
	})
}

func TestSteadyCallLogsNothingAtInfo(t *testing.T) {
	t.Parallel()
	r := start(t, Config{Log: zerolog.Nop().Level(zerolog.InfoLevel)})
	a, v := r.join(hello("a", "join")), r.join(hello("v", "watch"))
	before := len(r.log.all())
	for n := range byte(100) {
		if err := a.Send(packet.ImageFrame, testkit.Image(64, 48, n), 1000); err != nil {
			t.Fatal(err)
		}
		if _, _, err := nextPicture(v.Peer); err != nil {
			t.Fatal(err)
		}
	}
	r.counted()
	if lines := r.log.all()[before:]; len(lines) != 0 {
		t.Errorf("logged %v", lines)
	}
}
