package libraryfile_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

func (l *library) data(dataType, body string) string {
	return l.ProviderConfig() + fmt.Sprintf("data %q \"test\" {\n%s\n}\n", dataType, body)
}

func shows(dataType, attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data."+dataType+".test", tfjsonpath.New(attribute), want)
}

// collected seeds two files, one of them with all that a file can have.
func (l *library) collected() time.Time {
	created := l.Sim.Now().Add(-48 * time.Hour).Truncate(time.Second)
	l.Sim.SeedLibraryFile("Collect-Triage.ps1", []byte(script), func(f *mdesim.LibraryFile) {
		f.Description, f.HasParameters, f.ParametersDescription = "Collects.", true, "-Case ID"
		f.CreatedBy, f.CreationTime, f.LastUpdatedTime = "soc@contoso.com", created, created.Add(time.Hour)
	})
	l.Sim.SeedLibraryFile("tool.exe", []byte(script2), nil)
	return created
}

func TestAccLibraryFileData(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	created := l.collected()
	checks := []statecheck.StateCheck{
		shows("mde_library_file", "sha256", knownvalue.StringExact(hash(script))),
		shows("mde_library_file", "description", knownvalue.StringExact("Collects.")),
		shows("mde_library_file", "has_parameters", knownvalue.Bool(true)),
		shows("mde_library_file", "parameters_description", knownvalue.StringExact("-Case ID")),
		shows("mde_library_file", "created_by", knownvalue.StringExact("soc@contoso.com")),
		shows("mde_library_file", "creation_time", knownvalue.StringExact(created.Format(time.RFC3339))),
		shows("mde_library_file", "last_updated_time", knownvalue.StringExact(created.Add(time.Hour).Format(time.RFC3339))),
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Factories(), Steps: []resource.TestStep{
		{Config: l.data("mde_library_file", `file_name = "gone.ps1"`), ExpectError: regexp.MustCompile(`Could not read library file`)},
		{Config: l.data("mde_library_file", `file_name = "a/b"`), ExpectError: regexp.MustCompile(`must be made of`)},
		{Config: l.data("mde_library_file", `file_name = "Collect-Triage.ps1"`), ConfigStateChecks: checks},
		{Config: l.data("mde_library_file", `file_name = "collect-triage.ps1"`), ConfigStateChecks: append(checks, shows("mde_library_file", "file_name", knownvalue.StringExact("collect-triage.ps1")))},
		{Config: l.data("mde_library_file", `file_name = "tool.exe"`), ConfigStateChecks: []statecheck.StateCheck{
			shows("mde_library_file", "description", knownvalue.Null()),
			shows("mde_library_file", "parameters_description", knownvalue.Null()),
		}},
	}})
}

func TestAccLibraryFilesData(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	l.collected()
	step := func(body string, names ...string) resource.TestStep {
		var list []knownvalue.Check
		files := map[string]knownvalue.Check{}
		for _, name := range names {
			list = append(list, knownvalue.StringExact(name))
			files[name] = knownvalue.ObjectPartial(map[string]knownvalue.Check{"file_name": knownvalue.StringExact(name)})
		}
		return resource.TestStep{Config: l.data("mde_library_files", body), ConfigStateChecks: []statecheck.StateCheck{
			shows("mde_library_files", "file_names", knownvalue.ListExact(list)),
			shows("mde_library_files", "files", knownvalue.MapExact(files)),
		}}
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Factories(), Steps: []resource.TestStep{
		{Config: l.data("mde_library_files", `name_prefix = ""`), ExpectError: regexp.MustCompile(`at least 1`)},
		step("", "Collect-Triage.ps1", "tool.exe"),
		step(`name_prefix = "collect"`, "Collect-Triage.ps1"),
		step(`created_by = "soc@contoso.com"`, "Collect-Triage.ps1"),
		step("name_prefix = \"tool\"\ncreated_by = \"soc@contoso.com\""),
	}})
}
