package ui

import (
	"strings"
	"testing"
	"time"

	"acip/frame"
	"acip/internal/testkit"
	"acip/render"
)

// up is a call that stands.
func (s *testScreen) up() {
	s.update(Joined{ID: 100, Name: "me", Self: true})
	s.update(Link{State: Up, Address: "ws://relay.example:27226/acip", Room: "lobby", Join: "acip-client relay.example"})
	s.update(Status{FPSIn: 29.8, FPSOut: 30, KbitDown: 58, KbitUp: 61, RTT: 12 * time.Millisecond, Age: 43 * time.Millisecond, Codec: "jpeg"})
	s.now = s.now.Add(time.Second)
}

// watchers brings members that send nothing.
func (s *testScreen) watchers(names ...string) {
	for i, n := range names {
		s.update(Joined{ID: uint32(200 + i), Name: n, Watch: true, WasHere: true})
	}
}

func TestScreens(t *testing.T) {
	names := []string{"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan"}
	tests := []struct {
		name       string
		cols, rows int
		do         func(*testScreen)
	}{
		{"connecting", 80, 24, func(s *testScreen) { s.update(Link{State: Connecting, Address: "ws://relay.example:27226/acip"}) }},
		{"preview", 80, 24, func(s *testScreen) {
			s.update(Link{State: Preview, Address: "ws://relay.example:27226/acip", Room: "lobby"})
			s.update(Self{shade(160, 120, 90)})
		}},
		{"alone", 80, 24, func(s *testScreen) { s.up(); s.update(Self{shade(160, 120, 90)}) }},
		{"alone-watching", 80, 24, func(s *testScreen) { s.up(); s.update(Status{NoSource: true}) }},
		{"alone-no-camera", 80, 24, func(s *testScreen) {
			s.up()
			s.update(Camera{"camera 0 is busy: held by zoom (pid 4211)", "close it, or pick another: acip-client cameras"})
		}},
		{"one", 80, 24, func(s *testScreen) { s.up(); s.join(names[:1]...) }},
		{"two", 80, 24, func(s *testScreen) { s.up(); s.join(names[:2]...) }},
		{"three", 80, 24, func(s *testScreen) { s.up(); s.join(names[:3]...) }},
		{"five", 80, 24, func(s *testScreen) { s.up(); s.join(names[:5]...) }},
		{"nine", 160, 45, func(s *testScreen) { s.up(); s.join(names...) }},
		{"no-picture", 80, 24, func(s *testScreen) {
			s.up()
			s.join("bob")
			s.update(Joined{ID: 7, Name: "Ada Lovelace", WasHere: true})
			s.update(Joined{ID: 8, Name: "watcher", Watch: true})
		}},
		{"speaker", 80, 24, func(s *testScreen) { s.up(); s.join(names[:4]...); s.keys("2") }},
		{"solo", 80, 24, func(s *testScreen) { s.up(); s.join(names[:3]...); s.keys("ll") }},
		{"self-off", 80, 24, func(s *testScreen) { s.up(); s.join(names[:2]...); s.keys("v") }},
		{"self-no-camera", 80, 24, func(s *testScreen) {
			s.up()
			s.join(names[:2]...)
			s.update(Camera{"the camera is gone", "plug it in"})
			s.now = s.now.Add(time.Minute)
		}},
		{"watchers", 80, 24, func(s *testScreen) { s.up(); s.join(names[:2]...); s.watchers("zoe", "Ada Lovelace", "yan") }},
		{"watchers-only", 80, 24, func(s *testScreen) { s.up(); s.update(Self{shade(160, 120, 90)}); s.watchers("zoe", "yan") }},
		{"hidden", 80, 24, func(s *testScreen) {
			s.up()
			s.join(names[:3]...)
			s.watchers("zoe")
			s.keys("h ")
			s.update(Key{Code: Escape})
		}},
		{"people", 80, 24, func(s *testScreen) {
			s.up()
			s.join(names[:3]...)
			s.watchers("zoe")
			s.keys("hj m")
		}},
		{"stalled", 80, 24, func(s *testScreen) {
			s.up()
			s.join(names[:2]...)
			s.draw()
			s.now = s.now.Add(7 * time.Second)
			s.picture(2, 160, 120)
		}},
		{"full", 80, 24, func(s *testScreen) {
			s.update(Link{State: Connecting, Address: "ws://relay.example:27226/acip", Full: true, Reason: "all 32 slots are taken", Retry: s.now.Add(4 * time.Second)})
		}},
		{"waiting", 80, 24, func(s *testScreen) {
			s.update(Link{State: Connecting, Address: "ws://relay.example:27226/acip", Reason: "relay.example:27226: connection refused", Retry: s.now.Add(time.Second)})
		}},
		{"help-mirror", 80, 24, func(s *testScreen) { s.update(Link{State: Local}); s.update(Self{shade(160, 120, 90)}); s.keys("?") }},
		{"help", 80, 24, func(s *testScreen) { s.up(); s.join(names[:1]...); s.keys("?") }},
		{"help-small", 40, 12, func(s *testScreen) { s.up(); s.join(names[:1]...); s.keys("?") }},
		{"chat", 80, 24, func(s *testScreen) {
			s.up()
			s.join(names[:2]...)
			s.update(ChatLine{From: "bob", Text: "the second line of the plan is too long for a narrow pane, I think"})
			s.update(ChatLine{From: "me", Text: "so it wraps", Own: true})
			s.keys("tmore")
		}},
		{"chat-narrow", 40, 16, func(s *testScreen) {
			s.up()
			s.join(names[:1]...)
			s.update(ChatLine{From: "bob", Text: "hello"})
			s.keys("t")
		}},
		{"notes", 80, 24, func(s *testScreen) {
			s.up()
			s.join(names[:1]...)
			s.update(Joined{ID: 9, Name: "zoe"})
			s.update(Gone{ID: 9})
			s.update(ChatLine{From: "alice", Text: "hello there"})
		}},
		{"note-path", 80, 24, func(s *testScreen) {
			s.up()
			s.join(names[:2]...)
			s.update(Notice{Text: "snapshot saved", Hint: "~/.local/state/acip/captures/acip-snapshot-2026-01-02T03-04-05.png"})
		}},
		{"paused", 80, 24, func(s *testScreen) {
			s.up()
			s.join(names[:2]...)
			s.update(Joined{ID: 2, Name: "bob", Paused: true})
			s.keys(" ")
		}},
		{"lost", 80, 24, func(s *testScreen) {
			s.up()
			s.join(names[:2]...)
			s.update(Link{State: Lost, Reason: "the server went away", Retry: s.now.Add(2300 * time.Millisecond)})
		}},
		{"peer-lost", 80, 24, func(s *testScreen) { s.up(); s.join(names[:2]...); s.update(Gone{ID: 1, Lost: true}) }},
		{"mirror", 80, 24, func(s *testScreen) {
			s.update(Link{State: Local})
			s.update(Self{shade(160, 120, 90)})
			s.update(Status{Source: "pattern"})
			for range 15 {
				s.update(Self{shade(160, 120, 90)})
			}
			s.now = s.now.Add(time.Second / 2)
			s.update(Status{Source: "pattern"})
		}},
		{"least", 20, 6, func(s *testScreen) { s.up(); s.join(names[:2]...) }},
		{"too-small", 10, 3, func(s *testScreen) { s.up(); s.join(names[:1]...) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newTestScreen(t, tt.cols, tt.rows, Options{}, render.Style{})
			tt.do(s)
			got := s.draw()
			s.show(tt.name)
			testkit.Golden(t, tt.name+".txt", []byte(got))
			if again := s.draw(); again != got {
				t.Errorf("drawing the same again gives another screen:\n%s", again)
			}
		})
	}
}

