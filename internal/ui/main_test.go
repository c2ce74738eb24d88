package ui

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"acip/frame"
	"acip/internal/testkit/vt"
	"acip/render"
)

// t0 is when every test begins.
var t0 = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// testScreen is a model with its canvas and the terminal that shows it.
type testScreen struct {
	t      testing.TB
	m      *Model
	c      *render.Canvas
	term   *vt.Terminal
	frames map[uint32]*frame.Frame
	now    time.Time
}

func newTestScreen(t testing.TB, cols, rows int, o Options, s render.Style) *testScreen {
	st := &testScreen{t: t, m: New(o), c: render.NewCanvas(cols, rows, s), term: vt.New(cols, rows), frames: map[uint32]*frame.Frame{}, now: t0}
	st.update(Resized{cols, rows})
	return st
}

func (s *testScreen) update(e Event) []Action { return s.m.Update(e, s.now) }

func (s *testScreen) keys(text string) (all []Action) {
	for _, r := range text {
		all = append(all, s.update(Key{Rune: r})...)
	}
	return all
}

// join brings peers that send pictures, 1 being the first, to somebody who sends one too.
func (s *testScreen) join(names ...string) {
	s.update(Self{shade(160, 120, 90)})
	for i, n := range names {
		id := uint32(i + 1)
		s.update(Joined{ID: id, Name: n, WasHere: true})
		s.picture(id, 160, 120)
	}
}

func (s *testScreen) picture(id uint32, w, h int) {
	f := shade(w, h, uint8(40*id))
	s.frames[id] = f
	s.update(Picture{id, f})
}

// shade is a picture that is brighter to the right.
func shade(w, h int, base uint8) *frame.Frame {
	f := frame.New(w, h)
	for y := range h {
		row := f.Row(y)
		for x := range w {
			row[3*x], row[3*x+1], row[3*x+2] = base, uint8(200*x/w), uint8(200*y/h)
		}
	}
	return f
}

// draw brings the terminal up to date and returns its text.
func (s *testScreen) draw() string {
	s.t.Helper()
	s.m.Draw(s.c, s.now)
	out := s.c.Append(nil)
	if _, err := s.term.Write(out); err != nil {
		s.t.Fatalf("the terminal does not know %v", err)
	}
	return s.text()
}

// text is the terminal's text, pictures shown as their place.
func (s *testScreen) text() string {
	var b strings.Builder
	size := s.c.Size()
	for y := range size.H {
		line := ""
		for x := range size.W {
			if s.pictured(x, y) {
				line += "░"
				continue
			}
			line += s.term.Cell(x, y).Text
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// pictured reports whether a cell shows a part of a picture, whichever glyph was chosen for it.
func (s *testScreen) pictured(x, y int) bool {
	c := s.term.Cell(x, y)
	if strings.ContainsAny(c.Text, "▀▄█") {
		return true
	}
	dark := tonesTrue(false).over(Backdrop{}, false)
	for _, p := range []render.Paint{dark.panel, dark.bar, dark.label, dark.ground, dark.content} {
		if r, g, b := p.RGB(); c.BG == (vt.Color{Kind: 2, R: r, G: g, B: b}) {
			return false
		}
	}
	return c.Text == " " && c.BG.Kind == 2 && !s.initialed(x, y)
}

// initialed reports whether a cell belongs to a tile without a picture.
func (s *testScreen) initialed(x, y int) bool {
	for _, t := range s.m.slots.all() {
		if t.frame == nil && !t.rect.Intersect(frame.Rect{X: x, Y: y, W: 1, H: 1}).Empty() {
			return true
		}
	}
	return false
}

// show leaves what a test draws in a directory, for people to look at.
func (s *testScreen) show(name string) {
	if dir := os.Getenv("ACIP_SHOW"); dir != "" {
		if err := os.WriteFile(fmt.Sprintf("%s/%s.ans", dir, strings.ReplaceAll(name, "/", "-")), s.c.AppendLines(nil), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
}
