package liveresponse_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// under is the provider with these guardrails, and runs by name.
func under(env *acctest.Env, guardrails string, runs ...string) string {
	return env.ProviderConfigWith("guardrails = {\n"+guardrails+"\n}") + strings.Join(runs, "")
}

func one(name, commands string) string {
	return fmt.Sprintf(`
resource "mde_live_response_run" %q {
  machine_id = %q
  comment    = "INC-1"
  commands   = %s
  triggers   = { name = %q }
}
`, name, mdesim.DefaultMachineID, commands, name)
}

// says matches an error that holds these words, however its lines are wrapped.
func says(pattern string) *regexp.Regexp {
	return regexp.MustCompile("(?s)" + strings.ReplaceAll(pattern, " ", `[\s│]+`))
}

func TestAccGuardrails_maxRuns(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	first, second, third := one("test", collect), one("second", collect), one("third", collect)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{
			{Config: under(env, "max_runs = 0", first), PlanOnly: true, ExpectError: says(`guardrails.max_runs.*0 runs that one apply may start.*raise max_runs`)},
			{Config: under(env, "max_runs = 1", first, second), PlanOnly: true, ExpectError: says(`guardrails.max_runs.*1 run that one apply may start`)},
			{Config: under(env, "max_runs = 1", first), Check: ran(env, 1)},
			{Config: under(env, "max_runs = 1", first, second), Check: ran(env, 2)}, // What is done does not count.
			{Config: under(env, "max_runs = 0", first, second), ConfigPlanChecks: action(plancheck.ResourceActionNoop)},
			{Config: under(env, "max_runs = 1", first, second), Taint: []string{address}, Check: ran(env, 3)}, // One object, planned twice.
			{Config: under(env, "max_runs = 0", strings.Replace(first, `name = "test"`, `name = "again"`, 1), second), ExpectError: says(`guardrails.max_runs`)},
			{Config: under(env, "max_runs = 0", second, third), ExpectError: says(`guardrails.max_runs`)},
			{Config: under(env, "max_runs = 0", first, second), Destroy: true},
		},
	})
}

func TestAccGuardrails_requireSHA256(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	const rule = "require_sha256 = true"
	pinned := fmt.Sprintf(`[{ type = "RunScript", script_name = "collect.ps1", sha256 = sha256("collect") }, { type = "GetFile", path = %q }]`, collected)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{
			{Config: under(env, rule, one("test", `[{ type = "PutFile", file_name = "tool.zip" }]`)), PlanOnly: true, ExpectError: says(`guardrails.require_sha256.*PutFile tool.zip.*Set sha256`)},
			{Config: env.ProviderConfig() + one("test", collect), Check: ran(env, 1)},
			{Config: under(env, rule, one("test", collect)), ConfigPlanChecks: action(plancheck.ResourceActionNoop)},
			{Config: under(env, rule, strings.Replace(one("test", collect), "INC-1", "INC-2", 1)), Check: ran(env, 1)}, // It does not run again.
			{Config: under(env, rule, one("test", `[{ type = "RunScript", script_name = "collect.ps1", args = "-All" }]`)), ExpectError: says(`guardrails.require_sha256.*RunScript collect.ps1`)},
			{Config: under(env, rule, one("test", pinned)), Check: ran(env, 3)},
			{Config: under(env, rule, one("test", pinned)), Destroy: true},
		},
	})
}

// TestAccGuardrails_unknownPin has the apply tell what the plan could not.
func TestAccGuardrails_unknownPin(t *testing.T) {
	t.Parallel()
	env := tenant(t, mdesim.Options{})
	config := under(env, "require_sha256 = true", `resource "terraform_data" "pin" { input = "" }`,
		one("test", `[{ type = "RunScript", script_name = "collect.ps1", sha256 = terraform_data.pin.output }]`))
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{
			{Config: config, PlanOnly: true, ExpectNonEmptyPlan: true},
			{Config: config, ExpectError: says(`guardrails.require_sha256`)},
		},
	})
	if runs := env.Sim.Count(mdesim.OpRunLiveResponse); runs > 0 {
		t.Errorf("%d runs were started", runs)
	}
}