// Whatever happened before, the screen shows what a new one would show.
func TestNothingIsLeftBehind(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	s.up()
	s.join("alice", "bob")
	clean := s.draw()
	for _, keys := range []string{"??", "llll", "vv", "hj\x00", "h  \x00", "tx\x00", "nn", "ii", "12\x01", "ff"} {
		for _, r := range keys {
			k := Key{Rune: r}
			if r < 2 {
				k = Key{Code: []KeyCode{Escape, Tab}[r]}
			}
			s.update(k)
			s.draw()
		}
		s.m.layout, s.m.pinned, s.m.chat.input = Grid, 0, ""
		s.m.Redraw()
		s.now = s.now.Add(time.Minute)
		s.picture(1, 160, 120)
		s.picture(2, 160, 120)
		if got := s.draw(); got != clean {
			t.Fatalf("after %q:\n%s\nwant:\n%s", keys, got, clean)
		}
	}
}

// TestAnotherShape: of a picture whose shape changes, one's own or a peer's, in a frame of its own or a reused one, no
// strip stays.
func TestAnotherShape(t *testing.T) {
	shapes := []frame.Size{{W: 160, H: 120}, {W: 120, H: 160}, {W: 160, H: 40}, {W: 30, H: 160}, {W: 160, H: 120}}
	for _, peers := range []int{0, 1} {
		for _, reused := range []bool{false, true} {
			s := newTestScreen(t, 80, 24, Options{}, render.Style{})
			s.up()
			s.join([]string{"alice", "bob"}[:peers]...)
			f := frame.New(1, 1)
			for _, size := range shapes {
				next := shade(size.W, size.H, 90)
				if reused {
					*f = *next
					next = f
				}
				s.update(Self{next})
				for i := range peers {
					s.update(Picture{ID: uint32(i + 1), Frame: next})
				}
				got := s.draw()
				s.m.Redraw()
				if want := s.draw(); got != want {
					t.Errorf("%d peers, frames reused %v: after a picture of %v stands\n%s\nwant\n%s", peers, reused, size, got, want)
				}
			}
		}
	}
}

// A terminal that turns out to show ASCII alone gets nothing else from then on.
func TestPlainLater(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	s.up()
	s.keys("?")
	before := s.draw()
	s.update(Plain{On: true})
	s.c.SetStyle(render.Style{Glyphs: render.ASCII, Color: render.Mono})
	if got := s.draw(); !strings.Contains(before, "╭") || strings.ContainsFunc(got, func(r rune) bool { return r > 0x7e }) {
		t.Errorf("not ASCII:\n%s", got)
	}
}

// ASCII terminals get ASCII.
func TestPlainScreens(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{Plain: true}, render.Style{Glyphs: render.ASCII, Color: render.Mono})
	s.up()
	s.join("alice", "bob")
	s.keys("?")
	s.update(Joined{ID: 9, Name: "zoe"})
	if got := s.draw(); strings.ContainsFunc(got, func(r rune) bool { return r > 0x7e }) {
		t.Errorf("not ASCII:\n%s", got)
	}
}
