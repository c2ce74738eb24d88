package term

import (
	"bytes"
	"time"
	"unicode"
	"unicode/utf8"
)

// input is one key press or one reply: Reply is nil for keys.
type input struct {
	Key   Key
	Reply *reply
}

type parserState uint8

const (
	ground parserState = iota
	afterEscape
	flushedEscape // the Escape key was reported, but its sequence may still come
	inControl     // CSI
	inSingle      // SS3
	inString      // DCS, OSC, APC, PM, SOS
	inStringEscape
	inConsole // Linux console function keys: CSI [ letter
	inMouse   // three bytes after CSI M
	inPaste
)

// Sequences longer than this are swallowed without being understood.
const (
	maxControl = 128
	maxString  = 1024
	maxPaste   = 1 << 16
	pastePiece = 1024
)

// parser turns what a terminal sends into keys and replies. It is pure; the zero value is ready; it keeps at most a few
// kilobytes whatever comes. A sequence may be split anywhere: its rest never becomes keys.
type parser struct {
	state   parserState
	kind    byte // of the string: P ] _ ^ X
	buf     []byte
	skip    int // bytes still belonging to a mouse report
	pasted  int
	partial []byte // of a UTF-8 character
	waiting bool   // flushedEscape: questions were open when it was reported
}

// Feed parses b and calls emit for each whole key or reply in it.
func (p *parser) Feed(b []byte, emit func(input)) {
	for len(b) > 0 {
		if p.state == inPaste {
			b = p.paste(b, emit)
			continue
		}
		p.feed(b[0], emit)
		b = b[1:]
	}
}

// Timeout is how long to wait for more bytes before calling Idle; 0 means for ever. With questions open a lone ESC is
// more likely the start of a reply.
func (p *parser) Timeout(open bool) time.Duration {
	switch p.state {
	case afterEscape:
		if open {
			return 200 * time.Millisecond
		}
		return 40 * time.Millisecond
	case ground, flushedEscape:
		return 0
	}
	if open {
		return 4 * time.Second
	}
	return time.Second
}

// Idle says that no byte came for Timeout: a lone ESC was the Escape key, and what else is unfinished is given up.
func (p *parser) Idle(open bool, emit func(input)) {
	switch p.state {
	case ground, flushedEscape:
	case afterEscape:
		emit(key(Escape))
		p.state, p.waiting = flushedEscape, open
	case inPaste:
		p.flushPaste(emit)
		p.reset()
	default:
		p.reset()
	}
}

func (p *parser) reset() { p.state, p.buf = ground, p.buf[:0] }

func (p *parser) feed(c byte, emit func(input)) {
	switch p.state {
	case ground:
		p.ground(c, emit)
	case afterEscape:
		p.escape(c, emit)
	case flushedEscape:
		p.flushed(c, emit)
	case inControl:
		p.control(c, emit)
	case inSingle:
		p.single(c, emit)
	case inString, inStringEscape:
		p.text(c, emit)
	case inConsole:
		p.reset()
	case inMouse:
		if p.skip--; p.skip <= 0 {
			p.reset()
		}
	}
}

func (p *parser) ground(c byte, emit func(input)) {
	switch {
	case c >= 0x80 || len(p.partial) > 0:
		p.character(c, emit)
	case c == 0x1b:
		p.state = afterEscape
	default:
		emit(plainKey(c))
	}
}

// character collects a UTF-8 sequence; what is not one is dropped.
func (p *parser) character(c byte, emit func(input)) {
	if c < 0x80 {
		p.partial = p.partial[:0]
		p.ground(c, emit)
		return
	}
	p.partial = append(p.partial, c)
	if !utf8.FullRune(p.partial) {
		return
	}
	r, n := utf8.DecodeRune(p.partial)
	rest := append([]byte(nil), p.partial[n:]...)
	p.partial = p.partial[:0]
	if r != utf8.RuneError && !unicode.IsControl(r) {
		emit(input{Key: Key{Rune: r}})
	}
	for _, c := range rest {
		p.character(c, emit)
	}
}

func (p *parser) escape(c byte, emit func(input)) {
	p.reset()
	switch c {
	case '[':
		p.state = inControl
	case 'O':
		p.state = inSingle
	case 'P', ']', '_', '^', 'X':
		p.state, p.kind = inString, c
	case 0x1b:
		emit(key(Escape))
		p.state = afterEscape
	case '\\': // a late string terminator
	default:
		p.alt(c, emit)
	}
}

