package arch

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"testing"
)

// flagless are the packages that other programs can be built on, and so name neither our programs nor their flags: what
// helps with these is said by internal/fault.
func flagless() []string {
	return []string{"media", "frame", "mailbox", "codec", "capture", "render"}
}

var namesAProgram = regexp.MustCompile(`\bacip-(client|server)\b|(^|[ "'(])--[a-z][a-z-]+`)

// TestPackagesForAnyProgramNameNoFlags looks at the string literals of these packages, not of their tests and generators.
func TestPackagesForAnyProgramNameNoFlags(t *testing.T) {
	table := areas()
	for _, s := range tree(t) {
		if s.test() || s.generator() || !slices.Contains(flagless(), owner(table, s.pkg())) {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && namesAProgram.MatchString(lit.Value) {
				t.Errorf("%s: %s names a program or a flag of it", s.at(lit), lit.Value)
			}
			return true
		})
	}
}
