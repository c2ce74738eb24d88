package packet

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// Limits of what people write.
const (
	MaxName = 32   // of a name: code points, and cells on a screen
	MaxRoom = 64   // of a room's name: bytes
	MaxText = 2000 // of a chat message: code points
)

// Guest is the name of a member that gave none.
const Guest = "guest"

// Roles of members.
const (
	RoleJoin  = "join"
	RoleWatch = "watch"
)

// CleanName makes a name safe for every screen. It removes control, format, bidi and zero-width characters, tabs and
// line feeds included; turns other white space into spaces and trims them; and keeps at most 32 code points and 32
// cells, whole characters only. If nothing is left it returns Guest.
func CleanName(s string) string {
	s = fit(clean(s, MaxName*8, safeInName), MaxName)
	if s == "" {
		return Guest
	}
	return s
}

// CleanText makes a message or a reason safe for every screen, on one line: as CleanName, but tabs and line feeds
// become spaces, and at most MaxText code points are kept. It may return "".
func CleanText(s string) string { return clean(s, MaxText, safe) }

// ValidRoom reports whether s names a room: 1 to 64 ASCII letters, digits, '-', '_' and '.'.
func ValidRoom(s string) bool {
	if s == "" || len(s) > MaxRoom {
		return false
	}
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
		default:
			return false
		}
	}
	return true
}

// SuffixName returns the name with "-n" appended, shortened so that the whole is still a valid name: alice, 2 →
// alice-2.
func SuffixName(name string, n int) string {
	suffix := fmt.Sprintf("-%d", n)
	return fit(name, MaxName-len(suffix)) + suffix
}

// UniqueName returns the cleaned name, or the first of name-2, name-3, … that is not taken.
func UniqueName(name string, taken func(string) bool) string {
	name = CleanName(name)
	for given, n := name, 2; ; n++ {
		if !taken(given) {
			return given
		}
		given = SuffixName(name, n)
	}
}

// clean drops what is not safe on a screen and keeps at most limit code points. It stops reading at the limit, so that
// megabytes of text cost nothing either.
func clean(s string, limit int, safe func(rune) (rune, bool)) string {
	var b strings.Builder
	n, space := 0, false
	for _, r := range s {
		r, ok := safe(r)
		if !ok || n == 0 && (r == ' ' || unicode.In(r, unicode.Mn, unicode.Me)) {
			continue
		}
		if n++; n > limit {
			break
		}
		if space = r == ' '; space && n == limit {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimRight(b.String(), " ")
}

// safe maps a code point to what may be shown on a screen, and reports whether anything may.
func safe(r rune) (rune, bool) {
	switch {
	case r == '\t' || r == '\n' || r == '\r' || unicode.Is(unicode.Z, r):
		return ' ', true
	case r == unicode.ReplacementChar, invisible(r):
		return 0, false
	}
	return r, unicode.IsPrint(r) // no control, format, private-use, unassigned
}

// safeInName is safe, except for white space that is a control character.
func safeInName(r rune) (rune, bool) {
	if unicode.IsControl(r) {
		return 0, false
	}
	return safe(r)
}

// invisible are the printable code points that take no place or only pretend to be empty: terminals disagree on their
// width, and names hide behind them.
func invisible(r rune) bool {
	return r == 0x034f || r == 0x115f || r == 0x1160 || r == 0x17b4 || r == 0x17b5 ||
		r >= 0x180b && r <= 0x180f || r == 0x2800 || r == 0x3164 || r == 0xffa0 ||
		unicode.Is(unicode.Variation_Selector, r)
}

// fit cuts s to n code points and n cells, never inside a character.
func fit(s string, n int) string {
	runes, cells, end, state := 0, 0, 0, -1
	for rest := s; rest != ""; {
		var cluster string
		var width int
		cluster, rest, width, state = uniseg.FirstGraphemeClusterInString(rest, state)
		count := 0
		for range cluster {
			count++
		}
		if runes += count; runes > n {
			break
		}
		if cells += width; cells > n {
			break
		}
		end += len(cluster)
	}
	return strings.TrimRight(s[:end], " ")
}
