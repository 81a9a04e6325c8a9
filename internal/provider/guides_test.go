package provider_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

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
