package liveresponse_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
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

func TestAccRun_lostAnswersRunOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]mdesim.Fault{
		"cut after the effect":        {Cut: mdesim.CutAfterEffect},
		"cut before the effect":       {Cut: mdesim.CutBeforeEffect},
		"half an answer":              {Cut: mdesim.CutBody},
		"503 after the effect":        {Status: 503, AfterEffect: true},
		"503 before the effect":       {Status: 503},
		"429 after the effect":        {Status: 429, RetryAfter: "1", AfterEffect: true},
		"gateway's page after effect": {Status: 502, Body: "<html>Bad Gateway</html>", AfterEffect: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := tenant(t, mdesim.Options{})
			fault.Op = mdesim.OpRunLiveResponse
			env.Sim.AddFault(fault)
			test(t, resource.TestStep{
				Config: run(env, collect, ""),
				Check:  ran(env, 1),
				ConfigStateChecks: []statecheck.StateCheck{
					value(tfjsonpath.New("succeeded"), knownvalue.Bool(true)),
					value(result(0, "output"), knownvalue.StringExact("collected\n")),
				},
			})
		})
	}
}

func TestAccRun_throttledStartWaits(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	env.Sim.AddFault(mdesim.Fault{Op: mdesim.OpRunLiveResponse, Status: 429, Code: "TooManyRequests", RetryAfter: "1", Times: 2})
	test(t, resource.TestStep{Config: run(env, collect, ""), Check: ran(env, 1)})
}

func TestAccRun_portalSessionIsWaitedFor(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	end, starts := env.Sim.BeginPortalSession(mdesim.DefaultMachineID), 0
	env.Sim.AddFault(mdesim.Fault{Op: mdesim.OpRunLiveResponse, Match: func(mdesim.Call) bool {
		if starts++; starts == 2 {
			end()
		}
		return false
	}})
	test(t, resource.TestStep{Config: run(env, collect, ""), Check: ran(env, 1)})
	if n := env.Sim.Count(mdesim.OpRunLiveResponse); n != 2 {
		t.Errorf("%d starts were sent", n)
	}
}

func TestAccRun_queueTimeout(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	env.Sim.BeginPortalSession(mdesim.DefaultMachineID)
	test(t, resource.TestStep{
		Config:      run(env, collect, `queue_timeout = "10s"`),
		ExpectError: regexp.MustCompile(`(?s)no\s+start\s+slot\s+in\s+time:\s+waited\s+10s\s+\(queue_timeout\).*Action\s+is\s+already\s+in\s+progress`),
	})
	if n := len(env.Sim.MachineActions()); n != 0 {
		t.Errorf("%d actions were started", n)
	}
}

// Two identical resources are two runs, one after the other.
func TestAccRun_identicalResourcesNeverShareAnAction(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	one := run(env, collect, "")
	two := one + strings.Replace(strings.TrimPrefix(one, env.ProviderConfig()), `"test"`, `"twin"`, 1)
	test(t,
		resource.TestStep{
			Config: two,
			Check: resource.ComposeTestCheckFunc(ran(env, 2), func(*terraform.State) error {
				if n := len(env.Sim.MachineActions()); n != 2 {
					return fmt.Errorf("%d actions were started", n)
				}
				return nil
			}),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.CompareValuePairs(address, tfjsonpath.New("id"), "mde_live_response_run.twin", tfjsonpath.New("id"), differ{}),
			},
		},
		resource.TestStep{Config: two, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
	)
}

// A killed apply leaves no state: the marker finds the run.
func TestAccRun_lostStateIsTakenOver(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	forget := "removed {\n  from = " + address + "\n  lifecycle {\n    destroy = false\n  }\n}\n"
	config := run(env, collect, "")
	test(t,
		resource.TestStep{Config: config, Check: ran(env, 1)},
		resource.TestStep{Config: env.ProviderConfig() + forget},
		resource.TestStep{Config: config, Check: ran(env, 1), ConfigStateChecks: []statecheck.StateCheck{value(result(0, "output"), knownvalue.StringExact("collected\n"))}},
		resource.TestStep{Config: env.ProviderConfig() + forget},
		// Too old to be a lost start.
		resource.TestStep{Config: run(env, collect, `resume_within = "1s"`), Check: ran(env, 2)},
	)
}

// Runs of one apply on many machines share what they can.
func TestAccRun_fleet(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	test(t, resource.TestStep{
		Config: env.ProviderConfig() + fmt.Sprintf(`
resource "mde_live_response_run" "test" {
  count      = 2
  machine_id = [%q, %q][count.index]
  comment    = "INC-1"
  commands   = %s
}
`, mdesim.DefaultMachineID, otherDevice, collect),
		Check: resource.ComposeTestCheckFunc(ran(env, 2), func(*terraform.State) error {
			if n := env.Sim.Count(mdesim.OpRunLiveResponse); n != 2 {
				return fmt.Errorf("%d starts were sent", n)
			}
			looks := 0
			for _, call := range env.Sim.Journal() {
				if call.Op == mdesim.OpListMachineActions && strings.Contains(call.Query, "creationDateTimeUtc") {
					looks++
				}
			}
			if looks > 2 { // One in the plan and one in the apply.
				return fmt.Errorf("%d look-ups were made", looks)
			}
			return nil
		}),
	})
}

