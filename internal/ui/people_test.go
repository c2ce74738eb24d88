package ui

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"acip/frame"
	"acip/render"

	"pgregory.net/rapid"
)

// wanted are the ids that pictures are asked of.
func (s *testScreen) wanted() (ids []uint32) {
	_, list := s.m.Wants(render.Style{}, s.now)
	for _, w := range list {
		ids = append(ids, w.ID)
	}
	return ids
}

// Hidden means no tile, no demand, no messages and no notices, until it is undone.
func TestHiddenMember(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	s.up()
	s.join("alice", "bob")
	s.draw()
	s.keys("hj ")
	s.update(Key{Code: Escape})
	s.draw()
	if got := s.wanted(); !slices.Equal(got, []uint32{1}) {
		t.Errorf("pictures are asked of %v", got)
	}
	s.update(ChatLine{ID: 2, From: "bob", Text: "psst"})
	s.update(Joined{ID: 2, Name: "bob", Paused: true})
	s.picture(2, 160, 120)
	if got := s.draw(); strings.Contains(got, "bob") || strings.Contains(got, "psst") || !strings.Contains(got, "1 hidden") || !strings.Contains(got, "3 here") {
		t.Errorf("bob is hidden:\n%s", got)
	}
	s.keys("h ") // the one that was chosen last
	s.update(Key{Code: Escape})
	s.picture(2, 160, 120)
	if got := s.draw(); !strings.Contains(got, "bob") || strings.Contains(got, "hidden") || !slices.Equal(s.wanted(), []uint32{1, 2}) {
		t.Errorf("bob is shown again, pictures are asked of %v:\n%s", s.wanted(), got)
	}
}

// Muted means no messages; the picture stays.
func TestMutedMember(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	s.up()
	s.join("alice")
	s.keys("hm")
	s.update(Key{Code: Escape})
	s.update(ChatLine{ID: 1, From: "alice", Text: "psst"})
	if got := s.draw(); strings.Contains(got, "psst") || !slices.Equal(s.wanted(), []uint32{1}) {
		t.Errorf("alice is muted, pictures are asked of %v:\n%s", s.wanted(), got)
	}
	s.keys("hm")
	s.update(ChatLine{ID: 1, From: "alice", Text: "psst"})
	if got := s.draw(); !strings.Contains(got, "psst") {
		t.Errorf("alice is not muted any more:\n%s", got)
	}
}

// Whoever is hidden stays so: under the same name with another id, under another name with the same id, and after the
// connection was lost; then ids mean nothing any more, since a new server gives them to others.
func TestHiddenIsRemembered(t *testing.T) {
	for name, back := range map[string]struct {
		do   func(*testScreen)
		hide bool
	}{
		"another id":   {func(s *testScreen) { s.update(Gone{ID: 1}); s.update(Joined{ID: 9, Name: "mallory"}) }, true},
		"another name": {func(s *testScreen) { s.update(Joined{ID: 1, Name: "mallory-2"}) }, true},
		"another name, then id": {func(s *testScreen) {
			s.update(Joined{ID: 1, Name: "eve"})
			s.update(Gone{ID: 1})
			s.update(Joined{ID: 7, Name: "eve"})
		}, true},
		"a new server, same":     {func(s *testScreen) { s.update(Gone{ID: 1}); s.reconnect(); s.update(Joined{ID: 4, Name: "mallory"}) }, true},
		"a new server, somebody": {func(s *testScreen) { s.update(Gone{ID: 1}); s.reconnect(); s.update(Joined{ID: 1, Name: "carol"}) }, false},
	} {
		s := newTestScreen(t, 80, 24, Options{}, render.Style{})
		s.up()
		s.join("mallory")
		s.keys("h ")
		s.update(Key{Code: Escape})
		back.do(s)
		s.draw()
		if got := len(s.wanted()) == 0; got != back.hide {
			t.Errorf("%s: hidden %v, want %v", name, got, back.hide)
		}
	}
}

// reconnect loses the connection and gets it again.
func (s *testScreen) reconnect() {
	s.update(Link{State: Lost, Reason: "gone"})
	s.update(Link{State: Up, Room: "lobby"})
}

