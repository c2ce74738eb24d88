package ui

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// Limits of what is read.
const (
	maxLine    = 16 << 20 // bytes of one line: a screen of 500x150 cells, each in its own two colours, is 4 MiB
	maxV1      = 64 << 20 // bytes of a recording of version 1, which is one JSON document
	maxSide    = 10000    // columns or rows
	maxSeconds = 1e9      // of one event's time, which then still fits a time.Duration many times over
)

// ErrCast says that a file is not a recording.
var ErrCast = errors.New("not an asciicast recording")

// CastCut is the error of a recording that breaks off: what stands before that point has been read.
type CastCut struct {
	Line int // from 1; 0 where there are no lines, in version 1
	Err  error
}

// Error names the place and the cause.
func (e *CastCut) Error() string {
	if e.Line == 0 {
		return "the recording breaks off: " + e.Err.Error()
	}
	return fmt.Sprintf("the recording breaks off at line %d: %v", e.Line, e.Err)
}

// Unwrap returns the cause.
func (e *CastCut) Unwrap() error { return e.Err }

// Hint tells how the file may be whole again.
func (e *CastCut) Hint() string {
	return "everything before that point was played; if the file was copied, copy it again"
}

// CastReader reads a recording of version 1, 2 or 3, also through gzip.
type CastReader struct {
	Version    int
	Cols, Rows int           // of the recorded terminal; zero where the recording does not say
	IdleLimit  time.Duration // longest pause between events that the recording asks for; 0: none

	r       *bufio.Reader
	events  []CastEvent // of version 1, read ahead
	cut     error       // comes after events
	line    int
	last    time.Duration
	stopped error
}

// NewCastReader reads the header; ErrCast where there is none.
func NewCastReader(r io.Reader) (*CastReader, error) {
	c := &CastReader{r: bufio.NewReaderSize(r, 64<<10)}
	if magic, err := c.r.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(c.r)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCast, err)
		}
		c.r = bufio.NewReaderSize(z, 64<<10)
	}
	if mark, err := c.r.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = c.r.Discard(3) // just peeked at
	}
	first, err := c.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%w: it is empty", ErrCast)
	case len(first) == 0:
		return nil, fmt.Errorf("%w: %w", ErrCast, err)
	}
	return c, c.header(first)
}

// next is the next line that is neither blank nor a comment, without its end. The error is io.EOF only with an empty
// line.
func (c *CastReader) next() ([]byte, error) {
	for {
		c.line++
		text, err := c.readLine()
		text = bytes.TrimSpace(text)
		if len(text) > 0 && text[0] != '#' {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return text, err
		}
		if err != nil {
			return nil, err
		}
	}
}

// readLine reads up to the next line feed, at most maxLine bytes; the first may be all of a recording of version 1.
func (c *CastReader) readLine() (text []byte, err error) {
	most := maxLine
	if c.Version == 0 {
		most = maxV1
	}
	for {
		part, err := c.r.ReadSlice('\n')
		text = append(text, part...)
		if len(text) > most {
			return nil, fmt.Errorf("a line of more than %d MiB", most>>20)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, err
		}
	}
}

// readHeader is what matters of a first line, in all versions. Numbers may have fractions.
type readHeader struct {
	Version       float64 `json:"version"`
	Width         float64 `json:"width"`
	Height        float64 `json:"height"`
	IdleTimeLimit float64 `json:"idle_time_limit"`
	Term          struct {
		Cols float64 `json:"cols"`
		Rows float64 `json:"rows"`
	} `json:"term"`
}

// header reads the first line. One that is no JSON by itself may be the first of a document of version 1.
func (c *CastReader) header(first []byte) error {
	var h readHeader
	if err := json.Unmarshal(first, &h); err != nil && first[0] == '{' || h.Version == 1 {
		return c.readV1(first)
	} else if err != nil {
		return fmt.Errorf("%w: it does not begin with a header", ErrCast)
	}
	if h.Version == 3 {
		h.Width, h.Height = h.Term.Cols, h.Term.Rows
	}
	return c.take(h)
}

// take checks a header and keeps what matters of it.
func (c *CastReader) take(h readHeader) error {
	switch {
	case h.Version < 1:
		return fmt.Errorf("%w: its header has no version", ErrCast)
	case h.Version != float64(int(h.Version)) || h.Version > 3:
		return fmt.Errorf("asciicast version %v is not known: versions 1 to 3 are", h.Version)
	case h.Width < 0 || h.Height < 0 || h.Width > maxSide || h.Height > maxSide:
		return fmt.Errorf("%w: a terminal of %vx%v", ErrCast, h.Width, h.Height)
	}
	c.Version, c.Cols, c.Rows = int(h.Version), int(h.Width), int(h.Height)
	if h.IdleTimeLimit > 0 && h.IdleTimeLimit < maxSeconds {
		c.IdleLimit = seconds(h.IdleTimeLimit)
	}
	return nil
}

// seconds is exact to the microsecond, which is as exact as recordings are written.
func seconds(s float64) time.Duration { return time.Duration(math.Round(s*1e6)) * time.Microsecond }

// Next is the next event that is understood; io.EOF after the last, *CastCut where the recording breaks off. Times never
// run backwards.
func (c *CastReader) Next() (CastEvent, error) {
	if c.Version == 1 {
		if len(c.events) == 0 {
			return CastEvent{}, c.cut
		}
		e := c.events[0]
		c.events = c.events[1:]
		return e, nil
	}
	for c.stopped == nil {
		line, err := c.next()
		if errors.Is(err, io.EOF) {
			c.stopped = io.EOF
			break
		}
		var e CastEvent
		if err == nil {
			e, err = parseEvent(line)
		}
		if err != nil {
			c.stopped = &CastCut{Line: c.line, Err: err}
			break
		}
		c.place(&e)
		if understood(e.Kind) {
			return e, nil
		}
	}
	return CastEvent{}, c.stopped
}

// place turns the time of an event as it stands in the file into the time from the start.
func (c *CastReader) place(e *CastEvent) {
	if c.Version != 2 {
		e.At = min(c.last+e.At, seconds(maxSeconds))
	}
	e.At = max(e.At, c.last)
	c.last = e.At
}

func understood(k CastKind) bool { return k == CastOutput || k == CastResize || k == CastMarker }

// errEvent says that a line is not an event.
var errEvent = errors.New("bad event")

// parseEvent reads [seconds, "kind", "data"]. Data of kinds that are not understood may be anything.
func parseEvent(line []byte) (e CastEvent, err error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(line, &parts); err != nil || len(parts) < 2 {
		return e, errEvent
	}
	if e.At, err = parseTime(parts[0]); err != nil {
		return e, err
	}
	if err := json.Unmarshal(parts[1], &e.Kind); err != nil {
		return e, errEvent
	}
	if !understood(e.Kind) {
		return e, nil
	}
	if len(parts) < 3 || json.Unmarshal(parts[2], &e.Data) != nil {
		return e, errEvent
	}
	return e, nil
}

// parseTime reads seconds; what lies before the start is at the start.
func parseTime(text json.RawMessage) (time.Duration, error) {
	var s float64
	if err := json.Unmarshal(text, &s); err != nil || s > maxSeconds {
		return 0, errEvent
	}
	return seconds(max(s, 0)), nil
}
