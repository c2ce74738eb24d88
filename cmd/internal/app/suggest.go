package app

import "strings"

// Nearest is the command that a mistyped word most likely means, "" if none is near.
func (p *Program) Nearest(word string) string { return nearest(word, names(p.Commands)) }

// nearest is the candidate that a mistyped word most likely means, "" if none is near.
func nearest(word string, candidates []string) string {
	best, least := "", max(1, min(3, (len(word)+1)/3))+1
	for _, c := range candidates {
		d := distance(strings.ToLower(word), c)
		if len(word) >= 3 && strings.HasPrefix(c, word) {
			d = min(d, 1)
		}
		if d < least {
			best, least = c, d
		}
	}
	return best
}

// distance counts the letters to add, take away, change or swap with their neighbour to make b of a.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
