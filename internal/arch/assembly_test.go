package arch

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestAssemblyStaysWithinAVX2: the generator hands out registers of AVX-512 when it runs out of others, and the assembler
// takes them; machines that have only AVX2, which is all that is asked for before a call, die of them.
func TestAssemblyStaysWithinAVX2(t *testing.T) {
	beyond := regexp.MustCompile(`\b([XY](1[6-9]|2\d|3[01])|Z\d+|K[0-7])\b`)
	found := 0
	for _, pattern := range []string{"../../*/*_amd64.s", "../../*/internal/*/*_amd64.s"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			found++
			if m := beyond.Find(text); m != nil {
				t.Errorf("%s uses %s", file, m)
			}
		}
	}
	if found < 4 {
		t.Errorf("only %d files of assembly found", found)
	}
}