// A fleet that is larger than the quotas of starts and sessions waits its turn.
func TestAccRun_fleetBeyondTheQuotas(t *testing.T) {
	t.Parallel()
	const fleet = 12
	env := tenant(t, mdesim.Options{Quotas: mdesim.Quotas{RunsPerMinute: 4, ConcurrentRuns: 3}, Minute: 2 * time.Second})
	for i := range fleet {
		env.Sim.SeedMachines(mdesim.Machine{ID: fmt.Sprintf("%040x", i+1), ComputerDNSName: fmt.Sprintf("pc-%d", i), HealthStatus: "Active"})
	}
	test(t, resource.TestStep{
		Config: env.ProviderConfigWith("rate_limits = { live_response_runs_per_minute = 1000 }") + fmt.Sprintf(`
resource "mde_live_response_run" "test" {
  count      = %d
  machine_id = format("%%040x", count.index + 1)
  comment    = "INC-1"
  commands   = %s
}
`, fleet, collect),
		Check: resource.ComposeTestCheckFunc(ran(env, fleet), func(*terraform.State) error {
			if n := len(env.Sim.MachineActions()); n != fleet {
				return fmt.Errorf("%d actions were started", n)
			}
			return nil
		}),
	})
}

// A fleet of 40 at once meets the documented quotas, with a shortened minute
// that the provider does not know of: one refusal tells it. Its own count keeps
// those waiting who have no session, and all share their reads.
func TestAccRun_fleetBeyondTheSessions(t *testing.T) {
	t.Parallel()
	const fleet, sessions = 40, 25
	env := tenant(t, mdesim.Options{
		Quotas: mdesim.DocumentedQuotas(), Minute: 6 * time.Second,
		Timing: mdesim.Timing{Start: 18 * time.Second, Command: time.Millisecond, Settle: time.Millisecond},
	})
	for i := range fleet {
		env.Sim.SeedMachines(mdesim.Machine{ID: fmt.Sprintf("%040x", i+1), ComputerDNSName: fmt.Sprintf("pc-%d", i), HealthStatus: "Active"})
	}
	folder := acctest.Workspace(t)
	folder.Write("main.tf", env.ProviderConfigWith("rate_limits = { live_response_runs_per_minute = 1000 }")+fmt.Sprintf(`
resource "mde_live_response_run" "test" {
  count      = %d
  machine_id = format("%%040x", count.index + 1)
  comment    = "INC-1"
  commands   = %s
}
`, fleet, collect))
	folder.Init()
	begin := time.Now()
	folder.Apply("-parallelism=40")
	took := time.Since(begin)
	var starts, refused, looks, polls int
	for _, call := range env.Sim.Journal() {
		switch {
		case call.Op == mdesim.OpRunLiveResponse && call.Status == http.StatusTooManyRequests:
			refused++
		case call.Op == mdesim.OpRunLiveResponse:
			starts++
		case call.Op == mdesim.OpListMachineActions && strings.Contains(call.Query, "creationDateTimeUtc"):
			looks++
		case call.Op == mdesim.OpListMachineActions, call.Op == mdesim.OpGetMachineAction:
			polls++
		}
	}
	if starts != fleet || refused > 1 || len(env.Sim.Executed()) != fleet {
		t.Errorf("%d starts and %d refused ones made %d executions", starts, refused, len(env.Sim.Executed()))
	}
	if most := int(took/(2*time.Second)) + 2; polls > most {
		t.Errorf("%d polls in %s, at most %d are wanted", polls, took, most)
	}
	if looks > 2+refused+fleet-sessions {
		t.Errorf("%d look-ups were made", looks)
	}
	folder.Plan("-detailed-exitcode")
}

// The plan of more runs than start in a minute says so, once.
func TestAccRun_planSaysHowLongManyRunsTake(t *testing.T) {
	t.Parallel()
	env, folder := tenant(t, mdesim.Options{}), acctest.Workspace(t)
	plan := func(fleet int) int {
		folder.Write("main.tf", env.ProviderConfigWith("rate_limits = { live_response_runs_per_minute = 4 }")+fmt.Sprintf(`
resource "mde_live_response_run" "test" {
  count      = %d
  machine_id = format("%%040x", count.index + 1)
  comment    = "INC-1"
  commands   = %s
}
`, fleet, collect))
		return strings.Count(folder.Plan(), "Warning: Many live response runs")
	}
	folder.Write("main.tf", env.ProviderConfig())
	folder.Init()
	if few, many := plan(4), plan(9); few != 0 || many != 1 {
		t.Errorf("%d warnings of 4 runs, %d of 9", few, many)
	}
}

// differ compares values that must not be the same.
type differ struct{}

func (differ) CompareValues(values ...any) error {
	if values[0] == values[1] {
		return fmt.Errorf("both are %v", values[0])
	}
	return nil
}
