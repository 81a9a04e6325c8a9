package liveresponse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

const fails = `[{ type = "RunScript", script_name = "broken.ps1" }, { type = "GetFile", path = "C:\\Temp\\out.txt" }]`

func TestAccRun_failingScript(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	test(t,
		resource.TestStep{
			Config:      run(env, fails, ""),
			ExpectError: regexp.MustCompile(`(?s)Live response run failed.*commands\[0\]\s+RunScript\s+"broken.ps1":\s+Completed,\s+exit\s+code\s+3,.*disk is full.*next\s+apply\s+runs\s+it\s+again`),
		},
		// The resource is tainted and the script mended.
		resource.TestStep{
			PreConfig:        func() { env.Sim.SetScript("broken.ps1", mdesim.ScriptResult{Output: "done"}) },
			Config:           run(env, fails, ""),
			ConfigPlanChecks: action(plancheck.ResourceActionReplace),
			Check:            ran(env, 4),
		},
		// An update that fails does not taint, and does not run again by itself.
		resource.TestStep{
			PreConfig:   func() { env.Sim.SetScript("broken.ps1", mdesim.ScriptResult{ExitCode: 3}) },
			Config:      run(env, fails, "triggers = { again = true }"),
			ExpectError: regexp.MustCompile(`(?s)exit\s+code\s+3.*does\s+not\s+run\s+again\s+by\s+itself`),
		},
		resource.TestStep{
			Config:           run(env, fails, "triggers = { again = true }"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			Check:            ran(env, 6),
		},
	)
}

func TestAccRun_onFailureContinue(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{CommandErrors: true})
	config := run(env, `[{ type = "RunScript", script_name = "missing.ps1" }, { type = "GetFile", path = "C:\\Temp\\out.txt" }]`, `on_failure = "continue"`)
	test(t,
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				value(tfjsonpath.New("status"), knownvalue.StringExact("Failed")),
				value(tfjsonpath.New("succeeded"), knownvalue.Bool(false)),
				value(result(0, "errors"), knownvalue.ListSizeExact(1)),
				value(result(0, "exit_code"), knownvalue.Null()),
				value(result(1, "status"), knownvalue.StringExact("Created")),
				value(tfjsonpath.New("result_urls"), knownvalue.ListExact([]knownvalue.Check{knownvalue.Null(), knownvalue.Null()})),
			},
		},
		resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}, Check: ran(env, 0)},
	)
}

func TestAccRun_failureNamesCommandAndReason(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]struct {
		options        mdesim.Options
		commands, want string
	}{
		"library file is missing": {
			mdesim.Options{CommandErrors: true},
			`[{ type = "PutFile", file_name = "gone.zip" }, { type = "RunScript", script_name = "collect.ps1" }]`,
			`(?s)0x80070002.*commands\[0\]\s+PutFile\s+"gone.zip":\s+Failed,.*was\s+not\s+found\s+in\s+the\s+library.*commands\[1\]\s+RunScript\s+"collect.ps1":\s+not\s+run`,
		},
		"library file is missing and the service says nothing": {
			mdesim.Options{},
			`[{ type = "PutFile", file_name = "gone.zip" }]`,
			`(?s)status\s+Failed,\s+HRESULT\s+0x80070002.*commands\[0\]\s+PutFile\s+"gone.zip":\s+not\s+run`,
		},
		"collected file is missing": {
			mdesim.Options{},
			`[{ type = "GetFile", path = "C:\\gone.txt" }]`,
			`(?s)commands\[0\]\s+GetFile\s+"C:.*gone.txt":\s+Failed,.*was\s+not\s+found\s+on\s+the\s+device`,
		},
		"succeeded says the service": {
			mdesim.Options{FailedStatus: "Succeeded"},
			`[{ type = "GetFile", path = "C:\\gone.txt" }]`,
			`(?s)ended\s+with\s+the\s+status\s+Succeeded.*GetFile\s+"C:.*gone.txt":\s+Failed`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := tenant(t, bad.options)
			test(t, resource.TestStep{Config: run(env, bad.commands, ""), ExpectError: regexp.MustCompile(bad.want)})
		})
	}
}

