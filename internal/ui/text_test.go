package ui

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"acip/render"
)

func TestClean(t *testing.T) {
	tests := []struct{ in, want string }{
		{"bob", "bob"},
		{"  a   b\t\nc ", "a b c"},
		{"\x1b[31mred\x07", "[31mred"},
		{"\u202eevil\u2066x", "evilx"},
		{"\u200b\u200d\ufeff", ""},
		{"a" + strings.Repeat("\u0301", 50), "a" + strings.Repeat("\u0301", maxMarks)},
		{"\u0301\u0301alone", "alone"},
		{"e\u0301té", "e\u0301té"},
		{"👩\u200d🚀 pilot", "👩\u200d🚀 pilot"},
		{"日本語", "日本語"},
		{"\xff\xfe bad", "bad"},
		{"\u009b31mC1", "31mC1"},
		{strings.Repeat("x", 100), strings.Repeat("x", 32)},
	}
	for _, tt := range tests {
		if got := clean(tt.in, 32); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestCutAndWrap(t *testing.T) {
	if got := cut("日本語", 5, "…"); got != "日本…" {
		t.Errorf("got %q", got)
	}
	if got := cut("abc", 3, "…"); got != "abc" {
		t.Errorf("got %q", got)
	}
	if got := cut("abc", 0, "…"); got != "" {
		t.Errorf("got %q", got)
	}
	want := []string{"a few", "words", "averyl", "ongwor", "d", "日本語"}
	if got := wrap("a few words averylongword 日本語", 6); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := wrap("日本語", 5), []string{"日本", "語"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestInitials(t *testing.T) {
	for in, want := range map[string]string{"bob": "B", "Ada Lovelace": "AL", "a-b-c": "AB", "": "?", "!!": "?", "émile": "É", "42nd": "4"} {
		if got := initials(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Whatever a peer is called and says, the terminal gets only what it knows,
// and no row is wider than it should be: the emulator is strict about both.
func FuzzNamesToScreen(f *testing.F) {
	for _, s := range []string{"bob", "\x1b[2J", "日本語", "👩\u200d👩\u200d👧", "a\u0301\u0302\u0303", "\u202eabc", strings.Repeat("wide語", 50), "\u200f", "🇩🇪🇫🇷", "\x9b31m"} {
		f.Add(s, s, uint8(80), uint8(24))
	}
	f.Fuzz(func(t *testing.T, name, text string, cols, rows uint8) {
		s := newStage(t, int(cols)%200+1, int(rows)%60+1, Options{Plain: cols&1 == 1}, render.Style{})
		s.up()
		s.update(Joined{ID: 1, Name: name})
		s.update(Joined{ID: 2, Name: name + "2", Watch: true})
		s.update(Said{From: name, Text: text})
		s.update(Told{Text: text, Hint: name})
		s.draw()
		s.keys("t")
		s.update(Key{Code: Pasted, Text: text})
		s.draw()
		for _, line := range strings.Split(s.text(), "\n") {
			if strings.ContainsFunc(line, unicode.IsControl) {
				t.Errorf("control characters on the screen: %q", line)
			}
		}
	})
}

func TestCast(t *testing.T) {
	var b bytes.Buffer
	w, err := NewCastWriter(&b, 80, 24, "acip", t0)
	if err != nil {
		t.Fatal(err)
	}
	steps := []error{
		w.Output(t0.Add(500*time.Millisecond), []byte("\x1b[31m<▀>")), w.Resize(t0.Add(time.Second), 80, 24),
		w.Resize(t0.Add(time.Second), 100, 30), w.Output(t0.Add(2*time.Second), nil), w.Output(t0.Add(2*time.Second), []byte("x")), w.Close(),
	}
	if err := errors.Join(steps...); err != nil {
		t.Fatal(err)
	}
	want := `{"version":2,"width":80,"height":24,"timestamp":1767323045,"title":"acip","env":{"TERM":"xterm-256color"}}
[0.5,"o","\u001b[31m<▀>"]
[1,"r","100x30"]
[2,"o","x"]
`
	if b.String() != want {
		t.Fatalf("got\n%s\nwant\n%s", b.String(), want)
	}
	r, err := NewCastReader(strings.NewReader(b.String() + "[1.5,\"o\",\"late\"]\n[3,\"i\",\"typed\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []CastEvent
	for {
		e, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e)
	}
	events := []CastEvent{
		{500 * time.Millisecond, CastOutput, "\x1b[31m<▀>"}, {time.Second, CastResize, "100x30"},
		{2 * time.Second, CastOutput, "x"}, {2 * time.Second, CastOutput, "late"},
	}
	if !reflect.DeepEqual(got, events) {
		t.Errorf("got %v, want %v", got, events)
	}
}

func FuzzCastReader(f *testing.F) {
	f.Add([]byte("{\"version\":2,\"width\":80,\"height\":24}\n[0.5,\"o\",\"x\"]\n[1,\"r\",\"1x1\"]\n"))
	f.Add([]byte("{\"version\":1}"))
	f.Add([]byte("{\"version\":2,\"width\":80,\"height\":24}\n[1e300,\"o\",\"x\"]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewCastReader(bytes.NewReader(b))
		if err != nil {
			return
		}
		last := time.Duration(0)
		for {
			e, err := r.Next()
			if err != nil {
				return
			}
			if e.At < last {
				t.Fatalf("time runs back from %v to %v", last, e.At)
			}
			last = e.At
		}
	})
}