func (p *parser) alt(c byte, emit func(input)) {
	if c >= 0x80 {
		p.character(c, emit)
		return
	}
	in := plainKey(c)
	in.Key.Alt = true
	emit(in)
}

// flushed decides whether c goes on with a sequence whose ESC came long before. A person who pressed Escape hardly
// types one of these next.
func (p *parser) flushed(c byte, emit func(input)) {
	p.reset()
	goesOn := c == '[' || p.waiting && (c == 'P' || c == ']' || c == '_')
	if goesOn {
		p.escape(c, emit)
		return
	}
	p.ground(c, emit)
}

func (p *parser) control(c byte, emit func(input)) {
	switch {
	case c == 0x1b:
		p.reset()
		p.state = afterEscape
	case c == 0x18 || c == 0x1a:
		p.reset()
	case c < 0x20 || c >= 0x7f: // no part of a control sequence
	case c == '[' && len(p.buf) == 0:
		p.state = inConsole
	case c >= 0x40:
		p.endControl(c, emit)
	case len(p.buf) < maxControl:
		p.buf = append(p.buf, c)
	}
}

func (p *parser) endControl(final byte, emit func(input)) {
	body := p.buf
	tooLong := len(body) >= maxControl
	p.reset()
	switch {
	case tooLong:
	case final == 'M' && len(body) == 0:
		p.state, p.skip = inMouse, 3
	case final == '~' && string(body) == "200":
		p.state, p.pasted = inPaste, 0
	default:
		emit(readControl(body, final))
	}
}

// readControl reads a whole control sequence: a key if it is a known one.
func readControl(body []byte, final byte) input {
	var private byte
	if len(body) > 0 && body[0] >= '<' && body[0] <= '?' {
		private, body = body[0], body[1:]
	}
	params, middle := body, []byte(nil)
	if i := bytes.IndexFunc(body, func(r rune) bool { return r < 0x30 }); i >= 0 {
		params, middle = body[:i], body[i:]
	}
	if private == 0 && len(middle) == 0 {
		if k, ok := controlKey(string(params), final); ok {
			return input{Key: k}
		}
	}
	r := controlReply(private, string(params), string(middle), final)
	return input{Reply: &r}
}

func (p *parser) single(c byte, emit func(input)) {
	if c == 0x1b {
		p.state = afterEscape
		return
	}
	p.reset()
	if k, ok := singleKey(c); ok {
		emit(input{Key: k})
	}
}

// text collects a string sequence up to ST or BEL.
func (p *parser) text(c byte, emit func(input)) {
	switch {
	case p.state == inStringEscape && c == '\\', c == 0x07:
		p.endString(emit)
	case p.state == inStringEscape:
		p.reset()
		p.escape(c, emit)
	case c == 0x1b:
		p.state = inStringEscape
	case c == 0x18 || c == 0x1a:
		p.reset()
	case len(p.buf) < maxString:
		p.buf = append(p.buf, c)
	}
}

func (p *parser) endString(emit func(input)) {
	r := reply{}
	if len(p.buf) < maxString {
		r = stringReply(p.kind, string(p.buf))
	}
	p.reset()
	emit(input{Reply: &r})
}

const pasteEnd = csi + "201~"

// paste collects pasted text and returns what follows its end.
func (p *parser) paste(b []byte, emit func(input)) []byte {
	for i, c := range b {
		p.buf = append(p.buf, c)
		if bytes.HasSuffix(p.buf, []byte(pasteEnd)) {
			p.buf = p.buf[:len(p.buf)-len(pasteEnd)]
			p.flushPaste(emit)
			p.reset()
			return b[i+1:]
		}
		if len(p.buf) >= pastePiece+len(pasteEnd) {
			p.cutPaste(emit)
		}
	}
	return nil
}

// cutPaste reports a piece and keeps the tail, which may be a part of the end mark or of a character.
func (p *parser) cutPaste(emit func(input)) {
	n := len(p.buf) - len(pasteEnd)
	for n > 0 && !utf8.RuneStart(p.buf[n]) {
		n--
	}
	tail := append([]byte(nil), p.buf[n:]...)
	p.buf = p.buf[:n]
	p.flushPaste(emit)
	p.buf = append(p.buf[:0], tail...)
}

func (p *parser) flushPaste(emit func(input)) {
	if p.pasted += len(p.buf); p.pasted <= maxPaste && len(p.buf) > 0 {
		emit(input{Key: Key{Code: Pasted, Text: string(bytes.ToValidUTF8(p.buf, nil))}})
	}
}