func TestAccRun_transcriptSpellings(t *testing.T) {
	t.Parallel()
	for name, transcript := range map[string]mdesim.Transcript{"documented": mdesim.TranscriptDocumented, "sample": mdesim.TranscriptSample, "text": mdesim.TranscriptText} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := tenant(t, mdesim.Options{Transcript: transcript})
			test(t, resource.TestStep{
				Config:            run(env, collect, ""),
				ConfigStateChecks: []statecheck.StateCheck{value(result(0, "output"), knownvalue.StringExact("collected\n"))},
			})
		})
	}
}

func TestAccRun_boundedOutput(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	env.Sim.SetScript("collect.ps1", mdesim.ScriptResult{Output: "grüße", Errors: "none"})
	test(t,
		resource.TestStep{Config: run(env, collect, "max_output_bytes = 3"), ConfigStateChecks: []statecheck.StateCheck{
			value(result(0, "output"), knownvalue.StringExact("gr")),
			value(result(0, "error_output"), knownvalue.StringExact("non")),
			value(result(0, "output_truncated"), knownvalue.Bool(true)),
		}},
		resource.TestStep{Config: run(env, collect, `
  max_output_bytes = 0
  triggers         = { again = 1 }`), ConfigStateChecks: []statecheck.StateCheck{
			value(result(0, "exit_code"), knownvalue.Int64Exact(0)),
			value(result(0, "output"), knownvalue.Null()),
			value(result(0, "output_truncated"), knownvalue.Bool(true)),
		}},
	)
}

func TestAccRun_resultsDirectory(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	directory := filepath.Join(t.TempDir(), "new", "results")
	test(t, resource.TestStep{
		Config: run(env, `[{ type = "RunScript", script_name = "collect.ps1" }, { type = "GetFile", path = "C:\\Temp\\out.txt" }]`, fmt.Sprintf("results_directory = %q", directory)),
		Check: func(*terraform.State) error {
			prefix := filepath.Join(directory, mdesim.DefaultMachineID+"_"+env.Sim.MachineActions()[0].ID)
			if got, err := os.ReadFile(prefix + "_1_out.txt"); err != nil || string(got) != "evidence" {
				return fmt.Errorf("the collected file holds %q, %w", got, err)
			}
			if files, err := filepath.Glob(prefix + "_0_output_*.json"); err != nil || len(files) != 1 {
				return fmt.Errorf("found the transcripts %v, %w", files, err)
			}
			return nil
		},
	})
}

func TestAccRun_lateResultLink(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	env.Sim.AddFault(mdesim.Fault{Op: mdesim.OpResultLink, Status: 404, Code: "ResourceNotFound", Times: 2})
	test(t, resource.TestStep{Config: run(env, collect, ""), ConfigStateChecks: []statecheck.StateCheck{value(result(0, "exit_code"), knownvalue.Int64Exact(0))}})
}

// An outcome that cannot be told is no failure: the next apply tells it.
func TestAccRun_resultsNotFetched(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]mdesim.Fault{"forbidden": {Status: 403, Code: "Forbidden"}, "not there yet": {Status: 404, Code: "ResourceNotFound"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := tenant(t, mdesim.Options{})
			fault.Op, fault.Times = mdesim.OpResultLink, -1
			env.Sim.AddFault(fault)
			test(t,
				resource.TestStep{
					Config:             run(env, fails, ""),
					ConfigStateChecks:  []statecheck.StateCheck{value(tfjsonpath.New("succeeded"), knownvalue.Null())},
					ExpectNonEmptyPlan: true,
				},
				resource.TestStep{
					PreConfig:   env.Sim.ClearFaults,
					Config:      run(env, fails, ""),
					ExpectError: regexp.MustCompile(`exit\s+code\s+3`),
				},
				resource.TestStep{Config: run(env, fails, ""), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}, Check: ran(env, 2)},
			)
		})
	}
}

