package libraryfile_test

import (
	"encoding/base64"
	"os"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

func TestAccLibraryFile_lifecycle(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	source := l.file("collect.ps1", script)
	reset := l.Sim.ResetJournal
	hasParameters := func(want bool) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(address, tfjsonpath.New("has_parameters"), knownvalue.Bool(want))
	}
	l.run(
		resource.TestStep{
			Config:            l.config(`source = %q`, source),
			ConfigPlanChecks:  plans(plancheck.ResourceActionCreate, planned("id", "collect.ps1"), planned("file_name", "collect.ps1"), planned("sha256", hash(script))),
			ConfigStateChecks: []statecheck.StateCheck{is("id", "collect.ps1"), is("file_name", "collect.ps1"), is("sha256", hash(script)), isNull("description"), hasParameters(false), l.calls(1, 0), l.only("collect.ps1", script)},
		},
		resource.TestStep{ // An edited description moves nothing else.
			PreConfig:         reset,
			Config:            l.config("source = %q\ndescription = \"Collects.\"", source),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, planned("id", "collect.ps1"), planned("file_name", "collect.ps1"), planned("sha256", hash(script))),
			ConfigStateChecks: []statecheck.StateCheck{is("description", "Collects."), hasParameters(false), l.calls(1, 0)},
		},
		resource.TestStep{
			PreConfig:         reset,
			Config:            l.config("source = %q\ndescription = \"Collects.\"\nparameters_description = \"-Days\"", source),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, plancheck.ExpectKnownValue(address, tfjsonpath.New("has_parameters"), knownvalue.Bool(true))),
			ConfigStateChecks: []statecheck.StateCheck{hasParameters(true), l.calls(1, 0)},
		},
		resource.TestStep{ // The content changes, and what is removed is cleared.
			PreConfig:         func() { reset(); l.file("collect.ps1", script2) },
			Config:            l.config(`source = %q`, source),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, planned("sha256", hash(script2))),
			ConfigStateChecks: []statecheck.StateCheck{isNull("description"), isNull("parameters_description"), hasParameters(false), l.calls(1, 0), l.only("collect.ps1", script2)},
		},
		resource.TestStep{ // Nothing of this is stored by the service.
			PreConfig:         reset,
			Config:            l.config("source = %q\nfile_name = \"collect.ps1\"\noverride_if_exists = true\ndescription = \"\"\ntimeouts = { create = \"1d\" }", l.file("other.ps1", script2)),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{is("description", ""), l.calls(0, 0)},
		},
	)
}

func TestAccLibraryFile_inline(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{HashCase: mdesim.CaseRaised})
	binary := "\x00\x01\r\n"
	l.run(
		resource.TestStep{
			Config:            l.config("file_name = \"a.sh\"\ncontent = \"a\\nb\\n\"\nline_endings = \"crlf\""),
			ConfigPlanChecks:  plans(plancheck.ResourceActionCreate, planned("sha256", hash("a\r\nb\r\n"))),
			ConfigStateChecks: []statecheck.StateCheck{is("sha256", hash("a\r\nb\r\n")), l.only("a.sh", "a\r\nb\r\n")},
		},
		resource.TestStep{
			Config:            l.config("file_name = \"a.sh\"\ncontent_base64 = %q", base64.StdEncoding.EncodeToString([]byte(binary))),
			ConfigStateChecks: []statecheck.StateCheck{is("sha256", hash(binary)), l.only("a.sh", binary)},
		},
	)
}

// What is empty is as good as null, and keeps its spelling.
func TestAccLibraryFile_emptyInputs(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	const empty = "source = %q\nfile_name = \"\"\ncontent = \"\"\ncontent_base64 = \"\""
	l.run(
		resource.TestStep{Config: l.config(empty, l.file("a.ps1", script)), ConfigStateChecks: []statecheck.StateCheck{is("id", "a.ps1"), is("file_name", ""), l.only("a.ps1", script)}},
		resource.TestStep{Config: l.config(empty, l.file("b.ps1", script)), ConfigStateChecks: []statecheck.StateCheck{is("id", "b.ps1"), l.only("b.ps1", script)}},
		resource.TestStep{
			Config:            l.config("source = %q", l.file("b.ps1", script)),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, planned("file_name", "b.ps1")),
			ConfigStateChecks: []statecheck.StateCheck{is("file_name", "b.ps1"), l.only("b.ps1", script)},
		},
	)
}

