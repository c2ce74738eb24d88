package ui

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
)

// readAll reads every event, and why there are no more.
func readAll(t *testing.T, text string) (*CastReader, []CastEvent, error) {
	t.Helper()
	r, err := NewCastReader(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%.80q: %v", text, err)
	}
	var got []CastEvent
	for {
		e, err := r.Next()
		if err != nil {
			return r, got, err
		}
		got = append(got, e)
	}
}

// TestCastWriter: both versions hold what was written, and are read as such. Rounded times do not drift.
func TestCastWriter(t *testing.T) {
	for version, want := range map[CastVersion]string{
		CastV2: `{"version":2,"width":80,"height":24,"timestamp":1767323045,"title":"acip","env":{"TERM":"xterm-256color"}}
[0.5,"o","\u001b[31m<▀>"]
[1,"r","100x30"]
[2.000001,"o","x"]
[2.000002,"o",""]
`,
		CastV3: `{"version":3,"term":{"cols":80,"rows":24,"type":"xterm-256color"},"timestamp":1767323045,"title":"acip"}
[0.5,"o","\u001b[31m<▀>"]
[0.5,"r","100x30"]
[1.000001,"o","x"]
[0.000001,"o",""]
`,
	} {
		var b bytes.Buffer
		w, err := NewCastWriter(&b, CastConfig{Version: version, Cols: 80, Rows: 24, Title: "acip", Start: t0})
		if err != nil {
			t.Fatal(err)
		}
		steps := []error{
			w.Output(t0.Add(500*time.Millisecond), []byte("\x1b[31m<▀>")), w.Resize(t0.Add(time.Second), 80, 24), w.Resize(t0.Add(time.Second), 100, 30),
			w.Output(t0.Add(2*time.Second), nil), w.Output(t0.Add(2*time.Second+1999), []byte("x")), w.End(t0.Add(2*time.Second + 2001)),
		}
		if err := errors.Join(steps...); err != nil {
			t.Fatal(err)
		}
		if b.String() != want {
			t.Fatalf("got\n%s\nwant\n%s", b.String(), want)
		}
		r, got, err := readAll(t, b.String())
		events := []CastEvent{
			{500 * time.Millisecond, CastOutput, "\x1b[31m<▀>"}, {time.Second, CastResize, "100x30"},
			{2*time.Second + time.Microsecond, CastOutput, "x"}, {2*time.Second + 2*time.Microsecond, CastOutput, ""},
		}
		if !reflect.DeepEqual(got, events) || err != io.EOF || r.Cols != 80 || r.Rows != 24 {
			t.Errorf("version %d: got %v, %v, want %v", version, got, err, events)
		}
	}
}

// TestCastReader: what other programs write in all versions.
func TestCastReader(t *testing.T) {
	events := func(list ...any) (all []CastEvent) {
		for i := 0; i < len(list); i += 3 {
			all = append(all, CastEvent{time.Duration(list[i].(float64) * 1e9), CastKind(list[i+1].(string)), list[i+2].(string)})
		}
		return all
	}
	v2 := "{\"version\": 2, \"width\": 80, \"height\": 24}\n"
	v3 := "{\"version\":3,\"term\":{\"cols\":80,\"rows\":24},\"idle_time_limit\":1.5}\n"
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := io.WriteString(z, v2+"[1,\"o\",\"a\"]"); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text string
		want []CastEvent
	}{
		"v1":                {`{"version":1,"width":80,"height":24,"duration":1,"env":{"A":1},"stdout":[[0.5,"a"],[1,"b"]]}`, events(.5, "o", "a", 1.5, "o", "b")},
		"v1, members moved": {"{\n\"stdout\": [[1, \"a\"]],\n \"title\": {\"x\": [1]},\n\"width\":80, \"version\": 1}\n", events(1., "o", "a")},
		"v2":                {v2 + "[1.5,\"o\",\"a\"]\n[1,\"o\",\"late\"]\n[3,\"i\",\"typed\"]\n[4,\"m\",\"here\"]", events(1.5, "o", "a", 1.5, "o", "late", 4., "m", "here")},
		"v3":                {v3 + "# x\n[1.5,\"o\",\"a\"]\n[1,\"i\",\"typed\"]\n\n[1,\"r\",\"1x1\"]\n[-1,\"o\",\"b\"]\n[0.1,\"x\",\"0\"]", events(1.5, "o", "a", 3.5, "r", "1x1", 3.5, "o", "b")},
		"a mark and CRLF":   {"\ufeff" + strings.ReplaceAll(v2+"[1,\"o\",\"a\\r\\n\"]\n", "\n", "\r\n"), events(1., "o", "a\r\n")},
		"other header":      {`{"version":2.0,"width":80.0,"height":24.0,"timestamp":1.5,"env":{"A":1,"B":null},"theme":{},"x":[]}` + "\n[1,\"o\",\"a\"]", events(1., "o", "a")},
		"no size":           {"{\"version\":2}\n[1,\"o\",\"a\"]", events(1., "o", "a")},
		"more than three":   {v2 + "[1,\"o\",\"a\",5]\n[2,\"?\",{}]\n[2,\"?\"]\n", events(1., "o", "a")},
		"gzip":              {zipped.String(), events(1., "o", "a")},
		"no events":         {v2, nil},
	} {
		if _, got, err := readAll(t, c.text); !reflect.DeepEqual(got, c.want) || err != io.EOF {
			t.Errorf("%s: %v, %v, want %v", name, got, err, c.want)
		}
	}
	if r, _, _ := readAll(t, v3); r.IdleLimit != 1500*time.Millisecond {
		t.Errorf("limit %v", r.IdleLimit)
	}
}

