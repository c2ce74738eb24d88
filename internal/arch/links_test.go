package arch

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documents calls visit with each document of the repository that a pattern, relative to its root, matches.
func documents(t *testing.T, visit func(file, text string), patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		files, err := filepath.Glob("../../" + pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			visit(file, string(text))
		}
	}
}

// TestLinksLeadSomewhere: what a document of the repository points at in the repository is there.
func TestLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	documents(t, func(file, text string) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, _, _ := strings.Cut(m[1], "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), target)); err != nil {
				t.Errorf("%s: nothing is at %s", file, m[1])
			}
		}
	}, "*.md", "docs/*.md")
}

// TestNamedFilesExist: the files that a document names, as `package/file.go`, are there.
func TestNamedFilesExist(t *testing.T) {
	name := regexp.MustCompile("`((?:[a-z]+/)+[a-z0-9_]+\\.(?:go|js))`")
	found := 0
	documents(t, func(file, text string) {
		for _, m := range name.FindAllStringSubmatch(text, -1) {
			found++
			if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil {
				t.Errorf("%s names %s, which is not there", file, m[1])
			}
		}
	}, "ARCHITECTURE.md", "docs/*.md")
	if found < 20 {
		t.Errorf("only %d names of files found", found)
	}
}
