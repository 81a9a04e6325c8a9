package libraryfile_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

const body = "source = %q\nfile_name = %q"

func TestAccLibraryFile_rename(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	source := l.file("collect.ps1", script)
	l.run(
		resource.TestStep{Config: l.config(body, source, "old.ps1")},
		resource.TestStep{
			PreConfig:         l.Sim.ResetJournal,
			Config:            l.config(body, source, "new.ps1"),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, planned("id", "new.ps1"), planned("file_name", "new.ps1"), planned("sha256", hash(script))),
			ConfigStateChecks: []statecheck.StateCheck{is("id", "new.ps1"), l.calls(1, 1), l.only("new.ps1", script), stateFunc(func() error { return uploadedFirst(l.Sim) })},
		},
	)
}

// uploadedFirst checks that there was no moment without the file.
func uploadedFirst(sim *mdesim.Server) error {
	for _, call := range sim.Journal() {
		switch call.Op {
		case mdesim.OpUploadLibraryFile:
			return nil
		case mdesim.OpDeleteLibraryFile:
			return fmt.Errorf("deleted before it was uploaded")
		}
	}
	return fmt.Errorf("no upload")
}

func TestAccLibraryFile_renameByCase(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]mdesim.Options{"names differ by case": {}, "names fold": {FoldFileNames: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLibrary(t, options)
			source := l.file("collect.ps1", script)
			l.run(
				resource.TestStep{Config: l.config(body, source, "Collect.ps1")},
				resource.TestStep{
					Config: l.config(body, source, "collect.ps1"),
					ConfigStateChecks: []statecheck.StateCheck{is("file_name", "collect.ps1"), stateFunc(func() error {
						files := l.Sim.LibraryFiles()
						if len(files) != 1 || !strings.EqualFold(files[0].FileName, "collect.ps1") {
							return fmt.Errorf("the library holds %v", files)
						}
						return nil
					})},
				},
			)
		})
	}
}

// TestAccLibraryFile_renameInterrupted has the deletion of the old file fail,
// and then lets the user go on in every way there is.
func TestAccLibraryFile_renameInterrupted(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(l *library, source string) []resource.TestStep{
		"applied again": func(l *library, source string) []resource.TestStep {
			return []resource.TestStep{{
				Config:            l.config(body, source, "new.ps1"),
				ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{is("id", "new.ps1"), l.calls(0, 1), l.only("new.ps1", script)},
			}}
		},
		"applied with other content": func(l *library, source string) []resource.TestStep {
			return []resource.TestStep{{
				PreConfig:         func() { l.file("collect.ps1", script2) },
				Config:            l.config(body, source, "new.ps1"),
				ConfigStateChecks: []statecheck.StateCheck{is("id", "new.ps1"), l.calls(1, 1), l.only("new.ps1", script2)},
			}}
		},
		"taken back": func(l *library, source string) []resource.TestStep {
			return []resource.TestStep{{
				Config:            l.config(body, source, "old.ps1"),
				ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, planned("file_name", "old.ps1")),
				ConfigStateChecks: []statecheck.StateCheck{is("id", "old.ps1"), l.calls(0, 1), l.only("old.ps1", script)},
			}}
		},
		"changed to a third name": func(l *library, source string) []resource.TestStep {
			return []resource.TestStep{{
				Config:            l.config(body, source, "third.ps1"),
				ConfigStateChecks: []statecheck.StateCheck{is("id", "third.ps1"), l.calls(1, 2), l.only("third.ps1", script)},
			}}
		},
		"cleaned up in the portal": func(l *library, source string) []resource.TestStep {
			return []resource.TestStep{{
				PreConfig:         func() { l.Sim.RemoveLibraryFile("old.ps1") },
				Config:            l.config(body, source, "new.ps1"),
				ConfigPlanChecks:  plans(plancheck.ResourceActionNoop),
				ConfigStateChecks: []statecheck.StateCheck{is("id", "new.ps1"), l.calls(0, 0), l.only("new.ps1", script)},
			}}
		},
		"destroyed": func(*library, string) []resource.TestStep { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLibrary(t, mdesim.Options{})
			source := l.file("collect.ps1", script)
			steps := []resource.TestStep{
				{Config: l.config(body, source, "old.ps1")},
				{
					PreConfig: func() {
						l.Sim.AddFault(mdesim.Fault{Op: mdesim.OpDeleteLibraryFile, Status: 403, Code: "Forbidden", Message: "no"})
					},
					Config:      l.config(body, source, "new.ps1"),
					ExpectError: regexp.MustCompile(`Could not delete library file(?s:.*)Library\.Manage`),
				},
				{ // The state keeps the old name: an untouched plan renames again.
					PreConfig: func() {
						if err := l.holds("old.ps1", script, "new.ps1", script); err != nil {
							t.Error(err)
						}
						l.Sim.ResetJournal()
					},
					RefreshState:       true,
					ExpectNonEmptyPlan: true,
				},
			}
			l.run(append(steps, next(l, source)...)...)
		})
	}
}

