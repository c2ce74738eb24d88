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

// rects are the places of the tiles by name.
func (s *testScreen) rects() map[string]frame.Rect {
	m := map[string]frame.Rect{}
	for _, t := range s.m.slots.all() {
		m[t.name] = t.rect
	}
	return m
}

// inLastRow reports whether a peer's tile is in the last row, which is centred anew when somebody comes or leaves.
func (s *testScreen) inLastRow(name string) bool {
	for i, t := range s.m.slots.list {
		if t != nil && t.name == name {
			return i >= (s.m.grid.rows-1)*s.m.grid.cols
		}
	}
	return false
}

// The last row of a grid has no holes and lies in the middle, whoever has left.
func TestTheLastRowIsCentred(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cols, rows := rapid.IntRange(40, 200).Draw(rt, "cols"), rapid.IntRange(12, 60).Draw(rt, "rows")
		s := newTestScreen(t, cols, rows, Options{}, render.Style{})
		n := rapid.IntRange(1, 12).Draw(rt, "peers")
		for i := range n {
			s.update(Joined{ID: uint32(i + 1), Name: fmt.Sprint(i)})
		}
		s.m.Draw(s.c, s.now)
		for range rapid.IntRange(0, n-1).Draw(rt, "leave") {
			s.update(Gone{ID: rapid.SampledFrom(s.m.slots.all()).Draw(rt, "who").id})
			s.m.Draw(s.c, s.now)
		}
		list := s.m.slots.list
		last := list[(s.m.grid.rows-1)*s.m.grid.cols:]
		if len(last) == 0 || slices.Contains(last, nil) {
			rt.Fatalf("the last row of %v is %v", s.m.grid, last)
		}
		left, right := last[0].rect.X, cols-last[len(last)-1].rect.X-last[len(last)-1].rect.W
		if d := right - left; d < -s.m.grid.cols-1 || d > s.m.grid.cols+1 {
			rt.Fatalf("%d columns are free at the left of the last row and %d at its right", left, right)
		}
	})
}

// Who stays keeps the place, unless the grid itself takes another shape.
func TestTilesDoNotJump(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newTestScreen(t, rapid.IntRange(20, 200).Draw(rt, "cols"), rapid.IntRange(6, 60).Draw(rt, "rows"), Options{}, render.Style{})
		next := uint32(1)
		s.m.Draw(s.c, s.now)
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			before, grid := s.rects(), s.m.grid
			if all := s.m.slots.all(); len(all) > 0 && rapid.Bool().Draw(rt, "leaves") {
				s.update(Gone{ID: rapid.SampledFrom(all).Draw(rt, "who").id})
			} else if len(all) < 12 {
				s.update(Joined{ID: next, Name: fmt.Sprint("peer", next)})
				next++
			}
			s.m.Draw(s.c, s.now)
			after := s.rects()
			for name, was := range before {
				is, stays := after[name]
				if stays && is != was && s.m.grid == grid && !s.inLastRow(name) {
					rt.Fatalf("%s moved from %v to %v", name, was, is)
				}
			}
		}
	})
}

// Tiles lie on the screen and not on each other, whatever the layout.
func TestTilesDoNotOverlap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cols, rows := rapid.IntRange(20, 250).Draw(rt, "cols"), rapid.IntRange(6, 80).Draw(rt, "rows")
		cell := frame.Size{W: rapid.IntRange(5, 20).Draw(rt, "cell width"), H: rapid.IntRange(8, 40).Draw(rt, "cell height")}
		s := newTestScreen(t, cols, rows, Options{}, render.Style{Cell: cell})
		for i := range rapid.IntRange(1, 31).Draw(rt, "peers") {
			s.update(Joined{ID: uint32(i + 1), Name: fmt.Sprint(i)})
		}
		s.keys(strings.Repeat("l", rapid.SampledFrom([]int{0, 1, 2}).Draw(rt, "layout")))
		s.m.Draw(s.c, s.now)
		stage := s.m.contentArea()
		all := s.m.slots.all()
		for i, a := range all {
			if a.rect.Intersect(stage) != a.rect {
				rt.Fatalf("tile %v is outside of %v", a.rect, stage)
			}
			for _, b := range all[:i] {
				if !a.rect.Intersect(b.rect).Empty() {
					rt.Fatalf("tiles %v and %v overlap", a.rect, b.rect)
				}
			}
		}
		if s.m.speaker().rect.Empty() {
			rt.Fatal("the speaker has no place")
		}
	})
}

