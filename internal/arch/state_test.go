package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"
)

// TestPackageVariablesAreConstant allows package variables that are tables, errors and once-values, which nothing changes
// after the program has started. Tables that are computed at the start belong to packages that only clients link (render,
// for its glyph tables: some milliseconds).
func TestPackageVariablesAreConstant(t *testing.T) {
	declared := map[string]map[string]bool{} // by package
	list := tree(t)
	for _, s := range list {
		if s.test() {
			continue
		}
		if declared[s.pkg()] == nil {
			declared[s.pkg()] = map[string]bool{}
		}
		for _, d := range s.ast.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
				variables(g, declared[s.pkg()])
			}
		}
	}
	for _, s := range list {
		if s.test() || s.generator() {
			continue
		}
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				for _, id := range changes(f, declared[s.pkg()]) {
					t.Errorf("%s: %s changes the package variable %s", s.at(id), f.Name.Name, id.Name)
				}
			}
		}
	}
}

// variables adds the names that a declaration declares.
func variables(g *ast.GenDecl, to map[string]bool) {
	for _, spec := range g.Specs {
		for _, name := range spec.(*ast.ValueSpec).Names {
			to[name.Name] = true
		}
	}
}

// changes returns the package variables that a function assigns to, those left out that it declares for itself.
func changes(f *ast.FuncDecl, vars map[string]bool) (found []*ast.Ident) {
	local := locals(f)
	note := func(e ast.Expr) {
		if id := root(e); id != nil && vars[id.Name] && !local[id.Name] {
			found = append(found, id)
		}
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				note(e)
			}
		case *ast.IncDecStmt:
			note(n.X)
		}
		return true
	})
	return found
}

// locals returns the names that a function declares: receiver, parameters, results and variables.
func locals(f *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, id := range n.Names {
				names[id.Name] = true
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				names[id.Name] = true
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					if id, ok := e.(*ast.Ident); ok {
						names[id.Name] = true
					}
				}
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
					names[id.Name] = true
				}
			}
		}
		return true
	})
	return names
}

// root returns the variable that an expression on the left of an assignment changes, nil if there is none.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// TestPackageVariableCheckCanFail shows that the check sees a change.
func TestPackageVariableCheckCanFail(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nvar table [2]int\nfunc f(a int) { table[a]++ }\nfunc g(table []int) { table[0] = 1 }", 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			for range changes(fn, map[string]bool{"table": true}) {
				names = append(names, fn.Name.Name)
			}
		}
	}
	if len(names) != 1 || names[0] != "f" {
		t.Errorf("changes seen in %v, want f alone", names)
	}
}
