package indicator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// under is the provider with these guardrails and configuration.
func (n *tenant) under(guardrails, config string) string {
	return n.ProviderConfigWith("guardrails = {\n"+guardrails+"\n}") + config
}

func single(name, value, action string, more ...string) string {
	lines := fmt.Sprintf("indicator_type = \"DomainName\"\nindicator_value = %q\naction = %q\ntitle = \"t\"\ndescription = \"d\"\napplication = \"repo\"\n", value, action)
	for _, line := range more {
		lines += line + "\n"
	}
	return named(name, lines)
}

func setOf(name, action, values string, more ...string) string {
	lines := fmt.Sprintf("resource \"mde_indicator_set\" %q {\naction = %q\ntitle = \"t\"\ndescription = \"d\"\napplication = \"repo\"\nindicators = { %s }\n", name, action, values)
	for _, line := range more {
		lines += line + "\n"
	}
	return lines + "}\n"
}

// records is a state check of how many records there are.
func (n *tenant) records(want int) statecheck.StateCheck {
	return stateFunc(func() error {
		if got := n.Sim.Indicators(); len(got) != want {
			return fmt.Errorf("the tenant holds %d records instead of %d: %+v", len(got), want, got)
		}
		return nil
	})
}

const protectsContoso = `protected_values = ["contoso.com"]`

func TestAccGuardrails_refuseWhilePlanning(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ guardrails, config, says string }{
		"protected value":           {protectsContoso, single("test", "www.contoso.com", "AlertAndBlock"), `indicator_value = .*guardrails.protected_values.*www.contoso.com \(contoso.com is protected with its subdomains\)`},
		"action":                    {`allowed_actions = ["Audit", "BlockAndRemediate"]`, single("test", "a.example", "Warn"), `action = .*guardrails.allowed_actions.*a.example \(Warn\).*Use one of Audit, BlockAndRemediate`},
		"expiry":                    {`require_expiration = true`, single("test", "a.example", "Block"), `guardrails.require_expiration.*a.example.*Set expiration_time or expires_in`},
		"protected values of a set": {protectsContoso, setOf("test", "Block", `"a.contoso.com" = "", "b.contoso.com" = "", "c.example" = ""`), `guardrails.protected_values.*a.contoso.com \(.*b.contoso.com \(`},
		"action of a set":           {`allowed_actions = ["Audit"]`, setOf("test", "Block", `"a.example" = ""`), `action = .*guardrails.allowed_actions.*a.example \(Block\)`},
		"expiry of a set":           {`require_expiration = true`, setOf("test", "Block", `"a.example" = ""`), `guardrails.require_expiration.*a.example`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, mdesim.Options{})
			n.run(nil, resource.TestStep{Config: n.under(tc.guardrails, tc.config), PlanOnly: true, ExpectError: says(tc.says)})
		})
	}
}

func TestAccGuardrails_letPass(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	n.run(nil, resource.TestStep{Config: n.under(protectsContoso+"\n"+`allowed_actions = ["Alert", "AlertAndBlock"]`+"\nrequire_expiration = true",
		single("audited", "www.contoso.com", "Audit", `expires_in = "7d"`)+
			single("blocked", "evil.example", "BlockAndRemediate", `expiration_time = "2099-01-01T00:00:00Z"`)+
			setOf("test", "AlertAndBlock", `"a.example" = ""`, `expires_in = "7d"`))})
}

// TestAccGuardrails_leaveAloneWhatStays adds the rules to what there is.
func TestAccGuardrails_leaveAloneWhatStays(t *testing.T) {
	t.Parallel()
	const all = protectsContoso + "\n" + `allowed_actions = ["Warn"]` + "\nrequire_expiration = true"
	of := func(action, more string) string {
		return single("test", "contoso.com", action, more) + setOf("test", action, `"www.contoso.com" = ""`, more)
	}
	n := newTenant(t, mdesim.Options{})
	n.run(nil,
		resource.TestStep{Config: n.ProviderConfig() + of("Block", "")},
		resource.TestStep{Config: n.under(all, of("Block", "")), ConfigPlanChecks: plans(plancheck.ResourceActionNoop)},
		resource.TestStep{Config: n.under(all, of("Block", `severity = "High"`)), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate)},
		resource.TestStep{Config: n.under(all, of("Warn", `severity = "High"`)), ExpectError: says("guardrails.protected_values")},
		resource.TestStep{
			Config:      n.under(all, single("test", "contoso.com", "Block")+setOf("test", "Block", `"www.contoso.com" = "", "mail.contoso.com" = ""`)),
			ExpectError: says(`mail.contoso.com \(contoso.com is protected`),
		},
		resource.TestStep{Config: n.under(all, of("Block", `severity = "High"`)), Destroy: true},
	)
}