// A run that is known to have failed fails the apply, result or not.
func TestAccRun_failsWithoutItsResult(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	env.Sim.AddFault(mdesim.Fault{Op: mdesim.OpResultLink, Times: -1, Status: 409, Code: "Conflict", Message: "no result"})
	test(t, resource.TestStep{
		Config:      run(env, `[{ type = "RunScript", script_name = "collect.ps1" }, { type = "GetFile", path = "C:\\gone.txt" }]`, ""),
		ExpectError: regexp.MustCompile(`(?s)Live response run failed.*its\s+result\s+could\s+not\s+be\s+fetched:.*no\s+result.*GetFile.*Failed`),
	})
}

// The exit code counts, however much a script has printed.
func TestAccRun_cutTranscript(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	env.Sim.SetScript("collect.ps1", mdesim.ScriptResult{ExitCode: 3, Output: strings.Repeat("line\n", 2_000_000)})
	test(t, resource.TestStep{Config: run(env, collect, "max_output_bytes = 100"), ExpectError: regexp.MustCompile(`exit\s+code\s+3`)})
}

func TestAccRun_withoutWaiting(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	env.Sim.SetOffline(mdesim.DefaultMachineID, true)
	config := run(env, collect, "wait_for_completion = false")
	empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	test(t,
		resource.TestStep{Config: config, Check: ran(env, 0), ConfigStateChecks: []statecheck.StateCheck{
			value(tfjsonpath.New("status"), knownvalue.StringExact("Pending")),
			value(tfjsonpath.New("succeeded"), knownvalue.Null()),
			value(result(0, "status"), knownvalue.StringExact("Created")),
		}},
		resource.TestStep{
			PreConfig: func() {
				env.Sim.SetOffline(mdesim.DefaultMachineID, false)
				acctest.Eventually(t, "the run's end", func() bool { return env.Sim.MachineActions()[0].Status == "Succeeded" })
			},
			Config:           config,
			ConfigPlanChecks: empty,
			ConfigStateChecks: []statecheck.StateCheck{
				value(tfjsonpath.New("succeeded"), knownvalue.Bool(true)),
				value(result(0, "output"), knownvalue.StringExact("collected\n")),
			},
		},
	)
}

// Without waiting nothing fails on the outcome, not even that of a run which
// has ended by the time it is taken over.
func TestAccRun_withoutWaitingNeverFails(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	forget := "removed {\n  from = " + address + "\n  lifecycle {\n    destroy = false\n  }\n}\n"
	test(t,
		resource.TestStep{Config: run(env, fails, `on_failure = "continue"`)},
		resource.TestStep{Config: env.ProviderConfig() + forget},
		resource.TestStep{
			Config:            run(env, fails, "wait_for_completion = false"),
			ConfigStateChecks: []statecheck.StateCheck{value(tfjsonpath.New("succeeded"), knownvalue.Bool(false)), value(result(0, "exit_code"), knownvalue.Int64Exact(3))},
			Check:             ran(env, 2),
		},
	)
}

// An action that reads lack for a moment is waited for, and not given up.
func TestAccRun_lateReadsLoseNoRun(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	env.Sim.SetOffline(mdesim.DefaultMachineID, true)
	env.Sim.SetScript("collect.ps1", mdesim.ScriptResult{Output: "done"})
	late := `
  on_timeout = "leave"
  timeouts   = { create = "1s" }`
	test(t,
		resource.TestStep{Config: run(env, collect, late), ExpectNonEmptyPlan: true},
		resource.TestStep{
			PreConfig: func() {
				env.Sim.AddFault(mdesim.Fault{Op: mdesim.OpGetMachineAction, Status: 404, Code: "ResourceNotFound", Times: 5})
				env.Sim.SetOffline(mdesim.DefaultMachineID, false)
			},
			Config:            run(env, collect, late),
			ConfigStateChecks: []statecheck.StateCheck{value(tfjsonpath.New("succeeded"), knownvalue.Bool(true)), value(result(0, "output"), knownvalue.StringExact("done"))},
			Check:             ran(env, 1),
		},
	)
}

