package libraryfile_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

func TestAccLibraryFile_throttled(t *testing.T) {
	t.Parallel()
	for name, retryAfter := range map[string]string{"with Retry-After": "1", "without": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLibrary(t, mdesim.Options{})
			for _, op := range []mdesim.Op{mdesim.OpListLibraryFiles, mdesim.OpUploadLibraryFile, mdesim.OpDeleteLibraryFile} {
				l.Sim.AddFault(mdesim.Fault{Op: op, Status: 429, Code: "TooManyRequests", RetryAfter: retryAfter})
			}
			l.run(resource.TestStep{
				Config:            l.config(`source = %q`, l.file("collect.ps1", script)),
				ConfigStateChecks: []statecheck.StateCheck{l.calls(2, 0), l.only("collect.ps1", script)},
			})
		})
	}
}

func TestAccLibraryFile_lostAnswer(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	source := l.file("collect.ps1", script)
	cut := func(op mdesim.Op, where mdesim.Cut) func() {
		return func() {
			l.Sim.ResetJournal()
			l.Sim.AddFault(mdesim.Fault{Op: op, Cut: where})
		}
	}
	l.run(
		resource.TestStep{
			PreConfig:         cut(mdesim.OpUploadLibraryFile, mdesim.CutAfterEffect),
			Config:            l.config(body, source, "old.ps1"),
			ConfigStateChecks: []statecheck.StateCheck{l.calls(1, 0), l.only("old.ps1", script)},
		},
		resource.TestStep{
			PreConfig:         cut(mdesim.OpUploadLibraryFile, mdesim.CutBody),
			Config:            l.config(body, source, "new.ps1"),
			ConfigStateChecks: []statecheck.StateCheck{l.calls(1, 1), l.only("new.ps1", script)},
		},
		resource.TestStep{ // A deletion is sent again.
			PreConfig:         cut(mdesim.OpDeleteLibraryFile, mdesim.CutAfterEffect),
			Config:            l.config(body, source, "third.ps1"),
			ConfigStateChecks: []statecheck.StateCheck{l.calls(1, 2), l.only("third.ps1", script)},
		},
	)
}

func TestAccLibraryFile_refused(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	l.Sim.AddFault(mdesim.Fault{Op: mdesim.OpUploadLibraryFile, Status: 403, Code: "Forbidden", Message: "The application has no permission."})
	config := l.config(`source = %q`, l.file("collect.ps1", script))
	l.run(
		resource.TestStep{
			Config:      config,
			ExpectError: regexp.MustCompile(`Could not create library file(?s:.*)no permission(?s:.*)Library\.Manage`),
		},
		resource.TestStep{
			Config:            config,
			ConfigStateChecks: []statecheck.StateCheck{l.only("collect.ps1", script)},
		},
	)
}

// TestAccLibraryFile_oneListPerPlan counts the calls that 20 files cost.
func TestAccLibraryFile_oneListPerPlan(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	config := l.ProviderConfig() + `
resource "mde_library_file" "test" {
  count     = 20
  file_name = "file${count.index}.sh"
  content   = "echo ${count.index}"
}
`
	lists := planFunc(func() error {
		if calls := len(l.Sim.Journal()); calls != 1 || l.Sim.Count(mdesim.OpListLibraryFiles) != 1 {
			return fmt.Errorf("the plan cost %d calls", calls)
		}
		return nil
	})
	l.run(
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        l.Sim.ResetJournal,
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{lists, plancheck.ExpectEmptyPlan()}},
		},
	)
}

type planFunc func() error

func (f planFunc) CheckPlan(_ context.Context, _ plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = f()
}

// TestAccLibraryFile_renamedResource has Terraform create under the new name
// and destroy under the old one at the same time.
func TestAccLibraryFile_renamedResource(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	l.Sim.AddFault(mdesim.Fault{Op: mdesim.OpDeleteLibraryFile, Delay: time.Second / 2})
	named := func(name string) string {
		return l.ProviderConfig() + fmt.Sprintf(`
resource "mde_library_file" %q {
  file_name = "a.sh"
  content   = "echo"
}
`, name)
	}
	l.run(
		resource.TestStep{Config: named("old")},
		resource.TestStep{
			Config:            named("new"),
			ConfigStateChecks: []statecheck.StateCheck{l.only("a.sh", "echo")},
		},
	)
}

func TestAccLibraryFile_timeout(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{})
	source := l.file("collect.ps1", script)
	l.Sim.AddFault(mdesim.Fault{Op: mdesim.OpUploadLibraryFile, Status: 429, Code: "TooManyRequests", RetryAfter: "3600"})
	l.run(
		resource.TestStep{
			Config:      l.config("source = %q\ntimeouts = { create = \"1m\" }", source),
			ExpectError: regexp.MustCompile(`Could not create library file(?s:.*)timeouts`),
		},
		resource.TestStep{
			Config:            l.config("source = %q\ntimeouts = { create = \"1m\" }", source),
			ConfigStateChecks: []statecheck.StateCheck{l.only("collect.ps1", script)},
		},
	)
}

// A list that does not show an upload yet makes no file vanish, nor change back.
func TestAccLibraryFile_lateList(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, mdesim.Options{VisibilityLag: 2 * time.Second})
	source := l.file("collect.ps1", script)
	empty := resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	l.run(
		resource.TestStep{Config: l.config(`source = %q`, source), ConfigPlanChecks: empty, ConfigStateChecks: []statecheck.StateCheck{l.calls(1, 0)}},
		resource.TestStep{
			PreConfig:         func() { l.file("collect.ps1", script2) },
			Config:            l.config("source = %q\ndescription = \"d\"", source),
			ConfigPlanChecks:  empty,
			ConfigStateChecks: []statecheck.StateCheck{l.calls(2, 0), l.only("collect.ps1", script2)},
		},
	)
}

// TestAccLibraryFile_renamedInTwoApplies has an apply end after files have
// entered one resource and before they have left the other.
func TestAccLibraryFile_renamedInTwoApplies(t *testing.T) {
	t.Parallel()
	named := func(name string) string {
		return fmt.Sprintf(`
resource "mde_library_file" %q {
  count     = 12
  file_name = "${count.index}.sh"
  content   = "echo"
}
`, name)
	}
	for _, parallelism := range []int{1, 10} {
		t.Run(fmt.Sprintf("%d at a time", parallelism), func(t *testing.T) {
			t.Parallel()
			l, folder := acctest.Tenant(t, mdesim.Options{}), acctest.Workspace(t)
			folder.Use(l)
			folder.Write("main.tf", named("old"))
			folder.Init()
			folder.Apply()
			folder.Write("main.tf", named("new"))
			folder.Apply("-target", "mde_library_file.new")
			output := folder.Apply(fmt.Sprintf("-parallelism=%d", parallelism))
			if n := len(l.Sim.LibraryFiles()); n != 12 {
				t.Errorf("the library holds %d files:\n%s", n, output)
			}
			folder.Plan("-detailed-exitcode")
		})
	}
}