// Watchers and hidden members have no tile; all others have one, whatever they do.
func TestEverybodyIsSomewhere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newTestScreen(t, 80, 24, Options{}, render.Style{})
		s.up()
		here := map[uint32]Joined{}
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			id := uint32(rapid.IntRange(1, 9).Draw(rt, "id"))
			switch rapid.IntRange(0, 3).Draw(rt, "what") {
			case 0:
				s.update(Gone{ID: id})
				delete(here, id)
			case 1:
				s.keys(rapid.SampledFrom([]string{"h ", "hj ", "hm", "hkj "}).Draw(rt, "keys"))
				s.update(Key{Code: Escape})
			default:
				here[id] = Joined{ID: id, Name: fmt.Sprint("p", id), Watch: rapid.Bool().Draw(rt, "watch")}
				s.update(here[id])
			}
			s.m.Draw(s.c, s.now)
		}
		if n := len(s.m.members()); n != len(here) {
			rt.Fatalf("%d members, want %d", n, len(here))
		}
		for _, j := range here {
			m := s.m.member(j.ID)
			if tiled := s.m.slots.find(j.ID) != nil; m == nil || tiled == (m.watch || s.m.hidden(m)) || m.watch != j.Watch {
				rt.Fatalf("%+v has a tile: %v; %+v", j, tiled, m)
			}
		}
	})
}

// A tile whose picture stands still says so, counts, and is live again with the next picture.
func TestStalledPicture(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	s.up()
	s.join("alice")
	s.draw()
	for range 3 { // at its pace
		s.now = s.now.Add(100 * time.Millisecond)
		s.picture(1, 160, 120)
		s.draw()
	}
	s.now = s.m.Next(s.now)
	if got := s.draw(); !strings.Contains(got, "no picture for 5 s") {
		t.Errorf("five seconds later:\n%s", got)
	}
	s.now = s.m.Next(s.now)
	if got := s.draw(); !strings.Contains(got, "no picture for 6 s") {
		t.Errorf("six seconds later:\n%s", got)
	}
	s.picture(1, 160, 120)
	if got := s.draw(); strings.Contains(got, "no picture") {
		t.Errorf("with the next picture:\n%s", got)
	}
	s.update(Joined{ID: 1, Name: "alice", Paused: true})
	s.now = s.now.Add(time.Minute)
	s.update(Joined{ID: 1, Name: "alice"})
	if got := s.draw(); strings.Contains(got, "no picture") {
		t.Errorf("after a pause:\n%s", got)
	}
}

// A source that is slow by nature is not called stalled.
func TestSlowSourceIsNotStalled(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	s.up()
	s.join("slides")
	s.draw()
	for i := range 5 {
		s.now = s.now.Add(10 * time.Second)
		if got := s.draw(); i > 1 && strings.Contains(got, "no picture") {
			t.Errorf("picture %d:\n%s", i, got)
		}
		s.picture(1, 160, 120)
		s.draw()
	}
}

// Nothing that comes with a tile that was not seen counts as a stall.
func TestUnseenIsNotStalled(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	s.up()
	s.join("alice", "bob")
	s.keys("1ll")
	s.draw()
	s.now = s.now.Add(time.Minute)
	s.picture(1, 160, 120)
	s.draw()
	s.keys("ll")
	if got := s.draw(); strings.Contains(got, "no picture") {
		t.Errorf("bob was not on the screen:\n%s", got)
	}
}

// A server that ends says who leaves before it says so; that is one event.
func TestServerEndIsOneTruth(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	s.up()
	s.join("alice", "bob")
	s.draw()
	was := s.rects()
	s.update(Gone{ID: 1, Lost: true, Quiet: true})
	s.update(Link{State: Lost, Reason: "the server is shutting down"})
	if got := s.draw(); strings.Contains(got, "alice l") || !strings.Contains(got, "connection lost") || !reflect.DeepEqual(s.rects(), was) {
		t.Errorf("tiles %v, were %v:\n%s", s.rects(), was, got)
	}
	l := NewLines()
	l.Lines(Link{State: Up})
	l.Lines(Joined{ID: 1, Name: "alice"})
	if got := l.Lines(Gone{ID: 1, Lost: true, Quiet: true}); len(got) > 0 {
		t.Errorf("lines say %q", got)
	}
}

// People who come and go, however many, fill no screen.
func TestNoticesOfMembersAreJoined(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	s.up()
	for i := range 50 {
		s.update(Joined{ID: uint32(i + 1), Name: fmt.Sprint("p", i)})
		s.update(Gone{ID: uint32(i + 1)})
	}
	if got := s.draw(); len(s.m.notes) != 2 || !strings.Contains(got, "p0, p1, p2 and 47 others joined") {
		t.Errorf("%d notes:\n%s", len(s.m.notes), got)
	}
	for s.now = s.now.Add(tallyLife); len(s.m.notes) > 0; s.now = s.now.Add(time.Second) {
		s.m.tick(s.now)
	}
}

