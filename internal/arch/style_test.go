package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// escapeHomes are the areas where an escape sequence may be spelled; the load generator plays a terminal.
func escapeHomes() []string {
	return []string{"render", "internal/term", "internal/testkit/vt", "internal/bench"}
}

// TestEscapeSequencesStandInTwoAreas looks at string and character literals of the product, not of its tests.
func TestEscapeSequencesStandInTwoAreas(t *testing.T) {
	table := areas()
	for _, s := range tree(t) {
		if s.test() || slices.Contains(escapeHomes(), owner(table, s.pkg())) {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && hasEscape(lit) {
				t.Errorf("%s: an escape sequence outside render and internal/term", s.at(lit))
			}
			return true
		})
	}
}

func hasEscape(lit *ast.BasicLit) bool {
	switch lit.Kind {
	case token.STRING:
		v, err := strconv.Unquote(lit.Value)
		return err == nil && (strings.Contains(v, "\x1b[") || strings.Contains(v, "\x1b]") || strings.Contains(v, "\x1bP"))
	default:
		return false
	}
}

// lengths are the product's function bodies in lines, longest last.
func lengths(list []source) (sizes []int, longest map[string]int) {
	longest = map[string]int{}
	for _, s := range list {
		if s.test() || ast.IsGenerated(s.ast) {
			continue
		}
		for _, d := range s.ast.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			n := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line + 1
			sizes = append(sizes, n)
			longest[s.at(f)+" "+f.Name.Name] = n
		}
	}
	slices.Sort(sizes)
	return sizes, longest
}

func TestFunctionsFitAScreen(t *testing.T) {
	sizes, longest := lengths(tree(t))
	for name, n := range longest {
		if n > 80 {
			t.Errorf("%s has %d lines; 80 are the most", name, n)
		}
	}
	median, p95 := sizes[len(sizes)/2], sizes[len(sizes)*95/100]
	t.Logf("%d functions: median %d lines, 95th percentile %d, longest %d", len(sizes), median, p95, sizes[len(sizes)-1])
	if median > 10 || p95 > 30 {
		t.Errorf("median %d (at most 10), 95th percentile %d (at most 30)", median, p95)
	}
}

// TestNestingIsShallow bounds how deep a function's statements are nested: its own are at depth 0, and function literals
// begin anew.
func TestNestingIsShallow(t *testing.T) {
	const most = 4
	f, err := parser.ParseExpr("func() { for { if a { } else if b { switch { } } } }")
	if err != nil {
		t.Fatal(err)
	}
	if n := nesting(f.(*ast.FuncLit).Body); n != 3 {
		t.Fatalf("a switch in an if in a for is nested %d deep", n)
	}
	for _, s := range tree(t) {
		if s.test() || ast.IsGenerated(s.ast) {
			continue
		}
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				if n := nesting(f.Body); n > most {
					t.Errorf("%s %s is nested %d deep; %d is the most", s.at(f), f.Name.Name, n, most)
				}
			}
		}
	}
}

// nesting returns how many control statements enclose the innermost one of n, itself included.
func nesting(n ast.Node) (deepest int) {
	ast.Inspect(n, func(c ast.Node) bool {
		if c == n {
			return true
		}
		switch c := c.(type) {
		case *ast.FuncLit:
			return false
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			deepest = max(deepest, nesting(c))
			return false
		}
		return true
	})
	switch n := n.(type) {
	case *ast.IfStmt:
		return deepest + 1 - elseIf(n, deepest)
	case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
		return deepest + 1
	}
	return deepest
}

// elseIf returns 1 if the deepest branch of an if statement is its "else if", which stands at the same depth.
func elseIf(n *ast.IfStmt, deepest int) int {
	next, ok := n.Else.(*ast.IfStmt)
	if ok && nesting(next) == deepest && nesting(n.Body) < deepest {
		return 1
	}
	return 0
}

// TestNoHiddenStarts keeps work out of package initialisation and exits out of the depths.
func TestNoHiddenStarts(t *testing.T) {
	for _, s := range tree(t) {
		if s.test() {
			continue
		}
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "init" && f.Recv == nil {
				t.Errorf("%s: init does work that nobody asked for", s.at(f))
			}
		}
		if s.ast.Name.Name != "main" {
			exits(t, s)
		}
	}
}

func exits(t *testing.T, s source) {
	ast.Inspect(s.ast, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == "os" && sel.Sel.Name == "Exit" {
			t.Errorf("%s: os.Exit outside main skips everybody's deferred calls", s.at(sel))
		}
		return true
	})
}

// TestPackagesSayWhatTheyAre wants a package comment in each package of the product.
func TestPackagesSayWhatTheyAre(t *testing.T) {
	said := map[string]bool{}
	for _, s := range tree(t) {
		if s.test() {
			continue
		}
		said[s.pkg()] = said[s.pkg()] || s.ast.Doc != nil
	}
	for pkg, ok := range said {
		if !ok {
			t.Errorf("%s has no package comment", pkg)
		}
	}
}

// TestExportsAreDocumented wants a comment on each exported function, method, type, constant and variable.
func TestExportsAreDocumented(t *testing.T) {
	for _, s := range tree(t) {
		if s.test() || ast.IsGenerated(s.ast) || s.ast.Name.Name == "main" {
			continue
		}
		for _, d := range s.ast.Decls {
			for _, n := range undocumented(d) {
				t.Errorf("%s: %s is exported and says nothing of itself", s.at(d), n)
			}
		}
	}
}

func undocumented(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) && !conventional(d) {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		return undocumentedSpecs(d)
	}
	return nil
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

// conventional are methods whose meaning their interface has said.
func conventional(d *ast.FuncDecl) bool {
	return d.Recv != nil && slices.Contains([]string{"String", "Error", "Unwrap", "Is", "Len", "Less", "Swap"}, d.Name.Name)
}

func undocumentedSpecs(d *ast.GenDecl) []string {
	var missing []string
	for _, spec := range d.Specs {
		switch x := spec.(type) {
		case *ast.TypeSpec:
			if x.Name.IsExported() && d.Doc == nil && x.Doc == nil && x.Comment == nil {
				missing = append(missing, x.Name.Name)
			}
		case *ast.ValueSpec:
			for _, name := range x.Names {
				if name.IsExported() && d.Doc == nil && x.Doc == nil && x.Comment == nil {
					missing = append(missing, name.Name)
				}
			}
		}
	}
	return missing
}
