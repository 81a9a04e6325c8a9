package provider_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// aPermission finds application permissions in Markdown and in messages.
var aPermission = regexp.MustCompile(`\b(?:Library|Machine|Ti)(?:\.[A-Z][A-Za-z]+)+`)

// TestDocs_permissionsAreTheCodes compares the tables of the guide and of the
// README with the descriptions, which the code makes of its own table.
func TestDocs_permissionsAreTheCodes(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"../../templates/guides/permissions.md", "../../README.md"} {
		table := permissionTable(t, page)
		for name, schema := range schemasOf(t) {
			if name == "provider" || strings.HasPrefix(name, "list.") {
				continue // A list needs what its resource does.
			}
			row, ok := table[name]
			said := permissionsIn(schema.Block.Description)
			switch {
			case !ok && len(said) > 0:
				t.Errorf("%s has no row for %s", page, name)
			case !slices.Equal(row, said):
				t.Errorf("%s gives %s the permissions %q, its description %q", page, name, row, said)
			}
			delete(table, name)
		}
		for name := range table {
			t.Errorf("%s has a row for %s, which is not registered", page, name)
		}
	}
}

// TestAccDocs_permissionsAreThoseOfRefusals plans one object of each type with
// a token that permits nothing, and compares what the errors name with the
// guide's table.
func TestAccDocs_permissionsAreThoseOfRefusals(t *testing.T) {
	t.Parallel()
	env, w := acctest.Tenant(t, mdesim.Options{Roles: []string{"Score.Read.All"}}), acctest.Workspace(t)
	w.Use(env)
	w.Write("main.tf", `
resource "mde_library_file" "this" {
  file_name = "a.ps1"
  content   = "a"
}
resource "mde_indicator" "this" {
  indicator_type  = "DomainName"
  indicator_value = "evil.example"
  action          = "Block"
  title           = "t"
  description     = "d"
}
resource "mde_indicator_set" "this" {
  action      = "Block"
  title       = "t"
  description = "d"
  indicators  = { "evil.example" = "" }
}
resource "mde_live_response_run" "this" {
  machine_id = "1e5a6e3f0c7b4d2f9a8b7c6d5e4f3a2b1c0d9e8f"
  comment    = "c"
  commands   = [{ type = "RunScript", script_name = "a.ps1", sha256 = "`+strings.Repeat("a", 64)+`" }]
}
data "mde_library_file" "this" { file_name = "a.ps1" }
data "mde_library_files" "this" {}
data "mde_indicator" "this" { id = "1" }
data "mde_indicators" "this" {}
data "mde_machine" "this" { computer_dns_name = "a" }
data "mde_machines" "this" {}
data "mde_machine_action" "this" { id = "0d5fa1bc-5b3c-4a8d-9a51-0f6d1b7e6a3c" }
data "mde_client_config" "this" {}
ephemeral "mde_live_response_result" "this" { action_id = "0d5fa1bc-5b3c-4a8d-9a51-0f6d1b7e6a3c" }
`)
	w.Needs(10, 11)
	w.Init()
	refused := map[string][]string{}
	for _, failure := range strings.Split(w.RunError("plan", "-no-color"), "Error: ") {
		if object := regexp.MustCompile(`with (\S+)\.this,`).FindStringSubmatch(failure); object != nil {
			_, advice, _ := strings.Cut(strings.Join(strings.Fields(failure), " "), "The application needs the permission")
			refused[object[1]] = append(refused[object[1]], permissionsIn(advice)...)
		}
	}
	table := permissionTable(t, "../../templates/guides/permissions.md")
	if len(refused) != len(table)-1 {
		t.Errorf("refused were %q", keys(refused))
	}
	for name, named := range refused {
		slices.Sort(named)
		if named = slices.Compact(named); !slices.Equal(named, table[name]) {
			t.Errorf("errors of %s name %q, the guide %q", name, named, table[name])
		}
	}
}

// permissionTable reads a table whose rows begin with names, as in
// "`mde_indicator`, `data.mde_indicator`", and go on with permissions.
func permissionTable(t *testing.T, page string) map[string][]string {
	t.Helper()
	table := map[string][]string{}
	for line := range strings.Lines(read(t, page)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 4 || !strings.Contains(cells[1], "`") {
			continue
		}
		for _, match := range regexp.MustCompile("`((?:data\\.|ephemeral\\.)?mde_[a-z_]+)`").FindAllStringSubmatch(cells[1], -1) {
			table[match[1]] = permissionsIn(cells[2])
		}
	}
	return table
}

// permissionsIn are the permissions that a text names, sorted, each once.
func permissionsIn(text string) []string {
	found := aPermission.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}