func TestAccRun_destroyCancels(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	env.Sim.SetOffline(mdesim.DefaultMachineID, true)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps:                    []resource.TestStep{{Config: run(env, collect, "wait_for_completion = false")}},
		CheckDestroy: func(*terraform.State) error {
			if got := env.Sim.MachineActions()[0]; got.Status != "Cancelled" || got.CancellationComment == "" {
				return fmt.Errorf("the action is %s with the comment %q", got.Status, got.CancellationComment)
			}
			return nil
		},
	})
}

func TestAccRun_destroyOfAnEndedRunMakesNoCall(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	test(t,
		resource.TestStep{Config: run(env, collect, "")},
		resource.TestStep{
			PreConfig: env.Sim.ResetJournal,
			Config:    run(env, collect, ""),
			Destroy:   true,
			Check: func(*terraform.State) error {
				if calls := env.Sim.Journal(); len(calls) > 0 {
					return fmt.Errorf("%d calls were made, the first is %s %s", len(calls), calls[0].Method, calls[0].Path)
				}
				return nil
			},
		},
	)
}

func TestAccRun_pendingTimeout(t *testing.T) {
	t.Parallel()
	t.Run("cancel", func(t *testing.T) {
		t.Parallel()
		env := tenant(t, mdesim.Options{})
		env.Sim.SetOffline(mdesim.DefaultMachineID, true)
		test(t,
			resource.TestStep{Config: run(env, collect, `pending_timeout = "1s"`), ExpectError: regexp.MustCompile(`(?s)timed out.*did\s+not\s+start\s+the\s+run\s+in\s+time\s+\(pending_timeout\)`)},
			resource.TestStep{
				PreConfig: func() {
					if got := env.Sim.MachineActions()[0].Status; got != "Cancelled" {
						t.Errorf("the action is %s", got)
					}
					env.Sim.SetOffline(mdesim.DefaultMachineID, false)
				},
				Config:           run(env, collect, `pending_timeout = "1h"`),
				ConfigPlanChecks: action(plancheck.ResourceActionReplace),
				Check:            ran(env, 1),
			},
		)
	})
	t.Run("leave", func(t *testing.T) {
		t.Parallel()
		env := tenant(t, mdesim.Options{})
		env.Sim.SetOffline(mdesim.DefaultMachineID, true)
		config := run(env, collect, `
  pending_timeout = "1s"
  on_timeout      = "leave"`)
		test(t,
			resource.TestStep{Config: config, ExpectNonEmptyPlan: true, ConfigStateChecks: []statecheck.StateCheck{value(tfjsonpath.New("status"), knownvalue.StringExact("Pending"))}},
			resource.TestStep{
				PreConfig: func() {
					env.Sim.SetOffline(mdesim.DefaultMachineID, false)
					acctest.Eventually(t, "the run's end", func() bool { return env.Sim.MachineActions()[0].Status == "Succeeded" })
				},
				RefreshState: true,
				Check:        ran(env, 1),
			},
			resource.TestStep{
				Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				ConfigStateChecks: []statecheck.StateCheck{value(tfjsonpath.New("succeeded"), knownvalue.Bool(true)), value(result(0, "output"), knownvalue.StringExact("collected\n"))},
			},
		)
	})
}

func TestAccRun_createTimeout(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{Timing: mdesim.Timing{Command: time.Hour}})
	env.Sim.SetScript("collect.ps1", mdesim.ScriptResult{Duration: 9 * time.Minute})
	test(t, resource.TestStep{
		Config:      run(env, collect, `timeouts = { create = "1s" }`),
		ExpectError: regexp.MustCompile(`(?s)timed out.*did\s+not\s+end\s+in\s+time\s+\(timeouts\).*It\s+was\s+cancelled`),
	})
}

