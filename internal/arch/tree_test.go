package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// source is one Go file of the project, parsed whatever its build tags say.
type source struct {
	path string // slash-separated, from the repository's root
	fset *token.FileSet
	ast  *ast.File
}

func (s source) pkg() string { return path.Dir(s.path) }
func (s source) test() bool  { return strings.HasSuffix(s.path, "_test.go") }

// generator reports whether the file belongs to a program that writes source and is linked into nothing.
func (s source) generator() bool {
	return s.ast.Name.Name == "main" && strings.Contains(s.path, "/internal/")
}

func (s source) at(n ast.Node) string {
	return s.path + ":" + strconv.Itoa(s.fset.Position(n.Pos()).Line)
}

// imports lists the file's import paths.
func (s source) imports() []string {
	var list []string
	for _, spec := range s.ast.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		list = append(list, p)
	}
	return list
}

// tree parses every Go file of the repository.
func tree(t *testing.T) []source {
	t.Helper()
	const root = "../.."
	var list []source
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && p != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "build" || name == "bin") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, p, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		list = append(list, source{path: filepath.ToSlash(rel), fset: fset, ast: f})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 50 {
		t.Fatalf("only %d Go files found: the walk is looking in the wrong place", len(list))
	}
	return list
}
