package ui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"
)

// CastVersion is a version of the asciicast format.
type CastVersion int

// The versions that are written; version 1 is only read.
const (
	CastV2 CastVersion = 2 // https://docs.asciinema.org/manual/asciicast/v2/
	CastV3 CastVersion = 3 // https://docs.asciinema.org/manual/asciicast/v3/
)

// CastVersionNames lists what ParseCastVersion reads, the default first.
func CastVersionNames() []string { return []string{"v2", "v3"} }

// ParseCastVersion reads one of CastVersionNames; "" is the default, version 2, which every player since 2017 reads.
func ParseCastVersion(name string) (CastVersion, error) {
	switch name {
	case "", "v2":
		return CastV2, nil
	case "v3":
		return CastV3, nil
	}
	return 0, fmt.Errorf("unknown recording format %q: v2 or v3", name)
}

// CastKind is what an event of a recording does.
type CastKind string

// The kinds that are understood; others are skipped.
const (
	CastOutput CastKind = "o" // Data goes to the terminal
	CastResize CastKind = "r" // Data is the new size, COLSxROWS
	CastMarker CastKind = "m" // a place to jump to; Data is its label
)

// CastEvent is one event of a recording: At counts from its start.
type CastEvent struct {
	At   time.Duration
	Kind CastKind
	Data string
}

// CastWriter writes a recording. Each line is one Write of the writer below, so that a recording that breaks off does so
// between two events. Not for concurrent use.
type CastWriter struct {
	w       io.Writer
	line    bytes.Buffer
	version CastVersion
	start   time.Time
	last    int64 // microseconds from the start to the last event
	cols    int
	rows    int
}

// CastConfig describes a recording that is to be written.
type CastConfig struct {
	Version    CastVersion // zero is version 2
	Cols, Rows int         // of the terminal
	Title      string
	Start      time.Time
}

// castHeader is the first line of a recording of version 2 or 3.
type castHeader struct {
	Version   CastVersion       `json:"version"`
	Width     int               `json:"width,omitempty"`
	Height    int               `json:"height,omitempty"`
	Term      *castTerm         `json:"term,omitempty"`
	Timestamp int64             `json:"timestamp,omitempty"`
	Title     string            `json:"title,omitempty"`
	Env       map[string]string `json:"env,omitempty"`
}

// castTerm is the terminal in a header of version 3.
type castTerm struct {
	Cols int    `json:"cols"`
	Rows int    `json:"rows"`
	Type string `json:"type,omitempty"`
}

// recordedTerm is the terminal that a recording is written for.
const recordedTerm = "xterm-256color"

// NewCastWriter begins a recording by writing its header.
func NewCastWriter(w io.Writer, cfg CastConfig) (*CastWriter, error) {
	if cfg.Version == 0 {
		cfg.Version = CastV2
	}
	c := &CastWriter{w: w, version: cfg.Version, start: cfg.Start, cols: cfg.Cols, rows: cfg.Rows}
	h := castHeader{Version: cfg.Version, Timestamp: cfg.Start.Unix(), Title: cfg.Title}
	if cfg.Version == CastV3 {
		h.Term = &castTerm{Cols: cfg.Cols, Rows: cfg.Rows, Type: recordedTerm}
	} else {
		h.Width, h.Height, h.Env = cfg.Cols, cfg.Rows, map[string]string{"TERM": recordedTerm}
	}
	return c, c.write(h)
}

// write writes v as a line of JSON, without the escaping meant for HTML.
func (c *CastWriter) write(v any) error {
	c.line.Reset()
	e := json.NewEncoder(&c.line)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("encode recording: %w", err)
	}
	_, err := c.w.Write(c.line.Bytes()) // says itself which file it is about
	return err
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

// End records that nothing changed until now, so that players keep the last picture for as long as it was seen.
func (c *CastWriter) End(now time.Time) error { return c.event(now, CastOutput, "") }

// event writes an event: its time from the start in version 2, from the event before in version 3. The latter is the
// difference of rounded times, so that the rounding does not add up.
func (c *CastWriter) event(now time.Time, k CastKind, data string) error {
	at := max(c.last, now.Sub(c.start).Microseconds())
	shown := at
	if c.version == CastV3 {
		shown -= c.last
	}
	c.last = at
	return c.write([3]any{math.Round(float64(shown)) / 1e6, k, data})
}
