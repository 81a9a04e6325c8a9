package liveresponse_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

const (
	sumCollect = "81824c90f8a5276bc87ecd88f9a5903277a636589a38f6bbc34a2b991fb2a095"
	pinned     = `[{ type = "RunScript", script_name = "collect.ps1", sha256 = "` + sumCollect + `" }]`
	importedID = "5f3c1a52-7d1e-4b6f-9a0e-0c8f9b7d2e11"
)

// step applies a configuration, checks its plan, and how many commands have
// been executed after it.
func step(env *acctest.Env, config string, plan resource.ConfigPlanChecks, executed int) resource.TestStep {
	return resource.TestStep{Config: config, ConfigPlanChecks: plan, Check: ran(env, executed)}
}

func TestAccRun_whatRunsAgain(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	withArgs := `[{ type = "RunScript", script_name = "collect.ps1", args = "-All" }]`
	test(t,
		step(env, run(env, collect, `triggers = { version = "1" }`), action(plancheck.ResourceActionCreate), 1),
		step(env, run(env, collect, `triggers = { version = "2" }`), anotherRun(), 2),
		// Back again is a change as well: the first run is history and no lost start.
		step(env, run(env, collect, `triggers = { version = "1" }`), anotherRun(), 3),
		step(env, run(env, withArgs, `triggers = { version = "1" }`), anotherRun(), 4),
		step(env, runOn(env, otherDevice, withArgs, `triggers = { version = "1" }`), anotherRun(), 5),
		step(env, runOn(env, strings.ToUpper(otherDevice), withArgs, `triggers = { version = "1" }`), sameRun(), 5),
		step(env, runOn(env, otherDevice, withArgs, ""), anotherRun(), 6),
	)
}

func TestAccRun_whatNeverRunsAgain(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	sameID := statecheck.CompareValue(same{})
	settled := func(config string) resource.TestStep {
		s := step(env, config, sameRun(), 1)
		s.ConfigStateChecks = []statecheck.StateCheck{sameID.AddStateValue(address, tfjsonpath.New("id")), value(tfjsonpath.New("status"), knownvalue.StringExact("Succeeded"))}
		return s
	}
	first := step(env, run(env, collect, ""), action(plancheck.ResourceActionCreate), 1)
	first.ConfigStateChecks = []statecheck.StateCheck{sameID.AddStateValue(address, tfjsonpath.New("id"))}
	test(t,
		first,
		settled(strings.Replace(run(env, collect, ""), "INC-1", "INC-2", 1)),
		settled(run(env, collect, `
  wait_for_completion = false
  pending_timeout     = "1h"
  queue_timeout       = "10m"
  on_timeout          = "leave"
  on_failure          = "continue"
  resume_within       = "7d"
  max_output_bytes    = 10
  results_directory   = "/nonexistent"
  timeouts            = { create = "1h" }
`)),
		settled(run(env, `[{ type = "RunScript", script_name = "collect.ps1", args = "", sha256 = "`+sumCollect+`" }]`, "triggers = {}")),
	)
}

func TestAccRun_pin(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	pinnedTo := func(content string) string {
		return run(env, fmt.Sprintf(`[{ type = "RunScript", script_name = "collect.ps1", sha256 = sha256(%q) }]`, content), "")
	}
	test(t,
		resource.TestStep{Config: pinnedTo("another"), ExpectError: regexp.MustCompile(`(?s)bound to a file version.*"collect\.ps1"`)},
		step(env, pinnedTo("collect"), action(plancheck.ResourceActionCreate), 1),
		resource.TestStep{
			PreConfig:        func() { env.Sim.SeedLibraryFile("collect.ps1", []byte("better"), nil) },
			Config:           pinnedTo("better"),
			ConfigPlanChecks: anotherRun(),
			Check:            ran(env, 2),
		},
		resource.TestStep{
			PreConfig:   func() { env.Sim.SeedLibraryFile("collect.ps1", []byte("swapped"), nil) },
			Config:      pinnedTo("reviewed"),
			ExpectError: regexp.MustCompile(`bound to a file version`),
		},
		step(env, pinnedTo("better"), resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}, 2),
	)
}

