package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// TestQueries asks the provider every query of the documentation: the Terraform
// at hand may be too old to ask them itself.
func TestQueries(t *testing.T) {
	t.Parallel()
	queries := map[string]string{}
	files, err := filepath.Glob("../../examples/list-resources/*/*.tfquery.hcl")
	if err != nil {
		t.Fatal(err)
	}
	guides, err := filepath.Glob("../../templates/guides/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(files, guides...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		queries[name] = string(text)
		if filepath.Ext(name) == ".md" {
			queries[name] = ""
			for _, block := range regexp.MustCompile("(?s)```hcl\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
				queries[name] += block[1]
			}
		}
	}
	asked := 0
	for name, text := range queries {
		file, diags := hclsyntax.ParseConfig([]byte(text), name, hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		content, _, diags := file.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "list", LabelNames: []string{"type", "name"}}}})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		for _, block := range content.Blocks {
			asked++
			query := acctest.Query{Type: block.Labels[0], Config: arguments(t, block), WithResource: true}
			if _, failures := acctest.Tenant(t, mdesim.Options{}).List(t, query); failures != nil {
				t.Errorf("%s: %q", block.DefRange, failures)
			}
		}
	}
	if asked < 5 {
		t.Errorf("%d queries are documented", asked)
	}
}

// arguments are those of a query's config block, each of them a text.
func arguments(t *testing.T, block *hcl.Block) map[string]string {
	t.Helper()
	content, diags := block.Body.Content(&hcl.BodySchema{
		Attributes: []hcl.AttributeSchema{{Name: "provider", Required: true}, {Name: "limit"}, {Name: "include_resource"}},
		Blocks:     []hcl.BlockHeaderSchema{{Type: "config"}},
	})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	config := map[string]string{}
	for _, inner := range content.Blocks {
		attributes, diags := inner.Body.JustAttributes()
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		for name, attribute := range attributes {
			value, diags := attribute.Expr.Value(nil)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			config[name] = value.AsString()
		}
	}
	return config
}

// TestAccQueries asks the same of Terraform where it knows how, and has the
// configuration generated.
func TestAccQueries(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/*/*.md")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, page := range pages {
		var queries strings.Builder
		for _, block := range regexp.MustCompile("(?ms)^```(?:terraform|hcl)\n(list \".*?)^```$").FindAllStringSubmatch(read(t, page), -1) {
			queries.WriteString(block[1])
		}
		if queries.Len() == 0 {
			continue
		}
		asked++
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			env, w := acctest.Tenant(t, mdesim.Options{}), acctest.Workspace(t)
			w.Needs(14, acctest.NoOpenTofu)
			env.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "evil.example", Title: "INC-1042", CreatedBy: "soc@contoso.com"})
			env.Sim.SeedLibraryFile("Collect-Triage.ps1", []byte("x"), nil)
			w.Use(env)
			w.Write("page.tfquery.hcl", queries.String())
			w.Init()
			w.Run("query", "-no-color", "-generate-config-out=generated.tf")
			if generated := w.Read("generated.tf"); !strings.Contains(generated, "import {") {
				t.Errorf("no import block was generated:\n%s", generated)
			}
		})
	}
	if asked != 3 {
		t.Errorf("%d pages have queries", asked)
	}
}
