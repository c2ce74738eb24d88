package term

import (
	"strings"
	"unicode/utf8"
)

// Filter lets through what draws — text, colours, the cursor's moves, erasing, synchronized updates — and nothing that
// asks, sets modes, writes to the clipboard or speaks to the system. The zero value is ready; sequences may be split
// between calls.
type Filter struct {
	state parserState
	buf   []byte
}

// Append appends the harmless part of src to dst.
func (f *Filter) Append(dst, src []byte) []byte {
	for _, c := range src {
		dst = f.byte(dst, c)
	}
	return dst
}

func (f *Filter) byte(dst []byte, c byte) []byte {
	switch f.state {
	case afterEscape:
		return f.escape(dst, c)
	case inControl:
		return f.control(dst, c)
	case inString, inStringEscape:
		f.text(c)
		return dst
	}
	switch {
	case c == 0x1b:
		f.state = afterEscape
	case c >= 0x80 || len(f.buf) > 0:
		return f.character(dst, c)
	case c >= 0x20 && c < 0x7f || c == '\r' || c == '\n' || c == '\t' || c == '\b':
		dst = append(dst, c)
	}
	return dst
}

// character passes whole UTF-8 characters only, without the C1 controls.
func (f *Filter) character(dst []byte, c byte) []byte {
	f.buf = append(f.buf, c)
	if c >= 0x80 && !utf8.FullRune(f.buf) {
		return dst
	}
	r, n := utf8.DecodeRune(f.buf)
	rest := append([]byte(nil), f.buf[n:]...)
	f.buf = f.buf[:0]
	if r != utf8.RuneError && r >= 0xa0 {
		dst = utf8.AppendRune(dst, r)
	}
	for _, c := range rest {
		dst = f.byte(dst, c)
	}
	return dst
}

func (f *Filter) escape(dst []byte, c byte) []byte {
	f.state, f.buf = ground, f.buf[:0]
	switch c {
	case '[':
		f.state = inControl
	case 'P', ']', '_', '^', 'X':
		f.state = inString
	case 0x1b:
		f.state = afterEscape
	}
	return dst
}

// control passes the sequences of the list: moves, erasing, repeating, colours, and synchronized updates.
func (f *Filter) control(dst []byte, c byte) []byte {
	switch {
	case c == 0x1b:
		f.state, f.buf = afterEscape, f.buf[:0]
	case c == 0x18 || c == 0x1a || len(f.buf) > maxControl:
		f.state, f.buf = ground, f.buf[:0]
	case c < 0x40 && c >= 0x20:
		f.buf = append(f.buf, c)
	case c >= 0x40 && c < 0x7f:
		body := string(f.buf)
		f.state, f.buf = ground, f.buf[:0]
		if harmless(body, c) {
			dst = append(append(append(dst, csi...), body...), c)
		}
	}
	return dst
}

// harmless reports whether a control sequence only draws. Erasing the scrollback (CSI 3 J) is not that, and numbers
// beyond any screen's size keep some terminals busy for long.
func harmless(body string, final byte) bool {
	switch final {
	case 'h', 'l':
		return body == "?2026"
	case 'J', 'K':
		return body == "" || body == "0" || body == "1" || body == "2"
	case 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'X', 'b', 'd', 'f':
		return numeric(body, ";", 2)
	case 'm':
		return numeric(body, ";:", maxControl)
	}
	return false
}

// numeric reports whether body is at most so many numbers of at most four digits, parted by one of separators. Each may
// be left out.
func numeric(body, separators string, most int) bool {
	digits, count := 0, 1
	for _, c := range []byte(body) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case strings.IndexByte(separators, c) >= 0:
			digits, count = 0, count+1
		default:
			return false
		}
		if digits > 4 || count > most {
			return false
		}
	}
	return true
}

func (f *Filter) text(c byte) {
	switch {
	case c == 0x07 || f.state == inStringEscape && c == '\\':
		f.state = ground
	case c == 0x1b:
		f.state = inStringEscape
	default:
		f.state = inString
	}
}
