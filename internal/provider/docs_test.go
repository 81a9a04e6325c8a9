package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// pageSections are the headings that the pages of each kind must have, besides
// the examples.
var pageSections = map[string][]string{
	"resources":           {"Permissions", "Schema", "Import", "What destroy does"},
	"data-sources":        {"Permissions", "Schema"},
	"ephemeral-resources": {"Permissions", "Schema"},
	"list-resources":      {"Permissions", "Import", "Schema"},
	"functions":           {"Permissions", "Signature", "Arguments"},
}

// TestDocs_pagesAreComplete looks for what a reader expects of every page: two
// examples, permissions, and of resources import and the end.
func TestDocs_pagesAreComplete(t *testing.T) {
	t.Parallel()
	for kind, want := range pageSections {
		pages, err := filepath.Glob(filepath.Join("../../docs", kind, "*.md"))
		if err != nil || len(pages) == 0 {
			t.Fatalf("no pages of %s: %v", kind, err)
		}
		for _, page := range pages {
			sections := sectionsOf(read(t, page))
			for _, heading := range want {
				if len(strings.TrimSpace(sections["## "+heading])) < 30 {
					t.Errorf("%s says too little under %q", page, heading)
				}
			}
			for _, heading := range []string{"### Minimal", "### Full"} {
				if !strings.Contains(sections[heading], "```terraform\n") {
					t.Errorf("%s has no example under %q", page, heading)
				}
			}
			if strings.Count(sections["### Minimal"], "\n") > strings.Count(sections["### Full"], "\n") {
				t.Errorf("%s: the minimal example is longer than the full one", page)
			}
		}
	}
}

// TestDocs_everyTypeHasItsPage compares the pages with what the provider
// registers.
func TestDocs_everyTypeHasItsPage(t *testing.T) {
	t.Parallel()
	schemas := providerSchemas(t)
	for kind, names := range map[string][]string{
		"resources": keys(schemas.ResourceSchemas), "data-sources": keys(schemas.DataSourceSchemas), "functions": keys(schemas.Functions),
		"ephemeral-resources": keys(schemas.EphemeralResourceSchemas), "list-resources": keys(schemas.ListResourceSchemas),
	} {
		for _, name := range names {
			if page := filepath.Join("../../docs", kind, strings.TrimPrefix(name, "mde_")+".md"); !exists(page) {
				t.Errorf("%s has no page", page)
			}
		}
	}
}

// TestAccImportBlocks imports by the blocks that the pages show, with the id
// that the object has here.
func TestAccImportBlocks(t *testing.T) {
	t.Parallel()
	blocks, err := filepath.Glob("../../examples/imports/*/*.tf")
	if err != nil || len(blocks) < 6 {
		t.Fatalf("import blocks: %v, %v", blocks, err)
	}
	for _, block := range blocks {
		name := filepath.Base(filepath.Dir(block))
		t.Run(name+"/"+filepath.Base(block), func(t *testing.T) {
			t.Parallel()
			env, w := tenantForExamples(t)
			w.Use(env)
			w.Copy(filepath.Join("../../examples/resources", name))
			if filepath.Base(block) == "identity.tf" {
				w.Needs(12, 12)
			}
			w.Init()
			w.Apply()
			text := read(t, block)
			address := regexp.MustCompile(`to = (\S+)`).FindStringSubmatch(text)[1]
			id := resourceID(t, w, address)
			w.Run("state", "rm", address)
			w.Write("import.tf", regexp.MustCompile(`(id|file_name)( += )"[^"]+"`).ReplaceAllString(text, `${1}${2}"`+id+`"`))
			if out := w.Apply(); !strings.Contains(out, "1 imported") {
				t.Errorf("nothing was imported:\n%s", out)
			}
			if got := resourceID(t, w, address); got != id {
				t.Errorf("imported %s as %q instead of %q", address, got, id)
			}
			w.Plan("-detailed-exitcode")
		})
	}
}

// TestAccExampleProviderFull signs in by the fuller example on the provider's
// page.
func TestAccExampleProviderFull(t *testing.T) {
	t.Parallel()
	env, w := tenantForExamples(t)
	w.SignIn(env)
	w.Write("secret", env.Sim.ClientSecret()+"\n")
	w.Write("terraform.tf", strings.ReplaceAll(read(t, "../../examples/provider-full/provider.tf"), "/run/secrets/mde", w.Path("secret")))
	w.Write("machine.tf", `data "mde_machine" "this" { computer_dns_name = "desktop-01.contoso.com" }`)
	w.Setenv("TF_VAR_tenant_id", env.Sim.TenantID())
	w.Setenv("TF_VAR_client_id", env.Sim.ClientID())
	w.Init()
	w.Apply()
	if env.Sim.Count(mdesim.OpListMachines) == 0 {
		t.Error("the tenant was not asked")
	}
}

// sectionsOf returns what stands under each heading, up to the next one of
// whatever level. Comments of code blocks are no headings.
func sectionsOf(page string) map[string]string {
	sections := map[string]string{}
	heading, inCode := "", false
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "```") {
			inCode = !inCode
		}
		if !inCode && strings.HasPrefix(line, "#") {
			heading = strings.TrimSpace(line)
			continue
		}
		sections[heading] += line
	}
	// A section holds what its parts hold.
	sections["## Schema"] += sections["### Required"] + sections["### Optional"] + sections["### Read-Only"]
	return sections
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func keys[V any](m map[string]V) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