// TestCutCast: what is whole of a recording is read, whatever follows; and then it is said where it ends. A cut between
// two lines cannot be seen.
func TestCutCast(t *testing.T) {
	whole := "{\"version\": 2, \"width\": 80, \"height\": 24}\n[1,\"o\",\"a\"]\n[2,\"o\",\"b\"]\n"
	for n := strings.IndexByte(whole, '\n'); n < len(whole); n++ {
		_, got, err := readAll(t, whole[:n])
		lines := strings.Count(whole[:n+1], "\n") - 1
		var cut *CastCut
		if part := !strings.HasSuffix(whole[:n], "\n") && whole[n] != '\n'; part != errors.As(err, &cut) || len(got) != lines && !part {
			t.Errorf("%q: %d events, %v", whole[:n], len(got), err)
		} else if part && cut.Line != lines+2 {
			t.Errorf("%q: %v", whole[:n], err)
		}
	}
	v1 := `{"version":1,"width":80,"height":24,"stdout":[[1,"a"],[2,"b"]]}`
	for n := range v1 {
		r, err := NewCastReader(strings.NewReader(v1[:n]))
		switch {
		case n <= strings.IndexByte(v1, '1'):
			if !errors.Is(err, ErrCast) {
				t.Errorf("%q: %v", v1[:n], err)
			}
		case err != nil:
			t.Errorf("%q: %v", v1[:n], err)
		default:
			_, _, err := readAll(t, v1[:n])
			var cut *CastCut
			if r.Version != 1 || !errors.As(err, &cut) {
				t.Errorf("%q: version %d, %v", v1[:n], r.Version, err)
			}
		}
	}
}

// TestNoCast: what is no recording is said to be none.
func TestNoCast(t *testing.T) {
	for _, text := range []string{"", "\n\n", "YUV4MPEG2 W1 H1\n", "{}", "[]", "null", "{\"version\":\"2\"}", "{\"version\":4}", "{\"version\":2,\"width\":99999}",
		"{\"version\":2.5}", "\x1f\x8b", "\ufeff", "{\"version\":2,\"wid", "1"} {
		if r, err := NewCastReader(strings.NewReader(text)); err == nil {
			t.Errorf("%q is a recording of version %d", text, r.Version)
		}
	}
}

// failing takes so many writes.
type failing struct {
	bytes.Buffer
	left int
}

var errFull = errors.New("full")

func (f *failing) Write(b []byte) (int, error) {
	if f.left--; f.left < 0 {
		return 0, errFull
	}
	return f.Buffer.Write(b)
}

// TestEachEventIsOneWrite, so that nothing waits in a buffer and a failed write is one lost event.
func TestEachEventIsOneWrite(t *testing.T) {
	f := &failing{left: 3}
	w, err := NewCastWriter(f, CastConfig{Cols: 80, Rows: 24, Start: t0})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if err := w.Output(t0, fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Output(t0, []byte("x")); !errors.Is(err, errFull) {
		t.Error(err)
	}
	if _, got, err := readAll(t, f.String()); len(got) != 2 || err != io.EOF {
		t.Errorf("%v, %v", got, err)
	}
}

func FuzzCastReader(f *testing.F) {
	f.Add([]byte("{\"version\":2,\"width\":80,\"height\":24}\n[0.5,\"o\",\"x\"]\n[1,\"r\",\"1x1\"]\n"))
	f.Add([]byte("{\"version\":1}"))
	f.Add([]byte("{\"version\":1,\"stdout\":[[1,\"a\"],[1e99,\"b\"]]}"))
	f.Add([]byte("{\"version\":3,\"term\":{\"cols\":80,\"rows\":24}}\r\n# x\n[0.5,\"o\",\"x\"]\n[-1,\"m\",\"\"]\n"))
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
				if _, again := r.Next(); again == nil {
					t.Fatalf("an event after %v", err)
				}
				return
			}
			if e.At < last {
				t.Fatalf("time runs back from %v to %v", last, e.At)
			}
			last = e.At
		}
	})
}
