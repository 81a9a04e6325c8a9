package provider_test

import (
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

func TestAccProvider_refusesABadGuardrail(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ rules, says string }{
		"range":           {`protected_values = ["contoso.com", "10.0.0.0/33"]`, `In guardrails.protected_values, "10.0.0.0/33" is not a range in CIDR notation`},
		"wildcard":        {`protected_values = ["*.contoso.com"]`, `write the domain itself, such as "contoso.com"`},
		"unknown action":  {`allowed_actions = ["Blok"]`, `In guardrails.allowed_actions, "Blok" is not an action of an indicator; the actions are Allowed, Audit`},
		"less than none":  {`max_indicator_deletions = -1`, `guardrails.max_indicator_deletions value must be at least 0`},
		"less than a run": {`max_runs = -1`, `guardrails.max_runs value must be at least 0`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant(t).refuses(t, config("access_token = \"x\"\nguardrails = { "+tt.rules+" }"), tt.says)
		})
	}
}

// TestAccExampleGuardrails applies the example of the guardrails' guide.
func TestAccExampleGuardrails(t *testing.T) {
	t.Parallel()
	env, w := acctest.Tenant(t, mdesim.Options{}), acctest.Workspace(t)
	w.Use(env)
	w.Copy("../../examples/guardrails")
	w.Init()
	w.Apply()
	w.Plan("-detailed-exitcode")
	w.Destroy()
	checkEmpty(t, env.Sim)
}