func TestBestShape(t *testing.T) {
	cell := frame.Size{W: 8, H: 16}
	tests := []struct {
		area frame.Size
		n    int
		want shape
	}{
		{frame.Size{W: 80, H: 23}, 1, shape{1, 1}},
		{frame.Size{W: 80, H: 23}, 2, shape{2, 1}},
		{frame.Size{W: 40, H: 40}, 2, shape{1, 2}},
		{frame.Size{W: 80, H: 23}, 4, shape{2, 2}},
		{frame.Size{W: 160, H: 44}, 5, shape{3, 2}},
		{frame.Size{W: 160, H: 44}, 9, shape{3, 3}},
		{frame.Size{W: 240, H: 30}, 4, shape{4, 1}},
		{frame.Size{W: 20, H: 5}, 2, shape{2, 1}},
	}
	for _, tt := range tests {
		if got := bestShape(tt.area, cell, tt.n, 4.0/3); got != tt.want {
			t.Errorf("%d pictures in %v: %v, want %v", tt.n, tt.area, got, tt.want)
		}
	}
}

func TestKeysAndHelpAgree(t *testing.T) {
	m := New(Options{})
	for _, b := range m.helpRows() {
		k := Key{Rune: []rune(b.label)[0]}
		switch b.label {
		case "space":
			k.Rune = ' '
		case "tab":
			k = Key{Code: Tab}
		case "enter":
			k = Key{Code: Enter}
		}
		if !b.match(k) {
			t.Errorf("help shows %q, which is no key for %q", b.label, b.text)
		}
	}
	for _, r := range "qfvlhcgintsr? 123456789" {
		if !slices.ContainsFunc(m.helpRows(), func(b binding) bool { return b.match(Key{Rune: r}) }) {
			t.Errorf("%q is not in the help", r)
		}
	}
}

func TestActions(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	s.up()
	s.join("alice")
	tests := []struct {
		keys string
		want []Action
	}{
		{"q", []Action{{Kind: Leave}}},
		{" ", []Action{{Kind: Pause, On: true}}},
		{" ", []Action{{Kind: Pause}}},
		{"c", []Action{{Kind: NextColors}}},
		{"g", []Action{{Kind: NextGlyphs}}},
		{"s", []Action{{Kind: Snapshot}}},
		{"r", []Action{{Kind: Record}}},
		{"finvl?x1", nil},
	}
	for _, tt := range tests {
		if got := s.keys(tt.keys); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q: %v, want %v", tt.keys, got, tt.want)
		}
	}
	if got := s.update(Key{Rune: 'c', Ctrl: true}); !reflect.DeepEqual(got, []Action{{Kind: Leave}}) {
		t.Errorf("ctrl-c: %v", got)
	}
}

// While the chat line is open, letters are letters.
func TestChatTakesTheKeys(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	s.up()
	if got := s.keys("tquit now? é"); len(got) > 0 {
		t.Errorf("typing gave %v", got)
	}
	s.update(Key{Code: Backspace})
	s.update(Key{Code: Pasted, Text: "two\nlines\x1b[31m"})
	want := []Action{{Kind: Say, Text: "quit now? two lines[31m"}}
	if got := s.update(Key{Code: Enter}); !reflect.DeepEqual(got, want) {
		t.Errorf("enter gave %v, want %v", got, want)
	}
	s.keys("a b c")
	s.update(Key{Rune: 'w', Ctrl: true})
	if s.m.chat.input != "a b " {
		t.Errorf("after ctrl-w: %q", s.m.chat.input)
	}
	s.update(Key{Rune: 'u', Ctrl: true})
	if s.update(Key{Code: Enter}); s.m.chat.open {
		t.Error("an empty line does not close the pane")
	}
	if got := s.keys("q"); len(got) != 1 {
		t.Errorf("after closing, q gave %v", got)
	}
}

func TestChatIsBounded(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	for i := range 1000 {
		s.update(ChatLine{From: "bob", Text: fmt.Sprint("line ", i, strings.Repeat("x", 5000))})
	}
	if n := len(s.m.chat.history); n != maxHistory {
		t.Errorf("%d lines are kept", n)
	}
	if n := len(s.m.chat.history[0].text); n > maxSaid {
		t.Errorf("a line of %d bytes is kept", n)
	}
	s.keys("t")
	s.update(Key{Code: Pasted, Text: strings.Repeat("y", 10000)})
	if n := len(s.m.chat.input); n > maxSaid {
		t.Errorf("%d characters were typed", n)
	}
	if len(s.m.notes) > maxNotes {
		t.Errorf("%d notes", len(s.m.notes))
	}
}

