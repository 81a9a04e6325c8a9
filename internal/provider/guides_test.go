package provider_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// TestAccGuideLiveResponse applies the configuration of the guide as one: its
// blocks belong together.
func TestAccGuideLiveResponse(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../templates/guides/live-response-in-ci-cd.md")
	if err != nil {
		t.Fatal(err)
	}
	var config strings.Builder
	for _, block := range regexp.MustCompile("(?s)```terraform\n(.*?)```").FindAllStringSubmatch(string(guide), -1) {
		config.WriteString(block[1] + "\n")
	}
	env, w := tenantForExamples(t)
	w.Use(env)
	w.Copy("../../examples/resources/mde_live_response_run/scripts")
	w.Write("scripts/Collect-Triage.ps1", w.Read("Collect-Triage.ps1"))
	machine := strings.Repeat("e", 40)
	env.Sim.SeedMachines(mdesim.Machine{ID: machine, ComputerDNSName: "fin-02.contoso.com", HealthStatus: "Active", MachineTags: []string{"finance"}})
	w.Write("fleet.json", fmt.Sprintf(`{"fin-02.contoso.com": %q}`, machine))
	w.Write("main.tf", config.String())
	w.Init()
	w.Run("fmt", "-check", "-diff")
	w.Apply()
	if fleet := w.Run("output", "-json", "fleet"); strings.TrimSpace(fleet) != fmt.Sprintf(`{"fin-02.contoso.com":%q}`, machine) {
		t.Errorf("the output for fleet.json is %s", fleet)
	}
	w.Plan("-detailed-exitcode")
	w.Destroy()
	checkEmpty(t, env.Sim)
}

// TestAccGuideGettingStarted goes the way of the guide on a simulated tenant.
func TestAccGuideGettingStarted(t *testing.T) {
	t.Parallel()
	guide := read(t, "../../templates/guides/getting-started.md")
	block := func(language string) string {
		return regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindStringSubmatch(guide)[1]
	}
	env, w := tenantForExamples(t)
	w.Use(env)
	w.Write("terraform.tf", "") // The guide declares the provider itself.
	w.Write("main.tf", block("terraform"))
	w.Write("Collect-Triage.ps1", block("powershell"))
	w.Init()
	w.Run("fmt", "-check", "-diff")
	says := func(out, want string) {
		t.Helper()
		if !strings.Contains(guide, want) || !strings.Contains(out, want) {
			t.Errorf("not both the guide and Terraform say %q:\n%s", want, out)
		}
	}
	says(w.Plan("-out=first.tfplan"), "Plan: 2 to add")
	w.Run("apply", "-no-color", "first.tfplan")
	says(w.Plan(), "No changes")
	w.Write("Collect-Triage.ps1", block("powershell")+"\n")
	if out := w.Plan(); !strings.Contains(out, "1 to change") || !strings.Contains(out, "~ sha256") {
		t.Errorf("a changed script is no update in place:\n%s", out)
	}
	w.Write("main.tf", strings.Replace(block("terraform"), `"Block"`, `"Audit"`, 1))
	if out := w.Plan(); !strings.Contains(out, "2 to change") {
		t.Errorf("a changed action is no update in place:\n%s", out)
	}
	w.Apply()
	w.Destroy()
	checkEmpty(t, env.Sim)
}

// TestAccGuideTestingModules runs the tests of the guide's module on the guide's
// tenant, with its fault, and steers the tenant as it says.
func TestAccGuideTestingModules(t *testing.T) {
	t.Parallel()
	guide := read(t, "../../templates/guides/testing-modules.md")
	block := func(language string) string {
		return regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindStringSubmatch(guide)[1]
	}
	seed, err := mdesim.DecodeSeed([]byte(block("yaml")))
	if err != nil {
		t.Fatal(err)
	}
	env, w := acctest.Tenant(t, mdesim.Options{Seed: seed}), acctest.Workspace(t)
	w.Use(env)
	w.Write("terraform.tf", block("terraform"))
	w.Write("tests/blocklist.tftest.hcl", block("hcl"))
	calls := regexp.MustCompile(`--data '(\{.*?\})' "\$MDE_ENDPOINT/sim/(\w+)"`).FindAllStringSubmatch(guide, -1)
	if len(calls) != 2 {
		t.Fatalf("the guide steers by %q", calls)
	}
	steer(t, env, calls[0][2], calls[0][1])
	w.Init()
	w.Run("fmt", "-check", "-diff", "-recursive")
	if out := w.Run("test", "-no-color"); !strings.Contains(out, "4 passed, 0 failed") {
		t.Errorf("not all tests have passed:\n%s", out)
	}
	if records := env.Sim.Indicators(); len(records) != 1 || records[0].IndicatorValue != "portal.example" {
		t.Errorf("the tests have left %v in the tenant", records)
	}
	if n := env.Sim.Count(mdesim.OpImportIndicators); n != 2 {
		t.Errorf("%d imports were sent instead of a failed one and its repetition", n)
	}
	steer(t, env, calls[1][2], calls[1][1])
	steer(t, env, "reset", "")
}

// steer posts to the simulator's own paths, as the guide does by curl.
func steer(t *testing.T, env *acctest.Env, what, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, env.Sim.URL()+"/sim/"+what, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		t.Errorf("%s: %s is answered %s", what, body, resp.Status)
	}
}