func TestAccLibraryFile_unknownInputs(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	withInput := func(input, body string) string {
		return l.config(body) + "resource \"terraform_data\" \"input\" {\n  input = \"" + input + "\"\n}\n"
	}
	const content = "file_name = \"a.sh\"\ncontent = terraform_data.input.output"
	source := l.file("b.sh", "three")
	l.run(
		resource.TestStep{
			Config:            withInput("one", content),
			ConfigPlanChecks:  plans(plancheck.ResourceActionCreate, planned("id", "a.sh"), unknown("sha256")),
			ConfigStateChecks: []statecheck.StateCheck{is("sha256", hash("one")), l.only("a.sh", "one")},
		},
		resource.TestStep{
			Config:            withInput("two", content),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, planned("file_name", "a.sh"), unknown("sha256")),
			ConfigStateChecks: []statecheck.StateCheck{is("sha256", hash("two")), l.only("a.sh", "two")},
		},
		resource.TestStep{ // Unknown at first, and then no different.
			PreConfig:         l.Sim.ResetJournal,
			Config:            withInput("again", "file_name = \"a.sh\"\ncontent = terraform_data.input.id == \"\" ? \"\" : \"two\""),
			ConfigStateChecks: []statecheck.StateCheck{l.calls(0, 0)},
		},
		resource.TestStep{
			Config:            withInput(source, "source = terraform_data.input.output"),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, unknown("id"), unknown("file_name"), unknown("sha256")),
			ConfigStateChecks: []statecheck.StateCheck{is("file_name", "b.sh"), is("sha256", hash("three")), l.only("b.sh", "three")},
		},
	)
}

func TestAccLibraryFile_drift(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	config := l.config("source = %q\ndescription = \"Collects.\"", l.file("collect.ps1", script))
	mended := []statecheck.StateCheck{is("sha256", hash(script)), is("description", "Collects."), l.calls(1, 0), l.only("collect.ps1", script)}
	portal := func(content, description string) func() {
		return func() {
			l.Sim.ResetJournal()
			l.Sim.RemoveLibraryFile("collect.ps1")
			l.Sim.SeedLibraryFile("collect.ps1", []byte(content), func(f *mdesim.LibraryFile) { f.Description = description })
		}
	}
	l.run(
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:         portal("Remove-Item C:\\", "Collects."),
			Config:            config,
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, planned("sha256", hash(script))),
			ConfigStateChecks: mended,
		},
		resource.TestStep{
			PreConfig:         portal(script, "Edited in the portal."),
			Config:            config,
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, planned("description", "Collects.")),
			ConfigStateChecks: mended,
		},
		resource.TestStep{
			PreConfig:         func() { l.Sim.ResetJournal(); l.Sim.RemoveLibraryFile("collect.ps1") },
			Config:            config,
			ConfigPlanChecks:  plans(plancheck.ResourceActionCreate),
			ConfigStateChecks: mended,
		},
	)
}

func TestAccLibraryFile_localFileGone(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	source := l.file("collect.ps1", script)
	config := l.config(`source = %q`, source)
	l.run(
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				if err := os.Remove(source); err != nil {
					t.Error(err)
				}
			},
			Config:           config,
			ConfigPlanChecks: plans(plancheck.ResourceActionNoop),
		},
		resource.TestStep{
			Config:      l.config("source = %q\ndescription = \"new\"", source),
			ExpectError: regexp.MustCompile(`There is no file`),
		},
		resource.TestStep{
			PreConfig:         func() { l.Sim.SeedLibraryFile("collect.ps1", []byte("swapped"), nil) },
			Config:            config,
			ConfigStateChecks: []statecheck.StateCheck{is("sha256", hash("swapped"))},
		},
		resource.TestStep{Config: config, Destroy: true},
	)
}

func TestAccLibraryFile_badInput(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	large := l.file("large.bin", string(make([]byte, 20<<20+1)))
	empty := l.file("empty.ps1", "")
	script := l.file("a.ps1", script)
	var steps []resource.TestStep
	for _, bad := range []struct{ body, attribute, says string }{
		{`source = "` + script + `"` + "\n" + `content = "x"`, "content", "source and content are both set"},
		{`file_name = "a"`, "", "Exactly one of source, content and content_base64"},
		{`content = "x"`, "", "file_name is required with content"},
		{`source = "` + l.dir + `/none.ps1"`, "source", "There is no file"},
		{`source = "` + l.dir + `"` + "\n" + `file_name = "a"`, "source", "is a folder"},
		{`source = "` + empty + `"`, "source", "content is empty"},
		{`source = "` + large + `"`, "source", "larger than 20 MB"},
		{`source = "` + script + `"` + "\n" + `file_name = "bad name?.ps1"`, "file_name", "must be made of letters, digits"},
		{`source = "` + l.dir + `/bad name?.ps1"`, "source", `base name of source, "bad name\?.ps1"`},
		{`content_base64 = "%"` + "\n" + `file_name = "a"`, "content_base64", "no standard base64"},
		{`source = "` + script + `"` + "\n" + `has_parameters = false` + "\n" + `parameters_description = "x"`, "has_parameters", "has_parameters is false although"},
		{`source = "` + script + `"` + "\n" + `line_endings = "cr"`, "line_endings", "value must be one of"},
	} {
		// Terraform prints the line of the attribute at fault, and wraps words.
		at := ""
		if bad.attribute != "" {
			at = `(?s)\d+: +` + bad.attribute + ` +=.*`
		}
		steps = append(steps, resource.TestStep{
			Config:      l.config("%s", bad.body),
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(at + regexp.MustCompile(` +`).ReplaceAllString(bad.says, `\s+`)),
		})
	}
	l.run(steps...)
	if calls := l.Sim.Count(mdesim.OpUploadLibraryFile); calls != 0 {
		t.Errorf("%d uploads", calls)
	}
}