// No name can be read as a notice, or as what somebody else said.
func TestNamesFakeNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		name := clean(rapid.StringOf(rapid.SampledFrom([]rune(`ab:*> ".,é-`))).Draw(rt, "name"), 32)
		l := NewLines()
		l.Lines(Link{State: Up})
		notice := l.Lines(Joined{ID: 1, Name: name})[0]
		said := l.Lines(ChatLine{ID: 1, From: name, Text: "text"})[0]
		bare, quotedName := "* "+name+" joined", `* "`+strings.ReplaceAll(name, `"`, "'")+`" joined`
		if simple := !strings.ContainsAny(name, `:*> ",`) && name != ""; notice != quotedName && !(simple && notice == bare) {
			rt.Fatalf("the notice %q", notice)
		}
		if strings.HasPrefix(said, "* ") || strings.HasPrefix(said, "> ") || strings.Index(said, ": ") < len(said)-len(": text") && said[0] != '"' {
			rt.Fatalf("the message %q", said)
		}
	})
}

// typed is what a line leads to.
func typed(l *Lines, text string) string {
	actions, out := l.Typed(text)
	for _, a := range actions {
		out = append(out, fmt.Sprintf("%v %v %q", a.Kind, a.On, a.Text))
	}
	return strings.Join(out, "\n")
}

