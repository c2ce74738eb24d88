package term

import "unicode"

// Code names a key that is not a character.
type Code uint8

// The keys that have names.
const (
	Rune Code = iota // a character, in Key.Rune
	Enter
	Tab
	BackTab
	Backspace
	Escape
	Up
	Down
	Left
	Right
	Home
	End
	PageUp
	PageDown
	Insert
	Delete
	Function // F1…F12, the number in Key.Rune
	Pasted   // a piece of pasted text, in Key.Text
)

// Key is one press, or one piece of pasted text.
type Key struct {
	Code Code
	Rune rune
	Ctrl bool
	Alt  bool
	Text string
}

func key(c Code) input { return input{Key: Key{Code: c}} }

// plainKey is what one byte below 0x80 means.
func plainKey(c byte) input {
	switch {
	case c == '\r' || c == '\n':
		return key(Enter)
	case c == '\t':
		return key(Tab)
	case c == 0x7f || c == 0x08:
		return key(Backspace)
	case c == 0x1b:
		return key(Escape)
	case c == 0:
		return input{Key: Key{Rune: ' ', Ctrl: true}}
	case c < 0x1b:
		return input{Key: Key{Rune: rune(c) + 'a' - 1, Ctrl: true}}
	case c < 0x20:
		return input{Key: Key{Rune: rune(c) + '@', Ctrl: true}}
	}
	return input{Key: Key{Rune: rune(c)}}
}

// controlKey reads the keys that come as control sequences: letters, numbers
// before a tilde, and "CSI u" of terminals left in that mode.
func controlKey(params []int, final byte) (Key, bool) {
	k := Key{}
	if len(params) > 1 && params[1] > 1 && final != 'R' {
		k.Alt, k.Ctrl = (params[1]-1)&2 != 0, (params[1]-1)&4 != 0
	}
	switch final {
	case 'A', 'B', 'C', 'D', 'E', 'F', 'H', 'P', 'Q', 'S', 'Z':
		named, ok := letterKey(final)
		named.Alt, named.Ctrl = k.Alt, k.Ctrl
		return named, ok
	case '~':
		code, ok := tildeKey(params)
		code.Alt, code.Ctrl = k.Alt, k.Ctrl
		return code, ok
	case 'u':
		if len(params) == 0 || params[0] > 0x7f && !unicode.IsGraphic(rune(params[0])) {
			return k, false
		}
		return unicodeKey(rune(params[0]), k), true
	}
	return k, false
}

func letterKey(final byte) (Key, bool) {
	switch final {
	case 'P', 'Q', 'R', 'S':
		return Key{Code: Function, Rune: rune(final-'P') + 1}, true
	case 'M':
		return Key{Code: Enter}, true
	}
	code, ok := map[byte]Code{
		'A': Up, 'B': Down, 'C': Right, 'D': Left, 'F': End, 'H': Home, 'Z': BackTab,
	}[final]
	return Key{Code: code}, ok
}

// singleKey reads SS3 keys: application cursor keys, F1 to F4, keypad Enter.
func singleKey(c byte) (Key, bool) { return letterKey(c) }

func tildeKey(params []int) (Key, bool) {
	if len(params) == 0 {
		return Key{}, false
	}
	code, ok := map[int]Code{1: Home, 2: Insert, 3: Delete, 4: End, 5: PageUp, 6: PageDown, 7: Home, 8: End}[params[0]]
	if ok {
		return Key{Code: code}, true
	}
	number, ok := map[int]rune{11: 1, 12: 2, 13: 3, 14: 4, 15: 5, 17: 6, 18: 7, 19: 8, 20: 9, 21: 10, 23: 11, 24: 12}[params[0]]
	return Key{Code: Function, Rune: number}, ok
}

func unicodeKey(r rune, k Key) Key {
	if r >= 0x20 && r != 0x7f {
		k.Rune = r
		return k
	}
	plain := plainKey(byte(r)).Key
	plain.Alt, plain.Ctrl = plain.Alt || k.Alt, plain.Ctrl || k.Ctrl
	return plain
}
