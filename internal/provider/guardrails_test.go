package provider_test

import "testing"

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
