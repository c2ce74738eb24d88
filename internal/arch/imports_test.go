package arch

import (
	"cmp"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

const module = "acip/"

// breaches names what a file imports against the table.
func breaches(s source) []string {
	table := areas()
	home := owner(table, s.pkg())
	if home == "" {
		return []string{s.path + ": no area of the table holds it"}
	}
	var found []string
	for _, imp := range s.imports() {
		if s.generator() && strings.HasPrefix(imp, module+"internal/asm/") {
			continue
		}
		if why := refused(table, home, s.test(), imp); why != "" {
			found = append(found, s.path+": "+home+" must not import "+imp+why)
		}
	}
	return found
}

// refused says why an area may not import a path, "" where it may.
func refused(table map[string]area, home string, test bool, imp string) string {
	ours, isOurs := strings.CutPrefix(imp, module)
	if !isOurs {
		return refusedOutside(home, imp)
	}
	to := owner(table, ours)
	r := table[home]
	allowed := to == home || slices.Contains(r.ours, anyArea) || slices.Contains(r.ours, to) || test && slices.Contains(r.tests, to)
	if to != "" && allowed {
		return ""
	}
	if r.detail != "" {
		return " (" + r.detail + ")"
	}
	return " (not in the table)"
}

func refusedOutside(home, imp string) string {
	for lib, homes := range outside() {
		if (imp == lib || strings.HasPrefix(imp, lib+"/")) && !slices.Contains(homes, home) {
			return " (" + cmp.Or(strings.Join(homes, ", "), "nobody") + " may)"
		}
	}
	return ""
}

func TestImportsFollowTheTable(t *testing.T) {
	for _, s := range tree(t) {
		for _, b := range breaches(s) {
			t.Error(b)
		}
	}
}

// TestTableAllowsNothingUnused: what nobody imports is not to be imported in passing either.
func TestTableAllowsNothingUnused(t *testing.T) {
	table := areas()
	used := map[[2]string]bool{}
	for _, s := range tree(t) {
		home := owner(table, s.pkg())
		for _, imp := range s.imports() {
			if ours, ok := strings.CutPrefix(imp, module); ok && !s.test() {
				used[[2]string{home, owner(table, ours)}] = true
			}
			for lib := range outside() {
				if imp == lib || strings.HasPrefix(imp, lib+"/") {
					used[[2]string{home, lib}] = true
				}
			}
		}
	}
	for name, r := range table {
		for _, to := range r.ours {
			if to != anyArea && !used[[2]string{name, to}] {
				t.Errorf("%s may import %s and does not", name, to)
			}
		}
	}
	for lib, homes := range outside() {
		for _, home := range homes {
			if !used[[2]string{home, lib}] {
				t.Errorf("%s may import %s and does not", home, lib)
			}
		}
	}
}

// TestInjectedEdgesFail shows that the table can fail: each edge here is one that somebody will want some day.
func TestInjectedEdgesFail(t *testing.T) {
	for _, edge := range []struct{ file, imports string }{
		{"internal/server/x.go", "acip/codec"},
		{"internal/server/x.go", "acip/frame"},
		{"packet/x.go", "acip/mailbox"},
		{"transport/x.go", "acip/pool"},
		{"pool/x.go", "acip/transport"},
		{"render/x.go", "acip/capture"},
		{"render/x.go", "acip/internal/term"},
		{"capture/x.go", "acip/codec"},
		{"internal/term/x.go", "acip/render"},
		{"cmd/server/x.go", "acip/pool"},
		{"cmd/client/x.go", "acip/capture"},
		{"packet/x.go", "acip/internal/testkit"},
		{"frame/x.go", "acip/internal/bench"},
		{"frame/x.go", "acip/internal/asm/neonasm"},
		{"attic/x.go", "fmt"},
		{"internal/client/x.go", "github.com/coder/websocket"},
		{"render/x.go", "github.com/pion/mediadevices/pkg/driver"},
		{"internal/client/x.go", "github.com/urfave/cli/v2"},
		{"pool/x_windows.go", "golang.org/x/term"},
	} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, edge.file, "package x\nimport _ \""+edge.imports+"\"\n", 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(breaches(source{path: edge.file, fset: fset, ast: f})) == 0 {
			t.Errorf("%s imports %s and nothing says no", edge.file, edge.imports)
		}
	}
}