// TestAccLibraryFile_renameUncertain has the upload of a rename fail without
// telling whether the file was taken: here it was.
func TestAccLibraryFile_renameUncertain(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	source := l.file("collect.ps1", script)
	l.run(
		resource.TestStep{Config: l.config(body, source, "old.ps1")},
		resource.TestStep{
			PreConfig: func() {
				l.Sim.AddFault(mdesim.Fault{Op: mdesim.OpUploadLibraryFile, Status: 500, Code: "InternalServerError", AfterEffect: true})
				// The list that would settle it fails, too; the plan's succeeds.
				l.Sim.AddFault(mdesim.Fault{Op: mdesim.OpListLibraryFiles, Skip: 2, Times: 1, Status: 403, Code: "Forbidden"})
			},
			Config:      l.config(body, source, "new.ps1"),
			ExpectError: regexp.MustCompile(`Could not update library file`),
		},
		resource.TestStep{
			PreConfig:         func() { l.Sim.ClearFaults(); l.Sim.ResetJournal(); l.file("collect.ps1", script2) },
			Config:            l.config(body, source, "new.ps1"),
			ConfigStateChecks: []statecheck.StateCheck{is("id", "new.ps1"), l.calls(1, 1), l.only("new.ps1", script2)},
		},
	)
}

// TestAccLibraryFile_renameKilled seeds what an apply leaves that was killed
// between upload and deletion.
func TestAccLibraryFile_renameKilled(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	source := l.file("collect.ps1", script)
	l.run(
		resource.TestStep{Config: l.config(body, source, "old.ps1")},
		resource.TestStep{
			PreConfig:         func() { l.Sim.ResetJournal(); l.Sim.SeedLibraryFile("new.ps1", []byte(script), nil) },
			Config:            l.config(body, source, "new.ps1"),
			ConfigStateChecks: []statecheck.StateCheck{is("id", "new.ps1"), l.calls(0, 1), l.only("new.ps1", script)},
		},
	)
}

func TestAccLibraryFile_renameOntoAnother(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	source := l.file("collect.ps1", script)
	l.run(
		resource.TestStep{Config: l.config(body, source, "old.ps1")},
		resource.TestStep{
			PreConfig:   func() { l.Sim.SeedLibraryFile("new.ps1", []byte("another's"), nil) },
			Config:      l.config(body, source, "new.ps1"),
			ExpectError: regexp.MustCompile(`exists already`),
		},
		resource.TestStep{
			PreConfig: func() {
				if err := l.holds("old.ps1", script, "new.ps1", "another's"); err != nil {
					t.Error(err)
				}
			},
			Config:            l.config(body+"\noverride_if_exists = true", source, "new.ps1"),
			ConfigStateChecks: []statecheck.StateCheck{is("id", "new.ps1"), l.only("new.ps1", script)},
		},
	)
}

