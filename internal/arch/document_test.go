package arch

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDocumentHasTheSameTable holds ARCHITECTURE.md against the table that is asserted.
func TestDocumentHasTheSameTable(t *testing.T) {
	text, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string][]string{}
	row := regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\| .* \\| ([a-z/, ]+) \\|$")
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		said[m[1]] = document(m[2])
	}
	for name, r := range areas() {
		want := slices.Sorted(slices.Values(r.ours))
		got, ok := said[name]
		slices.Sort(got)
		if !ok || !slices.Equal(got, want) {
			t.Errorf("%s: ARCHITECTURE.md says %q, the table %q", name, got, want)
		}
	}
	if len(said) != len(areas()) {
		t.Errorf("ARCHITECTURE.md has %d areas, the table %d", len(said), len(areas()))
	}
}

func document(cell string) []string {
	switch cell {
	case "none":
		return nil
	case "any":
		return []string{anyArea}
	}
	return strings.Split(cell, ", ")
}
