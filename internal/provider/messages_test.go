package provider_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	// hole stands in a text for what only the running provider knows.
	hole = "…"
	// elsewhere is the text of a headline that was read where it was made.
	elsewhere = ""
)

// aVerb is what fmt puts a value in the place of.
var aVerb = regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z]`)

// source is one package as far as it concerns texts: what its constants,
// variables, parameters and fields can hold.
type source struct {
	name  string
	files *token.FileSet
	funcs []*ast.FuncDecl
	// values are the expressions that a name is set to, by the function that
	// they stand in, nil for the package.
	values map[*ast.FuncDecl]map[string][]ast.Expr
	// fields are the expressions that a field is set to, by "type.field".
	fields map[string][]ast.Expr
	// structs are the names of the fields of each type, in order.
	structs map[string][]string
	calls   []call
	// literals are the composite ones, returns what functions return.
	literals []literal
	returns  []result
	depth    int
}

// call is a call and the function that it stands in.
type call struct {
	in   *ast.FuncDecl
	expr *ast.CallExpr
}

// literal is a composite literal and the function that it stands in.
type literal struct {
	in   *ast.FuncDecl
	expr *ast.CompositeLit
}

// result is what a function returns somewhere.
type result struct {
	in   *ast.FuncDecl
	expr ast.Expr
}

// sourcesOf parses the packages of what is shipped, without their tests.
func sourcesOf(t *testing.T) []*source {
	t.Helper()
	harnesses := []string{"acctest", "bench", "demo", "mdesim", "tools", "cmd"}
	var sources []*source
	err := filepath.WalkDir("..", func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() || dir == ".." {
			return err
		}
		if slices.Contains(harnesses, entry.Name()) {
			return filepath.SkipDir
		}
		s := newSource(entry.Name())
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(s.files, name, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			s.read(file)
		}
		sources = append(sources, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

func newSource(name string) *source {
	return &source{name: name, files: token.NewFileSet(), values: map[*ast.FuncDecl]map[string][]ast.Expr{}, fields: map[string][]ast.Expr{}, structs: map[string][]string{}}
}

// read notes all that a file says of texts.
func (s *source) read(file *ast.File) {
	for _, declaration := range file.Decls {
		in, _ := declaration.(*ast.FuncDecl)
		if in != nil {
			s.funcs = append(s.funcs, in)
		}
		ast.Inspect(declaration, func(node ast.Node) bool {
			s.note(in, node)
			return true
		})
	}
}

func (s *source) note(in *ast.FuncDecl, node ast.Node) {
	switch node := node.(type) {
	case *ast.TypeSpec:
		s.structs[node.Name.Name] = s.fieldsOf(node.Type)
	case *ast.ValueSpec:
		for i, value := range node.Values {
			s.set(in, node.Names[i], value)
		}
	case *ast.AssignStmt:
		for i, left := range node.Lhs {
			if len(node.Lhs) == len(node.Rhs) {
				s.set(in, left, node.Rhs[i])
			}
		}
	case *ast.CompositeLit:
		s.literals = append(s.literals, literal{in, node})
		s.noteFields(node)
	case *ast.ReturnStmt:
		for _, value := range node.Results {
			s.returns = append(s.returns, result{in, value})
		}
	case *ast.CallExpr:
		s.calls = append(s.calls, call{in, node})
	}
}

// set notes a value of a name, or of a field of whatever type.
func (s *source) set(in *ast.FuncDecl, left, value ast.Expr) {
	switch left := left.(type) {
	case *ast.Ident:
		if s.values[in] == nil {
			s.values[in] = map[string][]ast.Expr{}
		}
		s.values[in][left.Name] = append(s.values[in][left.Name], value)
	case *ast.SelectorExpr:
		s.fields["."+left.Sel.Name] = append(s.fields["."+left.Sel.Name], value)
	}
}

// noteFields notes the fields of a literal of a type of this package, or of any
// other with their names.
func (s *source) noteFields(literal *ast.CompositeLit) {
	fields := s.fieldsOf(literal.Type)
	if list, ok := literal.Type.(*ast.ArrayType); ok {
		for _, element := range literal.Elts {
			if inner, ok := element.(*ast.CompositeLit); ok && inner.Type == nil {
				inner.Type = list.Elt
			}
		}
		return
	}
	for i, element := range literal.Elts {
		name, value := "", element
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			key, _ := pair.Key.(*ast.Ident)
			if key == nil {
				continue
			}
			name, value = key.Name, pair.Value
		} else if i < len(fields) {
			name = fields[i]
		}
		s.fields["."+name] = append(s.fields["."+name], value)
	}
}

// fieldsOf are the names of a structure's fields, in order.
func (s *source) fieldsOf(kind ast.Expr) []string {
	switch kind := kind.(type) {
	case *ast.Ident:
		return s.structs[kind.Name]
	case *ast.StructType:
		var names []string
		for _, field := range kind.Fields.List {
			for _, name := range field.Names {
				names = append(names, name.Name)
			}
		}
		return names
	}
	return nil
}

// deepest bounds how far texts goes back: what is set to itself has no end.
const deepest = 12

// texts are what an expression can say, with holes.
func (s *source) texts(in *ast.FuncDecl, expr ast.Expr) []string {
	s.depth++
	defer func() { s.depth-- }()
	if s.depth > deepest {
		return []string{hole}
	}
	switch expr := expr.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(expr.Value); err == nil {
			return []string{aVerb.ReplaceAllString(text, hole)}
		}
	case *ast.ParenExpr:
		return s.texts(in, expr.X)
	case *ast.BinaryExpr:
		var all []string
		for _, left := range s.texts(in, expr.X) {
			for _, right := range s.texts(in, expr.Y) {
				all = append(all, left+right)
			}
		}
		return all
	case *ast.Ident:
		return s.named(in, expr.Name)
	case *ast.SelectorExpr:
		return s.all(in, s.fields["."+expr.Sel.Name])
	case *ast.CallExpr:
		switch {
		case isCall(expr, "Sprintf"):
			return s.texts(in, expr.Args[0])
		case isCall(expr, "Summary"):
			return []string{elsewhere}
		}
	}
	return []string{hole}
}

// named are the texts of a constant, a variable or a parameter.
func (s *source) named(in *ast.FuncDecl, name string) []string {
	if values := s.values[in][name]; len(values) > 0 {
		return s.all(in, values)
	}
	if at := parameterAt(in, name); at >= 0 {
		var all []string
		for _, call := range s.calls {
			if isCall(call.expr, in.Name.Name) && at < len(call.expr.Args) && call.in != in {
				all = append(all, s.texts(call.in, call.expr.Args[at])...)
			}
		}
		return all
	}
	return s.all(nil, s.values[nil][name])
}

func (s *source) all(in *ast.FuncDecl, values []ast.Expr) []string {
	if len(values) == 0 {
		return []string{hole}
	}
	var all []string
	for _, value := range values {
		all = append(all, s.texts(in, value)...)
	}
	return all
}

// parameterAt is the place of a parameter, -1 if there is none of that name.
func parameterAt(in *ast.FuncDecl, name string) int {
	if in == nil {
		return -1
	}
	at := 0
	for _, field := range in.Type.Params.List {
		for _, parameter := range field.Names {
			if parameter.Name == name {
				return at
			}
			at++
		}
	}
	return -1
}

// isCall tells whether a function or method of that name is called.
func isCall(expr *ast.CallExpr, name string) bool {
	switch called := expr.Fun.(type) {
	case *ast.Ident:
		return called.Name == name
	case *ast.SelectorExpr:
		return called.Sel.Name == name
	}
	return false
}

func (s *source) at(node ast.Node) string {
	position := s.files.Position(node.Pos())
	return fmt.Sprintf("%s:%d", strings.TrimPrefix(position.Filename, "../"), position.Line)
}
