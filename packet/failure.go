package packet

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// errorHead is the number of bytes in front of an ERROR_MESSAGE's sentence.
const errorHead = 8

// ErrorBody is an ERROR_MESSAGE: a close code, and a sentence for a person.
type ErrorBody struct {
	Code    Code
	Message string // as it came: pass it through CleanText before showing it
}

// Error returns a finished ERROR_MESSAGE of the server with one reference: u32 code, u32 length, the sentence in UTF-8.
func (p *Buffers) Error(code Code, message string) *Buffer {
	message = Shorten(message, MaxText)
	b := p.Get(errorHead + len(message))
	payload := b.Payload()
	binary.BigEndian.PutUint32(payload, uint32(code))
	binary.BigEndian.PutUint32(payload[4:], uint32(len(message)))
	copy(payload[errorHead:], message)
	b.Finish(ErrorMessage, 0)
	return b
}

// ParseError reads an ERROR_MESSAGE. It returns ErrBody if the declared length differs from what follows, the code is
// none, or the sentence is not UTF-8.
func ParseError(payload []byte) (ErrorBody, error) {
	if len(payload) < errorHead {
		return ErrorBody{}, fmt.Errorf("%w: error message of %d bytes", ErrBody, len(payload))
	}
	code, text := binary.BigEndian.Uint32(payload), payload[errorHead:]
	if n := binary.BigEndian.Uint32(payload[4:]); uint64(n) != uint64(len(text)) || code > 0xffff || !utf8.Valid(text) {
		return ErrorBody{}, fmt.Errorf("%w: error message", ErrBody)
	}
	return ErrorBody{Code: Code(code), Message: string(text)}, nil
}

// Shorten cuts s to at most n bytes, never inside a code point.
func Shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