// TestAccGuardrails_unknownValue has the apply tell what the plan could not.
func TestAccGuardrails_unknownValue(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	config := n.under(protectsContoso, `
resource "terraform_data" "value" { input = "www.contoso.com" }

resource "mde_indicator" "test" {
  indicator_type  = "DomainName"
  indicator_value = terraform_data.value.output
  action          = "Block"
  title           = "t"
  description     = "d"
}
`)
	n.run(nil,
		resource.TestStep{Config: config, PlanOnly: true, ExpectNonEmptyPlan: true},
		resource.TestStep{Config: config, ExpectError: says("guardrails.protected_values.*www.contoso.com")},
	)
	if writes := n.Sim.Count(mdesim.OpSubmitIndicator, mdesim.OpImportIndicators); writes > 0 {
		t.Errorf("%d writes reached the service", writes)
	}
}

func TestAccGuardrails_deletions(t *testing.T) {
	t.Parallel()
	const none, one = "max_indicator_deletions = 0", "max_indicator_deletions = 1"
	a, b := single("a", "a.example", "Block"), single("b", "b.example", "Block")
	values := setOf("test", "Block", `"c.example" = "", "d.example" = ""`)
	n := newTenant(t, mdesim.Options{})
	n.run(nil,
		resource.TestStep{Config: n.under(one, a+b+values)},
		resource.TestStep{Config: n.under(one, values), PlanOnly: true, ExpectError: says("guardrails.max_indicator_deletions.*1 indicator that.*a.example.*b.example.*raise max_indicator_deletions")},
		resource.TestStep{Config: n.under(one, b+setOf("test", "Block", `"d.example" = ""`)), ExpectError: says("a.example.*c.example")},
		resource.TestStep{Config: n.under(none, single("a", "other.example", "Block")+b+values), ExpectError: says("max_indicator_deletions.*a.example")},
		resource.TestStep{Config: n.under(one, a+b+values), Destroy: true, ExpectError: says("a.example.*b.example.*c.example.*d.example")},
		resource.TestStep{Config: n.under(one, b+values), ConfigStateChecks: []statecheck.StateCheck{n.records(3)}},
		resource.TestStep{ // A replacement puts back what it deletes.
			Taint: []string{"mde_indicator.b"}, Config: n.under(none, b+values),
			ConfigStateChecks: []statecheck.StateCheck{n.records(3)},
		},
		resource.TestStep{Config: n.ProviderConfig() + b + values},
	)
}

// TestAccGuardrails_movesLate renames a resource, and the new one has to wait for
// a data source first.
func TestAccGuardrails_movesLate(t *testing.T) {
	t.Parallel()
	const none = "max_indicator_deletions = 0"
	n := newTenant(t, mdesim.Options{})
	n.run(nil,
		resource.TestStep{Config: n.under(none, single("old", "a.example", "Block"))},
		resource.TestStep{
			PreConfig:         func() { n.Sim.AddFault(mdesim.Fault{Op: mdesim.OpListMachines, Delay: 4 * time.Second}) },
			Config:            n.under(none, single("new", "a.example", "Block", `recommended_actions = join(",", data.mde_machines.all.ids)`)+`data "mde_machines" "all" {}`),
			ConfigStateChecks: []statecheck.StateCheck{n.records(1)},
		},
		resource.TestStep{Config: n.ProviderConfig()},
	)
}

// TestAccGuardrails_moves moves everything and changes every action where
// nothing may be deleted.
func TestAccGuardrails_moves(t *testing.T) {
	t.Parallel()
	const none = "max_indicator_deletions = 0"
	n := newTenant(t, mdesim.Options{})
	renamed := func(prefix, action string) string {
		return n.under(none, fmt.Sprintf(`
resource "mde_indicator" "test" {
  for_each        = { for i in range(15) : "%s${i}" => "h${i}.example" }
  indicator_type  = "DomainName"
  indicator_value = each.value
  action          = %q
  title           = "t"
  description     = "d"
  application     = "repo"
}
`, prefix, action))
	}
	n.run(nil,
		resource.TestStep{Config: renamed("a", "Block")},
		resource.TestStep{Config: renamed("b", "Block")},
		resource.TestStep{Config: renamed("b", "Audit")},
		resource.TestStep{Config: n.ProviderConfig()},
		resource.TestStep{Config: n.under(none, setOf("one", "Block", `"a.example" = "", "b.example" = ""`)+setOf("two", "Block", `"c.example" = ""`))},
		resource.TestStep{
			Config:            n.under(none, setOf("one", "Block", `"c.example" = ""`)+setOf("two", "Block", `"a.example" = "", "b.example" = ""`)),
			ConfigStateChecks: []statecheck.StateCheck{n.records(3)},
		},
		resource.TestStep{Config: n.ProviderConfig()},
	)
}
