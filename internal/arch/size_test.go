package arch

import (
	"go/ast"
	"testing"
)

// mostLines is how large a package may become before an idea in it deserves a package of its own: what a reader takes in within
// a day. Comments count, tests and generated files do not.
const mostLines = 4000

// TestPackagesStaySmall adds up the lines of each package under all build tags.
func TestPackagesStaySmall(t *testing.T) {
	larger := map[string]bool{"transport": true} // still to be divided
	lines := map[string]int{}
	for _, s := range tree(t) {
		if !s.test() && !ast.IsGenerated(s.ast) {
			lines[s.pkg()] += s.fset.File(s.ast.Pos()).LineCount()
		}
	}
	if len(lines) < 20 {
		t.Fatalf("only %d packages found", len(lines))
	}
	for pkg, n := range lines {
		if n > mostLines && !larger[pkg] {
			t.Errorf("%s has %d lines; %d are the most", pkg, n, mostLines)
		}
	}
}