// What was reviewed is a saved plan: a script that is swapped before it is
// applied does not run.
func TestAccRun_scriptSwappedAfterThePlan(t *testing.T) {
	t.Parallel()
	env, folder := tenant(t, mdesim.Options{}), acctest.Workspace(t)
	folder.Write("main.tf", run(env, pinned, ""))
	folder.Init()
	folder.Plan("-out=reviewed.tfplan")
	env.Sim.SeedLibraryFile("collect.ps1", []byte("swapped"), nil)
	expect(t, folder.RunError("apply", "-no-color", "reviewed.tfplan"), "bound to a file version", sumCollect, "Nothing was run")
	if n := env.Sim.Count(mdesim.OpRunLiveResponse); n != 0 {
		t.Errorf("%d starts were sent", n)
	}
}

func TestAccRun_unknownInputs(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	config := func(revision, input string) string {
		return run(env, `[{ type = "RunScript", script_name = terraform_data.upstream.output }]`, `triggers = { upstream = terraform_data.upstream.output }`) + fmt.Sprintf(`
resource "terraform_data" "upstream" {
  input            = %q
  triggers_replace = %q
}
`, input, revision)
	}
	test(t,
		step(env, config("1", "collect.ps1"), action(plancheck.ResourceActionCreate), 1),
		// The value turns out to be what it was.
		step(env, config("2", "collect.ps1"), anotherRun(), 1),
		step(env, config("2", "tool.zip"), anotherRun(), 2),
	)
}

func TestAccRun_vanishedAction(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	config := run(env, collect, "")
	test(t,
		step(env, config, action(plancheck.ResourceActionCreate), 1),
		resource.TestStep{
			PreConfig:        func() { env.Sim.RemoveMachineAction(env.Sim.MachineActions()[0].ID) },
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			Check:            ran(env, 1),
		},
	)
}

func TestAccRun_import(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	config := run(env, collect, "")
	test(t,
		step(env, config, action(plancheck.ResourceActionCreate), 1),
		resource.TestStep{
			ResourceName:            address,
			ImportState:             true,
			ImportStateVerify:       true,
			ImportStateVerifyIgnore: []string{"result_urls"}, // Fresh links to the same results.
		},
		resource.TestStep{
			ResourceName:  address,
			ImportState:   true,
			ImportStateId: importedID,
			ExpectError:   regexp.MustCompile(`(?i)non-existent remote object|not found`),
		},
	)
}

// seedAction puts a run that Terraform knows nothing of among the tenant's
// actions.
func seedAction(env *acctest.Env, status string) {
	now := env.Sim.Now()
	env.Sim.SeedMachineActions(mdesim.MachineAction{
		ID: importedID, Type: "LiveResponse", Status: status, MachineID: mdesim.DefaultMachineID, RequestorComment: "INC-1 [tf:0123456789abcdef]",
		CreationDateTimeUTC: now, LastUpdateDateTimeUTC: now.Add(-24 * 60 * 60 * 1e9),
		Commands: []mdesim.ActionCommand{{CommandStatus: "Completed", Command: mdesim.Command{Type: "RunScript", Params: []mdesim.CommandParam{{Key: "ScriptName", Value: "collect.ps1"}}}}},
	})
}

func TestAccRun_planAfterImport(t *testing.T) {
	t.Parallel()
	for status, test := range map[string]struct{ more, commands string }{
		"Succeeded": {`triggers = { version = "7" }`, collect},
		"Failed":    {"max_output_bytes = 10", pinned},
	} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			env := tenant(t, mdesim.Options{})
			seedAction(env, status)
			block := fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, importedID)
			resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Factories(), Steps: []resource.TestStep{
				{
					Config:           block + run(env, test.commands, test.more),
					ConfigPlanChecks: sameRun(),
					ConfigStateChecks: []statecheck.StateCheck{
						value(tfjsonpath.New("id"), knownvalue.StringExact(importedID)),
						value(tfjsonpath.New("succeeded"), knownvalue.Bool(status == "Succeeded")),
					},
					Check: ran(env, 0),
				},
				step(env, run(env, test.commands, `triggers = { version = "8" }`), anotherRun(), 1),
			}})
		})
	}
}

