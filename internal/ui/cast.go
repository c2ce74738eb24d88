package ui

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
)

// CastHeader is the first line of a recording.
type CastHeader struct {
	Version   int               `json:"version"`
	Width     int               `json:"width"`
	Height    int               `json:"height"`
	Timestamp int64             `json:"timestamp,omitempty"`
	Title     string            `json:"title,omitempty"`
	Env       map[string]string `json:"env,omitempty"`
}

// CastKind is what an event of a recording does.
type CastKind string

// The kinds that are written and understood; others are skipped.
const (
	CastOutput CastKind = "o" // Data goes to the terminal
	CastResize CastKind = "r" // Data is the new size, COLSxROWS
)

// CastEvent is one line of a recording: At counts from its start.
type CastEvent struct {
	At   time.Duration
	Kind CastKind
	Data string
}

// Limits of what is read.
const (
	maxLine = 16 << 20
	maxSide = 10000
)

// ErrCast says that a file is no recording of version 2.
var ErrCast = errors.New("recording: not an asciicast v2 recording")

// CastWriter writes a recording in the asciicast v2 format
// (https://docs.asciinema.org/manual/asciicast/v2/). Not for concurrent use.
type CastWriter struct {
	w     *bufio.Writer
	start time.Time
	cols  int
	rows  int
}

// NewCastWriter begins a recording of a terminal of this size now.
func NewCastWriter(w io.Writer, cols, rows int, title string, now time.Time) (*CastWriter, error) {
	c := &CastWriter{w: bufio.NewWriterSize(w, 64<<10), start: now, cols: cols, rows: rows}
	h := CastHeader{Version: 2, Width: cols, Height: rows, Timestamp: now.Unix(), Title: title, Env: map[string]string{"TERM": "xterm-256color"}}
	return c, c.line(h)
}

// line writes v as JSON, without the escaping meant for HTML.
func (c *CastWriter) line(v any) error {
	e := json.NewEncoder(c.w)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write recording: %w", err)
	}
	return nil
}

// Output records bytes written to the terminal; they must be whole UTF-8.
func (c *CastWriter) Output(now time.Time, b []byte) error {
	if len(b) == 0 {
		return nil
	}
	return c.event(now, CastOutput, string(b))
}

// Resize records a new size, if it is one.
func (c *CastWriter) Resize(now time.Time, cols, rows int) error {
	if cols == c.cols && rows == c.rows {
		return nil
	}
	c.cols, c.rows = cols, rows
	return c.event(now, CastResize, fmt.Sprintf("%dx%d", cols, rows))
}

func (c *CastWriter) event(now time.Time, k CastKind, data string) error {
	at := math.Round(max(0, now.Sub(c.start)).Seconds()*1e6) / 1e6
	return c.line([3]any{at, k, data})
}

// Close writes what is buffered.
func (c *CastWriter) Close() error {
	if err := c.w.Flush(); err != nil {
		return fmt.Errorf("write recording: %w", err)
	}
	return nil
}

// CastReader reads a recording.
type CastReader struct {
	Header CastHeader
	lines  *bufio.Scanner
	last   time.Duration
}

// NewCastReader reads the header; ErrCast where there is none.
func NewCastReader(r io.Reader) (*CastReader, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	c := &CastReader{lines: lines}
	if !lines.Scan() {
		return nil, errors.Join(ErrCast, lines.Err())
	}
	if err := json.Unmarshal(lines.Bytes(), &c.Header); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCast, err)
	}
	h := c.Header
	if h.Version != 2 || h.Width < 1 || h.Height < 1 || h.Width > maxSide || h.Height > maxSide {
		return nil, fmt.Errorf("%w: version %d, %dx%d", ErrCast, h.Version, h.Width, h.Height)
	}
	return c, nil
}

// Next is the next event that is understood; io.EOF after the last. Times
// never run backwards.
func (c *CastReader) Next() (CastEvent, error) {
	for c.lines.Scan() {
		if len(strings.TrimSpace(c.lines.Text())) == 0 {
			continue
		}
		e, err := parse(c.lines.Bytes())
		if err != nil {
			return CastEvent{}, err
		}
		if e.Kind != CastOutput && e.Kind != CastResize {
			continue
		}
		e.At = max(e.At, c.last)
		c.last = e.At
		return e, nil
	}
	if err := c.lines.Err(); err != nil {
		return CastEvent{}, fmt.Errorf("read recording: %w", err)
	}
	return CastEvent{}, io.EOF
}

// parse reads [seconds, "kind", "data"].
func parse(line []byte) (CastEvent, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(line, &parts); err != nil || len(parts) != 3 {
		return CastEvent{}, fmt.Errorf("%w: bad event", ErrCast)
	}
	var at float64
	var e CastEvent
	err := errors.Join(json.Unmarshal(parts[0], &at), json.Unmarshal(parts[1], &e.Kind), json.Unmarshal(parts[2], &e.Data))
	if err != nil || at < 0 || at > 1e9 {
		return CastEvent{}, fmt.Errorf("%w: bad event", ErrCast)
	}
	e.At = time.Duration(at * float64(time.Second))
	return e, nil
}