// Two files cannot swap their names unasked, and the error says how they can.
func TestAccLibraryFile_swappedNames(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	config := func(one, other, more string) string {
		return l.config("content = \"1\"\nfile_name = %q\n%s", one, more) + fmt.Sprintf("resource \"mde_library_file\" \"other\" {\ncontent = \"2\"\nfile_name = %q\n%s\n}\n", other, more)
	}
	l.run(
		resource.TestStep{Config: config("a.sh", "b.sh", "")},
		resource.TestStep{Config: config("b.sh", "a.sh", ""), ExpectError: regexp.MustCompile(`swap\s+their\s+names\s+need\s+it\s+on\s+both`)},
		resource.TestStep{
			Config:            config("b.sh", "a.sh", "override_if_exists = true"),
			ConfigStateChecks: []statecheck.StateCheck{stateFunc(func() error { return l.holds("a.sh", "2", "b.sh", "1") })},
		},
	)
}

func TestAccLibraryFile_exists(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	source := l.file("collect.ps1", script)
	l.Sim.SeedLibraryFile("collect.ps1", []byte("another's"), nil)
	l.run(
		resource.TestStep{
			Config:      l.config(`source = %q`, source),
			ExpectError: regexp.MustCompile(`import \{\s+to = mde_library_file\.example\s+id = "collect\.ps1"\s+\}`),
		},
		resource.TestStep{
			PreConfig: func() {
				if err := l.holds("collect.ps1", "another's"); err != nil {
					t.Error(err)
				}
			},
			Config:            l.config("source = %q\noverride_if_exists = true", source),
			ConfigPlanChecks:  plans(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{is("sha256", hash(script)), l.only("collect.ps1", script)},
		},
	)
}

// TestAccLibraryFile_leftover seeds what an apply leaves that was killed after
// its upload.
func TestAccLibraryFile_leftover(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	l.Sim.SeedLibraryFile("collect.ps1", []byte(script), func(f *mdesim.LibraryFile) { f.Description = "Collects." })
	source := l.file("collect.ps1", script)
	l.run(
		resource.TestStep{ // Not equal in everything.
			Config:      l.config(`source = %q`, source),
			ExpectError: regexp.MustCompile(`exists already`),
		},
		resource.TestStep{
			Config:            l.config("source = %q\ndescription = \"Collects.\"", source),
			ConfigStateChecks: []statecheck.StateCheck{is("id", "collect.ps1"), l.calls(0, 0)},
		},
	)
}

func TestAccLibraryFile_twoResourcesOneName(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	source := l.file("collect.ps1", script)
	l.run(resource.TestStep{
		Config:      l.config(`source = %q`, source) + fmt.Sprintf("resource \"mde_library_file\" \"second\" {\n  source = %q\n}\n", source),
		ExpectError: regexp.MustCompile(`already\s+written by another resource in this apply`),
	})
	if uploads := l.Sim.Count(mdesim.OpUploadLibraryFile); uploads != 1 {
		t.Errorf("%d uploads", uploads)
	}
}

func TestAccLibraryFile_import(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{HashCase: mdesim.CaseRaised})
	l.Sim.SeedLibraryFile("collect.ps1", []byte(script), func(f *mdesim.LibraryFile) { f.Description = "Collects." })
	source := l.file("collect.ps1", script)
	block := func(id string) string { return fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, id) }
	config := l.config("source = %q\ndescription = \"Collects.\"", source)
	l.run(
		resource.TestStep{
			Config:      config + block("none.ps1"),
			ExpectError: regexp.MustCompile(`Cannot import non-existent remote object`),
		},
		resource.TestStep{ // The library's spelling counts.
			Config:            config + block("Collect.PS1"),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, planned("id", "collect.ps1"), planned("sha256", hash(script))),
			ConfigStateChecks: []statecheck.StateCheck{is("source", source), is("id", "collect.ps1"), l.calls(0, 0)},
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: "collect.ps1",
			ImportStateVerify: true, ImportStateVerifyIgnore: []string{"source"},
		},
	)
}
