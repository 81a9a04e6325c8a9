package liveresponse_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

const (
	address     = "mde_live_response_run.test"
	otherDevice = "0123456789abcdef0123456789abcdef01234567"
	collected   = `C:\Temp\out.txt`
)

// tenant is a simulated tenant whose library holds a tool and two scripts, and
// whose devices hold the file to collect.
func tenant(t *testing.T, options mdesim.Options) *acctest.Env {
	t.Helper()
	env := acctest.Tenant(t, options)
	env.Sim.SeedLibraryFile("tool.zip", []byte("tool"), nil)
	env.Sim.SeedLibraryFile("collect.ps1", []byte("collect"), nil)
	env.Sim.SeedLibraryFile("broken.ps1", []byte("exit 3"), nil)
	env.Sim.SetScript("collect.ps1", mdesim.ScriptResult{Output: "collected\n", Errors: "a note\n"})
	env.Sim.SetScript("broken.ps1", mdesim.ScriptResult{ExitCode: 3, Output: "half done\n", Errors: "disk is full\n"})
	env.Sim.SeedMachines(mdesim.Machine{ID: otherDevice, ComputerDNSName: "desktop-02.contoso.com", HealthStatus: "Active"})
	for _, machine := range []string{mdesim.DefaultMachineID, otherDevice} {
		env.Sim.SetDeviceFile(machine, collected, []byte("evidence"))
	}
	return env
}

const collect = `[{ type = "RunScript", script_name = "collect.ps1" }]`

// run is the configuration of a run with further attributes.
func run(env *acctest.Env, commands, more string) string {
	return runOn(env, mdesim.DefaultMachineID, commands, more)
}

func runOn(env *acctest.Env, machine, commands, more string) string {
	return env.ProviderConfig() + fmt.Sprintf(`
resource "mde_live_response_run" "test" {
  machine_id = %q
  comment    = "INC-1"
  commands   = %s
  %s
}
`, machine, commands, more)
}

// ran fails unless devices have begun to run that many commands.
func ran(env *acctest.Env, want int) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if got := env.Sim.Executed(); len(got) != want {
			return fmt.Errorf("%d commands were executed, want %d: %+v", len(got), want, got)
		}
		return nil
	}
}

func value(path tfjsonpath.Path, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, path, want)
}

func result(index int, name string) tfjsonpath.Path {
	return tfjsonpath.New("results").AtSliceIndex(index).AtMapKey(name)
}

func action(expected plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, expected)}}
}

// sameRun is a plan that updates without running anything.
func sameRun() resource.ConfigPlanChecks {
	checks := action(plancheck.ResourceActionUpdate)
	for _, name := range []string{"id", "status", "succeeded"} {
		checks.PreApply = append(checks.PreApply, plancheck.ExpectKnownValue(address, tfjsonpath.New(name), knownvalue.NotNull()))
	}
	return checks
}

// anotherRun is a plan that runs again without replacing the resource.
func anotherRun() resource.ConfigPlanChecks {
	checks := action(plancheck.ResourceActionUpdate)
	for _, name := range []string{"id", "status", "succeeded", "results", "result_urls"} {
		checks.PreApply = append(checks.PreApply, plancheck.ExpectUnknownValue(address, tfjsonpath.New(name)))
	}
	return checks
}

func test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Factories(), Steps: steps})
}

func TestAccRun_allCommands(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	config := run(env, `[
    { type = "PutFile", file_name = "tool.zip" },
    { type = "RunScript", script_name = "collect.ps1", args = "-Days 3" },
    { type = "GetFile", path = "C:\\Temp\\out.txt" },
  ]`, "")
	test(t,
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				value(tfjsonpath.New("status"), knownvalue.StringExact("Succeeded")),
				value(tfjsonpath.New("succeeded"), knownvalue.Bool(true)),
				value(tfjsonpath.New("results"), knownvalue.ListSizeExact(3)),
				value(result(0, "type"), knownvalue.StringExact("PutFile")),
				value(result(0, "status"), knownvalue.StringExact("Completed")),
				value(result(0, "exit_code"), knownvalue.Null()),
				value(result(1, "index"), knownvalue.Int64Exact(1)),
				value(result(1, "exit_code"), knownvalue.Int64Exact(0)),
				value(result(1, "output"), knownvalue.StringExact("collected\n")),
				value(result(1, "error_output"), knownvalue.StringExact("a note\n")),
				value(result(1, "output_truncated"), knownvalue.Bool(false)),
				value(tfjsonpath.New("result_urls"), knownvalue.ListExact([]knownvalue.Check{
					knownvalue.Null(), knownvalue.StringRegexp(regexp.MustCompile("sig=")), knownvalue.StringRegexp(regexp.MustCompile("sig=")),
				})),
				statecheck.ExpectSensitiveValue(address, tfjsonpath.New("result_urls")),
				statecheck.ExpectSensitiveValue(address, result(1, "output")),
				statecheck.ExpectSensitiveValue(address, result(1, "error_output")),
			},
			Check: ran(env, 3),
		},
		resource.TestStep{
			PreConfig:        env.Sim.ResetJournal,
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			Check: func(*terraform.State) error {
				if calls := env.Sim.Journal(); len(calls) > 0 {
					return fmt.Errorf("a run that has ended made %d calls, the first is %s %s", len(calls), calls[0].Method, calls[0].Path)
				}
				return nil
			},
		},
	)
}