// The plan says that the first triggers after an import run nothing.
func TestAccRun_triggersAfterImport(t *testing.T) {
	t.Parallel()
	env, folder := tenant(t, mdesim.Options{}), acctest.Workspace(t)
	seedAction(env, "Succeeded")
	folder.Write("main.tf", run(env, collect, ""))
	folder.Init()
	folder.Run("import", "-no-color", address, importedID)
	folder.Plan("-detailed-exitcode")
	folder.Write("main.tf", run(env, collect, "triggers = { version = 1 }"))
	expect(t, folder.Apply(), "Triggers of an imported run", "nothing runs")
	folder.Plan("-detailed-exitcode")
	if n := env.Sim.Count(mdesim.OpRunLiveResponse); n != 0 {
		t.Errorf("%d runs were started", n)
	}
}

func TestAccRun_importOfAnotherAction(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	env.Sim.SeedMachineActions(mdesim.MachineAction{ID: importedID, Type: "Isolate", Status: "Succeeded", MachineID: mdesim.DefaultMachineID})
	test(t, resource.TestStep{
		Config:        run(env, collect, ""),
		ResourceName:  address,
		ImportState:   true,
		ImportStateId: importedID,
		ExpectError:   regexp.MustCompile(`Not a live response run`),
	})
}

func TestAccRun_replaceRunsAgain(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	config := run(env, collect, "")
	test(t,
		step(env, config, action(plancheck.ResourceActionCreate), 1),
		resource.TestStep{Config: config, Taint: []string{address}, ConfigPlanChecks: action(plancheck.ResourceActionReplace), Check: ran(env, 2)},
	)
}

// Of two resources that are the same, one that is replaced runs again, and one
// that is added later says in the plan whose run it would take.
func TestAccRun_twins(t *testing.T) {
	t.Parallel()
	env, folder := tenant(t, mdesim.Options{}), acctest.Workspace(t)
	first := run(env, collect, "")
	twin := strings.Replace(strings.TrimPrefix(first, env.ProviderConfig()), `"test"`, `"twin"`, 1)
	third := strings.Replace(twin, `"twin"`, `"third"`, 1)
	folder.Write("main.tf", first+twin)
	folder.Init()
	folder.Apply()
	folder.Write("main.tf", first+twin+third)
	plan := folder.Plan()
	if ids := regexp.MustCompile(`as action (\S+)`).FindStringSubmatch(strings.Join(strings.Fields(strings.ReplaceAll(plan, "│", "")), " ")); ids == nil || !slices.ContainsFunc(env.Sim.MachineActions(), func(a mdesim.MachineAction) bool { return a.ID == ids[1] }) {
		t.Errorf("the plan names no run that would be taken over:\n%s", plan)
	}
	folder.Write("main.tf", first+twin+strings.Replace(third, `"INC-1"`, `"INC-1"
  triggers   = { name = "third" }`, 1))
	folder.Apply()
	if n := len(env.Sim.Executed()); n != 3 {
		t.Errorf("%d commands were executed, want 3", n)
	}
	folder.Apply("-replace=" + address)
	if n := len(env.Sim.Executed()); n != 4 {
		t.Errorf("%d commands were executed, want 4", n)
	}
	folder.Plan("-detailed-exitcode")
}

// A resource that gets another name without a moved block runs again, as the
// plan says, although its look for earlier runs finds that of the old name.
func TestAccRun_renamedWithoutMoved(t *testing.T) {
	t.Parallel()
	env, folder := tenant(t, mdesim.Options{}), acctest.Workspace(t)
	folder.Write("main.tf", run(env, collect, ""))
	folder.Init()
	folder.Apply()
	env.Sim.AddFault(mdesim.Fault{Op: mdesim.OpListMachineActions, Delay: time.Second, Times: -1})
	folder.Write("main.tf", strings.Replace(run(env, collect, ""), `"test"`, `"renamed"`, 1))
	folder.Apply()
	if n := len(env.Sim.Executed()); n != 2 {
		t.Errorf("%d commands were executed, want 2", n)
	}
	folder.Plan("-detailed-exitcode")
}

