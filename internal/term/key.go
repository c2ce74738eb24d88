package term

import (
	"strconv"
	"strings"
	"unicode"
)

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

// Modifiers as xterm and kitty send them, plus one.
const (
	modShift = 1 << iota
	modAlt
	modCtrl
	modSuper // xterm: Meta
	modHyper
	modMeta
	modCapsLock
)

// releasedKey is the type of a kitty event that is no press.
const releasedKey = 3

// controlKey reads the keys that come as control sequences: letters, numbers before a tilde, and the two ways in which
// any key comes: CSI 27;modifiers;code~ (xterm's modifyOtherKeys) and CSI code;modifiers u (the same with
// formatOtherKeys 1, and kitty's protocol: https://sw.kovidgoyal.net/kitty/keyboard-protocol/).
func controlKey(params string, final byte) (Key, bool) {
	f := keyFields(params)
	mods := max(f[1][0]-1, 0)
	if f[1][1] == releasedKey {
		return Key{}, false
	}
	var k Key
	var ok bool
	switch final {
	case 'A', 'B', 'C', 'D', 'E', 'F', 'H', 'P', 'Q', 'S', 'Z':
		k, ok = letterKey(final)
	case '~':
		if f[0][0] == 27 && f[2][0] > 0 {
			return typedKey(rune(f[2][0]), mods)
		}
		k, ok = tildeKey(f[0][0])
	case 'u':
		return unicodeKey(f, mods)
	}
	k.Alt, k.Ctrl = mods&(modAlt|modSuper|modHyper|modMeta) != 0, mods&modCtrl != 0
	return k, ok
}

// keyFields splits up to three parameters into up to three parts each, absent ones being 0.
func keyFields(params string) (f [3][3]int) {
	for i, field := range strings.SplitN(params, ";", 4)[:min(strings.Count(params, ";")+1, 3)] {
		for k, part := range strings.SplitN(field, ":", 4)[:min(strings.Count(field, ":")+1, 3)] {
			if n, err := strconv.Atoi(part); err == nil && n > 0 && n <= unicode.MaxRune {
				f[i][k] = n
			}
		}
	}
	return f
}

// unicodeKey reads CSI code:shifted:base;modifiers:event;text u. The text is what the key writes; else the shifted
// code is what it writes with Shift.
func unicodeKey(f [3][3]int, mods int) (Key, bool) {
	code := rune(f[0][0])
	switch {
	case code >= keypadFirst && code < keypadFirst+rune(len(keypad)):
		k := keypad[code-keypadFirst]
		k.Alt, k.Ctrl = mods&(modAlt|modSuper|modHyper|modMeta) != 0, mods&modCtrl != 0
		return k, k != Key{}
	case mods&(modCtrl|modAlt) == 0 && f[2][0] >= 0x20 && f[2][0] != 0x7f:
		return typedKey(rune(f[2][0]), mods&^modShift)
	case mods&modCtrl != 0 && code > 0x7f && f[0][2] > 0: // Ctrl goes by the place of the key, in all alphabets
		return typedKey(rune(f[0][2]), mods)
	case mods&modShift != 0 && f[0][1] > 0:
		return typedKey(rune(f[0][1]), mods&^modShift)
	}
	return typedKey(code, mods)
}

// Shifted keys of the layout that is most common, for terminals that name a key by its unshifted character alone.
const (
	unshifted = "`1234567890-=[]\\;',./"
	shifted   = "~!@#$%^&*()_+{}|:\"<>?"
)

// typedKey is the key that writes r, with modifiers, as it comes where no sequence is made of it: Ctrl and a letter are a
// control character, some of which are keys with names.
func typedKey(r rune, mods int) (Key, bool) {
	if r == 0 || r > 0x7f && !unicode.IsGraphic(r) {
		return Key{}, false
	}
	alt := mods&(modAlt|modSuper|modHyper|modMeta) != 0
	if mods&modShift != 0 {
		if i := strings.IndexRune(unshifted, r); i >= 0 {
			r = rune(shifted[i])
		}
	}
	if mods&(modShift|modCapsLock) != 0 && mods&(modShift|modCapsLock) != modShift|modCapsLock {
		r = unicode.ToUpper(r)
	}
	k := Key{Rune: r}
	switch {
	case r == '\t' && mods&modShift != 0:
		k = Key{Code: BackTab}
	case r < 0x20 || r == 0x7f:
		k = plainKey(byte(r)).Key
		k.Ctrl = k.Ctrl || mods&modCtrl != 0
	case mods&modCtrl != 0 && r == '?':
		k = plainKey(0x7f).Key
	case mods&modCtrl != 0 && r >= '@' && r < 0x7f:
		k = plainKey(byte(r) & 0x1f).Key
	case mods&modCtrl != 0:
		k.Ctrl = true
	}
	k.Alt = k.Alt || alt
	return k, true
}

// keypadFirst is the code of the first key of kitty's keypad, which are 0 to 9 and those in this order.
const keypadFirst = 57399

var keypad = [...]Key{
	{Rune: '0'}, {Rune: '1'}, {Rune: '2'}, {Rune: '3'}, {Rune: '4'}, {Rune: '5'}, {Rune: '6'}, {Rune: '7'}, {Rune: '8'}, {Rune: '9'},
	{Rune: '.'}, {Rune: '/'}, {Rune: '*'}, {Rune: '-'}, {Rune: '+'}, {Code: Enter}, {Rune: '='}, {Rune: ','},
	{Code: Left}, {Code: Right}, {Code: Up}, {Code: Down}, {Code: PageUp}, {Code: PageDown}, {Code: Home}, {Code: End},
	{Code: Insert}, {Code: Delete},
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

func tildeKey(n int) (Key, bool) {
	code, ok := map[int]Code{1: Home, 2: Insert, 3: Delete, 4: End, 5: PageUp, 6: PageDown, 7: Home, 8: End}[n]
	if ok {
		return Key{Code: code}, true
	}
	number, ok := map[int]rune{11: 1, 12: 2, 13: 3, 14: 4, 15: 5, 17: 6, 18: 7, 19: 8, 20: 9, 21: 10, 23: 11, 24: 12}[n]
	return Key{Code: Function, Rune: number}, ok
}