// A peer that was lost keeps its tile for a while, and takes it again under another id.
func TestLostPeerComesBack(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	s.up()
	s.join("alice", "bob")
	s.keys("1")
	s.draw()
	was := s.rects()
	s.update(Gone{ID: 1, Lost: true})
	if got := s.draw(); !strings.Contains(got, "reconnecting") {
		t.Errorf("nothing says that alice is reconnecting:\n%s", got)
	}
	if next := s.m.Next(s.now); next.IsZero() || next.Sub(s.now) > time.Second {
		t.Errorf("the countdown is next drawn at %v", next)
	}
	s.now = s.now.Add(3 * time.Second)
	s.update(Joined{ID: 11, Name: "alice"})
	s.draw()
	if got := s.rects(); !reflect.DeepEqual(got, was) || s.m.pinned != 11 {
		t.Errorf("tiles %v, were %v; pinned %d", got, was, s.m.pinned)
	}
	s.update(Gone{ID: 2, Lost: true})
	s.now = s.now.Add(lostTileTime + time.Second)
	if got := s.draw(); strings.Contains(got, "bob") || s.m.slots.count() != 1 {
		t.Errorf("the lost peer stays for ever:\n%s", got)
	}
}

func TestCountdown(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	s.up()
	s.join("alice")
	s.update(Link{State: Lost, Reason: "gone", Retry: s.now.Add(2500 * time.Millisecond)})
	for _, want := range []string{"in 3 s", "in 2 s", "in 1 s", "trying again now"} {
		if got := s.draw(); !strings.Contains(got, want) {
			t.Fatalf("the screen does not say %q:\n%s", want, got)
		}
		next := s.m.Next(s.now)
		if want != "trying again now" && (next.IsZero() || next.Sub(s.now) > time.Second) {
			t.Fatalf("drawn again only at %v", next)
		}
		s.now = s.now.Add(time.Second)
	}
}

func TestNotesPass(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	s.up()
	s.update(Joined{ID: 5, Name: "zoe"})
	if got := s.draw(); !strings.Contains(got, "zoe joined") {
		t.Fatalf("no note:\n%s", got)
	}
	s.now = s.m.Next(s.now)
	if !s.m.Dirty(s.now) {
		t.Error("a note that is over changes nothing")
	}
	if got := s.draw(); strings.Contains(got, "zoe joined") {
		t.Errorf("the note stays:\n%s", got)
	}
	if next := s.m.Next(s.now); !next.IsZero() {
		t.Errorf("the screen changes by itself at %v", next)
	}
}

// Fields go by their rank when the line is narrow, and "? help" goes last.
func TestStatusDropsFields(t *testing.T) {
	order := []string{"dropped", "rtt", "kbit/s", "delay", "fps", "lobby", "here"}
	gone := 0
	for cols := 120; cols >= leastCols; cols-- {
		s := newTestScreen(t, cols, 24, Options{}, render.Style{})
		s.up()
		lines := strings.Split(strings.TrimRight(s.draw(), "\n"), "\n")
		line := lines[len(lines)-1]
		if !strings.HasSuffix(line, "? help") {
			t.Fatalf("%d columns: %q", cols, line)
		}
		for i, f := range order {
			has := strings.Contains(line, f)
			if i < gone && has {
				t.Fatalf("%d columns: %q came back: %q", cols, f, line)
			}
			if !has && i > gone {
				t.Fatalf("%d columns: %q went before %q: %q", cols, f, order[gone], line)
			}
			if !has && i == gone {
				gone++
			}
		}
	}
	if gone < 5 {
		t.Errorf("only %d fields were ever left out", gone)
	}
}

