package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// maxMarks is how many combining marks one character may carry on a screen.
const maxMarks = 3

// clean makes a peer's text safe to show, whatever was done to it before: nothing that moves a cursor, changes
// direction, hides, or piles up. White space becomes single spaces; limit is in characters.
func clean(s string, limit int) string {
	var b strings.Builder
	count, space, state := 0, false, -1
	for len(s) > 0 && count < limit {
		var cluster string
		cluster, s, _, state = uniseg.FirstGraphemeClusterInString(s, state)
		kept := cleanCluster(cluster)
		if kept == "" {
			space = space || strings.ContainsFunc(cluster, unicode.IsSpace)
			continue
		}
		if space && count > 0 {
			b.WriteByte(' ')
			count++
		}
		space = false
		b.WriteString(kept)
		count++
	}
	return b.String()
}

// cleanCluster is one character without what must not reach a screen; white space counts as nothing.
func cleanCluster(cluster string) string {
	if cluster[0] > 0x20 && len(cluster) == 1 && cluster[0] < 0x7f {
		return cluster
	}
	var b strings.Builder
	marks, joiner := 0, false
	for _, r := range cluster {
		switch {
		case r == 0x200d:
			joiner = b.Len() > 0
			continue
		case r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsGraphic(r):
			continue
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc):
			if marks++; marks > maxMarks || b.Len() == 0 {
				continue
			}
		}
		if joiner {
			b.WriteRune(0x200d)
			joiner = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// width is the columns that s takes.
func width(s string) int { return uniseg.StringWidth(s) }

// cut shortens s to at most cols columns, ending in mark where something is missing.
func cut(s string, cols int, mark string) string {
	if width(s) <= cols {
		return s
	}
	room := cols - width(mark)
	if room < 0 {
		return ""
	}
	var b strings.Builder
	state := -1
	for used := 0; len(s) > 0; {
		var cluster string
		var w int
		cluster, s, w, state = uniseg.FirstGraphemeClusterInString(s, state)
		if used += w; used > room {
			break
		}
		b.WriteString(cluster)
	}
	return strings.TrimRight(b.String(), " ") + mark
}

// wrap breaks s into lines of at most cols columns: at spaces where it can, inside paths and addresses after a slash or
// another sign, inside a word only where nothing else is left.
func wrap(s string, cols int) []string {
	if cols < 1 {
		return nil
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		for width(word) > cols {
			if line != "" {
				lines, line = append(lines, line), ""
			}
			head := cut(word, cols, "")
			if at := strings.LastIndexAny(head, "/\\"); at > 0 {
				head = head[:at+1]
			} else if at := strings.LastIndexAny(head, "-_.,:;="); at > 0 {
				head = head[:at+1]
			}
			if head == "" { // one character wider than the line
				return append(lines, word)
			}
			lines = append(lines, head)
			word = word[len(head):]
		}
		switch {
		case line == "":
			line = word
		case width(line)+1+width(word) <= cols:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// initials are the first letters of up to two words of a name.
func initials(name string) string {
	var b strings.Builder
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	for _, w := range words[:min(len(words), 2)] {
		cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(w, -1)
		b.WriteString(strings.ToUpper(cluster))
	}
	if b.Len() == 0 {
		return "?"
	}
	return b.String()
}