// A failure that a refresh sees first is still judged by the next apply.
func TestAccRun_failureSeenByRefresh(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	env.Sim.SetOffline(mdesim.DefaultMachineID, true)
	config := run(env, fails, `
  pending_timeout = "1s"
  on_timeout      = "leave"`)
	test(t,
		resource.TestStep{Config: config, ExpectNonEmptyPlan: true},
		resource.TestStep{
			PreConfig: func() {
				env.Sim.SetOffline(mdesim.DefaultMachineID, false)
				acctest.Eventually(t, "the run's end", func() bool { return env.Sim.MachineActions()[0].Status == "Succeeded" })
			},
			Config:      config,
			ExpectError: regexp.MustCompile(`exit\s+code\s+3`),
		},
		resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}, Check: ran(env, 2)},
	)
}

func TestAccRun_deniedPermissionIsNamed(t *testing.T) {
	t.Parallel()
	for missing, test := range map[string]struct {
		roles          []string
		commands, want string
	}{
		"Machine.LiveResponse": {[]string{"Machine.Read.All"}, collect, `Machine\.LiveResponse`},
		"Machine.Read.All":     {[]string{"Machine.LiveResponse"}, collect, `Machine\.Read\.All\s+or\s+Machine\.ReadWrite\.All`},
		"Library.Manage":       {[]string{"Machine.LiveResponse", "Machine.Read.All"}, pinned, `Library\.Manage`},
	} {
		t.Run(missing, func(t *testing.T) {
			t.Parallel()
			env := tenant(t, mdesim.Options{Roles: test.roles})
			resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Factories(), Steps: []resource.TestStep{
				{Config: run(env, test.commands, ""), ExpectError: regexp.MustCompile(test.want)},
			}})
			if n := len(env.Sim.Executed()); n != 0 {
				t.Errorf("%d commands were executed", n)
			}
		})
	}
}

// A pin is verified again at the end: what ran in between is in doubt.
func TestAccRun_fileSwappedDuringTheRun(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	env.Sim.SetOffline(mdesim.DefaultMachineID, true)
	swap := sync.OnceFunc(func() {
		env.Sim.SeedLibraryFile("collect.ps1", []byte("swapped"), nil)
		env.Sim.SetOffline(mdesim.DefaultMachineID, false)
	})
	env.Sim.AddFault(mdesim.Fault{Op: mdesim.OpGetMachineAction, Match: func(mdesim.Call) bool {
		swap()
		return false
	}})
	test(t, resource.TestStep{Config: run(env, pinned, ""), ExpectError: regexp.MustCompile(`"collect\.ps1"\s+changed\s+while\s+the\s+run\s+was\s+going`)})
}

func TestAccRun_unknownMachine(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	test(t, resource.TestStep{
		Config:      runOn(env, strings.Repeat("0", 40), collect, ""),
		ExpectError: regexp.MustCompile(`(?s)Could not start live response run.*404`),
	})
}

func TestAccRun_slowRunIsLeftAlone(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	env.Sim.SetOffline(mdesim.DefaultMachineID, true)
	env.Sim.SetScript("collect.ps1", mdesim.ScriptResult{Output: "done"})
	test(t,
		resource.TestStep{
			Config: run(env, collect, `
  on_timeout = "leave"
  timeouts   = { create = "1s" }`),
			ConfigStateChecks:  []statecheck.StateCheck{value(tfjsonpath.New("succeeded"), knownvalue.Null())},
			ExpectNonEmptyPlan: true,
		},
		// The update that waits, unless the run has ended by the time of the refresh.
		resource.TestStep{
			PreConfig: func() { env.Sim.SetOffline(mdesim.DefaultMachineID, false) },
			Config: run(env, collect, `
  on_timeout = "leave"`),
			ConfigStateChecks: []statecheck.StateCheck{value(result(0, "output"), knownvalue.StringExact("done"))},
			Check:             ran(env, 1),
		},
	)
}