func TestWants(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{FPS: 30}, render.Style{})
	s.up()
	s.join("alice", "bob")
	s.draw()
	style := render.Style{Glyphs: render.Half}
	_, list := s.m.Wants(style, s.now)
	want := []Want{{1, frame.Size{W: 39, H: 46}, 30}, {2, frame.Size{W: 39, H: 46}, 30}}
	if !reflect.DeepEqual(list, want) {
		t.Fatalf("wants %v, want %v", list, want)
	}
	// Growing at once.
	s.keys("1")
	s.draw()
	_, list = s.m.Wants(style, s.now)
	if list[0].Size.W <= 39 {
		t.Errorf("the speaker's tile grew, wanted is %v", list[0])
	}
	// Shrinking only when it lasts.
	s.keys("1")
	s.draw()
	_, after := s.m.Wants(style, s.now)
	if after[0] != list[0] {
		t.Errorf("shrunk at once to %v", after[0])
	}
	if next := s.m.Next(s.now); next.IsZero() || next.After(s.now.Add(joinLife)) {
		t.Errorf("asked again only at %v", next)
	}
	s.now = s.now.Add(shrinkAfter)
	if _, after = s.m.Wants(style, s.now); !reflect.DeepEqual(after, want) {
		t.Errorf("wants %v, want %v", after, want)
	}
	// Not seen, not asked for.
	s.keys("2ll")
	s.draw()
	s.m.layout = Solo
	s.m.Redraw()
	s.draw()
	if _, list = s.m.Wants(style, s.now); len(list) != 1 || list[0].ID != 2 {
		t.Errorf("solo wants %v", list)
	}
}

func TestPixels(t *testing.T) {
	r := frame.Rect{W: 40, H: 20}
	tests := []struct {
		style render.Style
		want  frame.Size
	}{
		{render.Style{Glyphs: render.Half}, frame.Size{W: 40, H: 40}},
		{render.Style{Glyphs: render.Quadrant}, frame.Size{W: 80, H: 80}},
		{render.Style{Glyphs: render.Sextant}, frame.Size{W: 80, H: 80}},
		{render.Style{Glyphs: render.Octant}, frame.Size{W: 80, H: 80}},
		{render.Style{Graphics: render.Kitty, Cell: frame.Size{W: 10, H: 22}}, frame.Size{W: 400, H: 440}},
	}
	for _, tt := range tests {
		if got := pixels(r, tt.style); got != tt.want {
			t.Errorf("%v %v: %v, want %v", tt.style.Glyphs, tt.style.Graphics, got, tt.want)
		}
	}
}

func TestSnapshot(t *testing.T) {
	s := newTestScreen(t, 80, 24, Options{}, render.Style{})
	if f := s.m.Snapshot(frame.Size{W: 8, H: 16}); f != nil {
		t.Error("a snapshot of nothing")
	}
	s.up()
	s.join("alice", "bob")
	s.draw()
	f := s.m.Snapshot(frame.Size{W: 8, H: 16})
	if f == nil || f.Width < 320 || f.Width > maxSnapshot {
		t.Fatalf("snapshot of %v", f.Size())
	}
	if red := f.Row(f.Height / 2)[3*(f.Width/4)]; red != 40 {
		t.Errorf("red is %d where alice is", red)
	}
}

func TestLines(t *testing.T) {
	l := NewLines()
	events := []Event{
		Link{State: Connecting, Address: "ws://h"},
		Link{State: Up, Address: "ws://h", Room: "lobby", Join: "acip-client h"},
		Joined{ID: 1, Name: "al\x1b[2Jice"}, Joined{ID: 1, Name: "al\x1b[2Jice", Paused: true},
		ChatLine{From: "alice", Text: "hello\n\x1b]0;x\a"}, ChatLine{Text: "mine", Own: true},
		Status{}, Picture{}, Gone{ID: 1},
		Link{State: Lost, Reason: "reset"}, Link{State: Lost, Reason: "reset"}, Link{State: Up, Address: "ws://h", Room: "lobby"},
		Camera{Text: "camera is gone", Hint: "plug it in"}, Camera{},
	}
	var got []string
	for _, e := range events {
		got = append(got, l.Lines(e)...)
	}
	want := []string{
		"* connecting to ws://h", "* connected to ws://h, room lobby", "* others join with: acip-client h",
		"* type a line to send it to the room; /help lists the commands, /quit leaves",
		`* "al[2Jice" joined`, `* "al[2Jice" paused`, "alice: hello ]0;x", "> mine", `* "al[2Jice" left`, "* connection lost: reset", "* trying again",
		"* connected again to ws://h, room lobby", "* camera is gone", "* plug it in", "* the camera is back",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