// A run that was taken over goes on when the resource it was taken from is
// destroyed in the same apply.
func TestAccRun_replacedBeforeItIsDestroyed(t *testing.T) {
	t.Parallel()
	env, folder := tenant(t, mdesim.Options{}), acctest.Workspace(t)
	env.Sim.SetOffline(mdesim.DefaultMachineID, true)
	folder.Write("main.tf", run(env, collect, `
  wait_for_completion = false
  lifecycle {
    create_before_destroy = true
  }`))
	folder.Init()
	folder.Apply()
	folder.Apply("-replace=" + address)
	if actions := env.Sim.MachineActions(); len(actions) != 1 || actions[0].Status != "Pending" {
		t.Errorf("the actions are %+v", actions)
	}
	folder.Destroy()
	if got := env.Sim.MachineActions()[0].Status; got != "Cancelled" {
		t.Errorf("the action is %s", got)
	}
}

func TestAccRun_badInput(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]struct{ machine, commands, more, want string }{
		"GetFile before RunScript":    {"", `[{ type = "GetFile", path = "C:\\x" }, { type = "RunScript", script_name = "a.ps1" }]`, "", `(?s)commands\[1\]\.type.*Commands out of order|Commands out of order.*RunScript cannot\s+follow a GetFile`},
		"RunScript without a script":  {"", `[{ type = "RunScript", args = "x" }]`, "", `A RunScript command needs script_name`},
		"PutFile without a file":      {"", `[{ type = "PutFile", file_name = "" }]`, "", `A PutFile command needs file_name`},
		"GetFile without a path":      {"", `[{ type = "GetFile" }]`, "", `A GetFile command needs path`},
		"GetFile with a script":       {"", `[{ type = "GetFile", path = "C:\\x", script_name = "a.ps1" }]`, "", `A GetFile command has no script_name`},
		"GetFile with a pin":          {"", `[{ type = "GetFile", path = "C:\\x", sha256 = "` + sumCollect + `" }]`, "", `A GetFile command has no sha256`},
		"PutFile with args":           {"", `[{ type = "PutFile", file_name = "a.zip", args = "x" }]`, "", `A PutFile command has no args`},
		"unknown type":                {"", `[{ type = "Reboot" }]`, "", `(?s)type.*value must be one of`},
		"no commands":                 {"", `[]`, "", `(?s)commands.*at least 1`},
		"short machine id":            {"1234", collect, "", `40\s+hexadecimal\s+digits`},
		"short pin":                   {"", `[{ type = "RunScript", script_name = "a.ps1", sha256 = "abc" }]`, "", `64\s+hexadecimal\s+digits`},
		"duration without a unit":     {"", collect, `queue_timeout = "10"`, `(?s)queue_timeout.*not a\s+duration`},
		"unknown way to end":          {"", collect, `on_timeout = "abort"`, `(?s)on_timeout.*must be one of`},
		"negative bound":              {"", collect, `max_output_bytes = -1`, `(?s)max_output_bytes.*at least 0`},
		"unknown reaction to failure": {"", collect, `on_failure = "ignore"`, `(?s)on_failure.*must be one of`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.Tenant(t, mdesim.Options{})
			machine := bad.machine
			if machine == "" {
				machine = mdesim.DefaultMachineID
			}
			test(t, resource.TestStep{Config: runOn(env, machine, bad.commands, bad.more), PlanOnly: true, ExpectError: regexp.MustCompile(bad.want)})
		})
	}
	t.Run("blank comment", func(t *testing.T) {
		t.Parallel()
		env := acctest.Tenant(t, mdesim.Options{})
		test(t, resource.TestStep{Config: strings.Replace(run(env, collect, ""), "INC-1", "  ", 1), PlanOnly: true, ExpectError: regexp.MustCompile(`must say why the run is done`)})
	})
}

// same compares values that must never change.
type same struct{}

func (same) CompareValues(values ...any) error {
	for _, value := range values {
		if value != values[0] {
			return fmt.Errorf("%v became %v", values[0], value)
		}
	}
	return nil
}
