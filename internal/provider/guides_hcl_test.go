package provider_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
)

// TestAccGuides_validate has Terraform validate every block of configuration in
// the guides and the READMEs, each with those that it refers to.
func TestAccGuides_validate(t *testing.T) {
	t.Parallel()
	for _, page := range markdownFiles(t, os.DirFS("../..")) {
		blocks := snippetsOf(t, filepath.Join("../..", page))
		if len(blocks) == 0 || strings.HasPrefix(page, "docs/") {
			continue // Of these the guides are made of others, and examples are applied.
		}
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			for _, config := range configurations(blocks) {
				validate(t, config)
			}
		})
	}
}

// snippet is a block of code in a page: what it declares and what it refers to,
// by address.
type snippet struct {
	text           string
	declares, uses map[string]bool
	// modules are the arguments of each local module, by its folder.
	modules map[string][]string
}

var terraformBlock = regexp.MustCompile("(?ms)^ *```terraform\n(.*?)^ *```$")

func snippetsOf(t *testing.T, page string) []*snippet {
	t.Helper()
	var all []*snippet
	for _, match := range terraformBlock.FindAllStringSubmatch(read(t, page), -1) {
		file, diags := hclsyntax.ParseConfig([]byte(match[1]), page, hcl.InitialPos)
		body, ok := file.Body.(*hclsyntax.Body)
		if diags.HasErrors() || !ok {
			t.Fatalf("%v in\n%s", diags, match[1])
		}
		s := &snippet{text: match[1], declares: map[string]bool{}, uses: map[string]bool{}, modules: map[string][]string{}}
		for _, block := range body.Blocks {
			s.declare(block)
		}
		diags = hclsyntax.VisitAll(body, func(node hclsyntax.Node) hcl.Diagnostics {
			if reference, ok := node.(*hclsyntax.ScopeTraversalExpr); ok {
				s.uses[addressOf(reference.Traversal)] = true
			}
			return nil
		})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		all = append(all, s)
	}
	return all
}

// declare notes the addresses of a block.
func (s *snippet) declare(block *hclsyntax.Block) {
	switch block.Type {
	case "locals":
		for name := range block.Body.Attributes {
			s.declares["local."+name] = true
		}
	case "resource":
		s.declares[strings.Join(block.Labels, ".")] = true
	case "variable":
		s.declares["var."+block.Labels[0]] = true
	case "provider":
		address := block.Labels[0]
		if alias := block.Body.Attributes["alias"]; alias != nil {
			name, _ := alias.Expr.Value(nil)
			address += "." + name.AsString()
		}
		s.declares[address] = true
	case "import", "moved":
	case "module":
		s.call(block)
		fallthrough
	default:
		s.declares[strings.Join(append([]string{block.Type}, block.Labels...), ".")] = true
	}
}

// call notes what a local module is given.
func (s *snippet) call(block *hclsyntax.Block) {
	source, _ := block.Body.Attributes["source"].Expr.Value(nil)
	dir := strings.TrimPrefix(source.AsString(), "./")
	s.modules[dir] = nil
	for name := range block.Body.Attributes {
		if name != "source" && name != "providers" {
			s.modules[dir] = append(s.modules[dir], name)
		}
	}
}

// addressOf is the address that a reference leads to, without attributes.
func addressOf(traversal hcl.Traversal) string {
	names := []string{traversal.RootName()}
	for _, step := range traversal[1:] {
		attribute, ok := step.(hcl.TraverseAttr)
		if !ok {
			break
		}
		names = append(names, attribute.Name)
	}
	length := 2
	if names[0] == "data" || names[0] == "ephemeral" {
		length = 3
	}
	return strings.Join(names[:min(length, len(names))], ".")
}

// configurations puts snippets together: each with those that it refers to, and
// as many in one as do not contradict each other.
func configurations(all []*snippet) [][]*snippet {
	var configs [][]*snippet
next:
	for i := range all {
		needed := closure(all, i)
		for k, config := range configs {
			if union := append(slices.Clone(config), needed...); agree(union) {
				configs[k] = union
				continue next
			}
		}
		configs = append(configs, needed)
	}
	return configs
}

// closure is a snippet with those that declare what it uses: the nearest before
// it, else the first after it.
func closure(all []*snippet, i int) []*snippet {
	order := slices.Clone(all[:i])
	slices.Reverse(order)
	order = append(order, all[i+1:]...)
	needed := []*snippet{all[i]}
	for k := 0; k < len(needed); k++ {
		for use := range needed[k].uses {
			if slices.ContainsFunc(needed, func(s *snippet) bool { return s.declares[use] }) {
				continue
			}
			if at := slices.IndexFunc(order, func(s *snippet) bool { return s.declares[use] }); at >= 0 {
				needed = append(needed, order[at])
			}
		}
	}
	return needed
}

// agree tells whether no two different snippets declare the same.
func agree(config []*snippet) bool {
	by := map[string]*snippet{}
	for _, s := range config {
		for address := range s.declares {
			if by[address] != nil && by[address] != s {
				return false
			}
			by[address] = s
		}
	}
	return true
}

var (
	localFile = regexp.MustCompile(`(?:file\("|\$\{path\.module\}/)([\w./-]+\.\w+)"`)
	aPin      = regexp.MustCompile(`(?m)^\s*version\s*=.*$|, version = "[^"]*"`)
)

// validate has Terraform validate a configuration, with stand-ins for the
// files, modules and variables that the page only speaks of.
func validate(t *testing.T, config []*snippet) {
	t.Helper()
	w := acctest.Workspace(t)
	declares, uses := map[string]bool{}, map[string]bool{}
	slices.SortFunc(config, func(a, b *snippet) int { return strings.Compare(a.text, b.text) })
	var text strings.Builder
	for i, s := range slices.Compact(config) {
		name := fmt.Sprintf("snippet%d.tf", i)
		w.Write(name, s.text)
		w.Run("fmt", "-check", "-diff", name)
		w.Write(name, aPin.ReplaceAllString(s.text, "")) // No other version is at hand.
		text.WriteString(s.text)
		maps.Copy(declares, s.declares)
		maps.Copy(uses, s.uses)
		for dir, arguments := range s.modules {
			w.Write(dir+"/terraform.tf", w.Read("terraform.tf")+variables(arguments...))
		}
	}
	for use := range uses {
		if name, ok := strings.CutPrefix(use, "var."); ok && !declares[use] {
			w.Write(name+".tf", variables(name))
		}
	}
	for _, match := range localFile.FindAllStringSubmatch(text.String(), -1) {
		w.Write(match[1], standIn(match[1]))
	}
	if declares["terraform"] {
		w.Write("terraform.tf", "")
	}
	w.Init()
	w.Run("validate", "-no-color")
}

// variables declares variables of whatever type.
func variables(names ...string) string {
	var text strings.Builder
	for _, name := range names {
		text.WriteString("variable \"" + name + "\" {}\n")
	}
	return text.String()
}

// standIn is the content of a file that functions can read.
func standIn(name string) string {
	switch filepath.Base(name) {
	case "bundle.json":
		return `{"type": "bundle", "id": "bundle--1", "objects": []}`
	case "feed.csv":
		return "sha256,family\n"
	}
	switch filepath.Ext(name) {
	case ".csv":
		return "IndicatorType,IndicatorValue,ExpirationTime,Action,Severity,Title,Description\n"
	case ".json":
		return "{}"
	}
	return "evil.example\n"
}