func TestCommands(t *testing.T) {
	l := NewLines()
	l.Lines(Link{State: Up, Address: "ws://h", Room: "lobby"})
	l.Lines(Joined{ID: 1, Name: "alice"})
	l.Lines(Joined{ID: 2, Name: "Ada Lovelace", Watch: true})
	l.Lines(Joined{ID: 3, Name: "alan"})
	l.Lines(Joined{ID: 9, Name: "me", Self: true})
	for _, tt := range []struct{ text, want string }{
		{"", ""}, {"  ", ""},
		{"hello", "> hello\n2 false \"hello\""},
		{"/say /etc is a folder", "> /etc is a folder\n2 false \"/etc is a folder\""},
		{"/quit", "0 false \"\""}, {"/q", "0 false \"\""}, {"q", "0 false \"\""},
		{"/pause", "* your picture is paused\n1 true \"\""},
		{"/PAUSE", "* your picture is sent again\n1 false \"\""},
		{"/hide nobody", "* nobody here is called nobody; /people lists who is here"},
		{"/hide al", "* al could be alice and alan"},
		{"/hide", "* name somebody: /people lists who is here"},
		{"/mute", "* there is no sound to mute; /mute NAME turns off the messages of NAME"},
		{"/hide ada", "* \"Ada Lovelace\" is hidden: /show brings them back"},
		{"/mute alice", "* alice is muted: /unmute undoes it"},
		{"/people", "* alice, muted\n* \"Ada Lovelace\", hidden\n* alan\n* me, you"},
		{"/show \"Ada Lovelace\"", "* \"Ada Lovelace\" is shown again"},
		{"/etc/passwd", "* there is no command \"/etc/passwd\"; /help lists them, /say /etc/passwd sends it"},
	} {
		if got := typed(l, tt.text); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
	if got := l.Lines(ChatLine{ID: 1, From: "alice", Text: "psst"}); len(got) > 0 {
		t.Errorf("alice is muted: %q", got)
	}
	for _, help := range []string{"/help", "/?", "?"} {
		got := typed(l, help)
		for _, c := range commands() {
			if c.text != "" && !strings.Contains(got, "/"+c.name) {
				t.Errorf("%s does not list /%s: %s", help, c.name, got)
			}
		}
	}
	l.Lines(Link{State: Lost})
	if got := typed(l, "hello"); got != "* not sent: there is no connection" {
		t.Errorf("without a connection: %q", got)
	}
}

// Hidden in lines: no messages and no notices, remembered also while nobody of that name is here.
func TestHiddenInLines(t *testing.T) {
	l := NewLines()
	l.Lines(Link{State: Up})
	l.Lines(Joined{ID: 1, Name: "mallory"})
	typed(l, "/hide mallory")
	var got []string
	for _, e := range []Event{ChatLine{ID: 1, From: "mallory", Text: "x"}, Gone{ID: 1}, Joined{ID: 5, Name: "mallory"}, ChatLine{ID: 5, From: "mallory", Text: "x"}, Gone{ID: 5}} {
		got = append(got, l.Lines(e)...)
	}
	if len(got) > 0 {
		t.Errorf("mallory is hidden: %q", got)
	}
	if got := typed(l, "/show mallory"); got != "* mallory is shown again" {
		t.Errorf("%q", got)
	}
	if got := l.Lines(Joined{ID: 6, Name: "mallory"}); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// What means nothing where the person is does nothing there, and is not in the help.
func TestKeysOfTheMirror(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	s.update(Link{State: Local})
	s.update(Self{shade(160, 120, 90)})
	s.draw()
	for _, r := range "tlnvh1" {
		s.update(Key{Rune: r})
		if s.m.Dirty(s.now) {
			t.Errorf("%q does something", r)
		}
	}
	s.keys("?")
	if got := s.draw(); strings.Contains(got, "chat") || strings.Contains(got, "speaker") || !strings.Contains(got, "leave") {
		t.Errorf("the help of the mirror:\n%s", got)
	}
}

func TestWithoutAPicture(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{NoSelf: true}, render.Style{})
	s.up()
	s.update(Status{NoSource: true})
	s.join("alice")
	for _, key := range []string{"f", " ", "v"} {
		s.m.notes = nil
		if got := s.keys(key); len(got) > 0 || len(s.m.notes) != 1 || s.m.notes[0].text != "you are not sending a picture" {
			t.Errorf("%q: %v, %+v", key, got, s.m.notes)
		}
	}
}

// Long paths are broken between their parts, and a note leaves the middle of the screen free.
func TestNotesKeepToTheEdge(t *testing.T) {
	path := "~/.local/state/acip/captures/acip-snapshot-2026-01-02T03-04-05.png"
	for cols := 12; cols < 80; cols++ {
		for _, l := range wrap(path, cols) {
			if !strings.Contains(path, l) || width(l) > cols {
				t.Errorf("%d columns: %q", cols, l)
			}
			if rest := path[strings.Index(path, l)+len(l):]; cols >= 27 && rest != "" && !strings.ContainsAny(l[len(l)-1:], "/-.") {
				t.Errorf("%d columns: broken after %q", cols, l)
			}
		}
	}
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	s.up()
	s.join("alice")
	s.draw()
	for i := range 9 {
		s.update(Notice{Text: strings.Repeat("words ", 20), Hint: fmt.Sprint("hint ", i, strings.Repeat(" more", 20)), Topic: fmt.Sprint(i)})
		s.update(ChatLine{ID: 1, From: "alice", Text: fmt.Sprint("hello ", i)})
	}
	s.draw()
	panel := tonesTrue(false).over(Backdrop{}, false).panel
	r, g, b := panel.RGB()
	for y := s.m.contentArea().H / 3; y < s.m.contentArea().H; y++ {
		for x := range 80 {
			if c := s.term.Cell(x, y).BG; c.R == r && c.G == g && c.B == b && c.Kind == 2 {
				t.Fatalf("a note reaches %d,%d:\n%s", x, y, s.text())
			}
		}
	}
}

func TestCornerRect(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		area := frame.Rect{W: rapid.IntRange(20, 300).Draw(rt, "w"), H: rapid.IntRange(6, 100).Draw(rt, "h")}
		cols := rapid.IntRange(1, 5).Draw(rt, "cols")
		below := frame.Rect{W: area.W / cols, H: area.H / cols}
		picture := frame.Size{W: rapid.IntRange(1, 2000).Draw(rt, "pw"), H: rapid.IntRange(1, 2000).Draw(rt, "ph")}
		r := cornerRect(area, below, frame.Size{W: 8, H: 16}, picture)
		if r.Empty() {
			return
		}
		if r.Intersect(area) != r || 2*r.W > below.W+8 || 2*r.H > below.H {
			rt.Fatalf("%v for a picture of %v over %v in %v", r, picture, below, area)
		}
	})
}

func TestHomeIsATilde(t *testing.T) {
	for text, want := range map[string]string{
		"snapshot /home/ann/a.png":              "snapshot ~/a.png",
		"play it: acip-client play /home/ann/x": "play it: acip-client play ~/x",
		"/home/annette/a.png":                   "/home/annette/a.png",
		"/media/home/ann/a.png":                 "/media/home/ann/a.png",
	} {
		if got := New(Options{Home: "/home/ann"}).tilde(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := New(Options{}).tilde("/a/b"); got != "/a/b" {
		t.Errorf("without a home: %q", got)
	}
}
