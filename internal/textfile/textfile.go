// Package textfile reads text files as people's editors and shells write them.
package textfile

import (
	"bytes"
	"encoding/binary"
	"os"
	"unicode/utf16"
)

// Read returns what a file has, as Decode gives it.
func Read(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	return Decode(b), err
}

// Decode returns text as UTF-8 without a byte-order mark. Notepad writes one, and redirection in Windows PowerShell makes
// UTF-16 of everything; text without a mark is returned as it is.
func Decode(b []byte) []byte {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return b[3:]
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return fromUTF16(b[2:], binary.LittleEndian)
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return fromUTF16(b[2:], binary.BigEndian)
	}
	return b
}

func fromUTF16(b []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}
