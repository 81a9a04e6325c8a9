package indicator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

func importing(id string) string {
	return fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, id)
}

// TestAccIndicator_importByKey names a record by type, value and action, in
// another spelling than the service's.
func TestAccIndicator_importByKey(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		record        mdesim.Indicator
		value, action string
		more          string
	}{
		"domain":         {mdesim.Indicator{IndicatorType: "DomainName", IndicatorValue: "Evil.Example"}, "evil.example", "Block", ""},
		"raised hash":    {mdesim.Indicator{IndicatorType: "FileSha256", IndicatorValue: strings.ToUpper(sha256Hash)}, sha256Hash, "Block", ""},
		"url of slashes": {mdesim.Indicator{IndicatorType: "Url", IndicatorValue: "https://evil.example/a/b/"}, "https://EVIL.example/a/b/", "Block", ""},
		"short IPv6":     {mdesim.Indicator{IndicatorType: "IpAddress", IndicatorValue: "2001:0DB8:0000:0000:0000:0000:0000:0007"}, "2001:db8::7", "Block", ""},
		"old name":       {mdesim.Indicator{IndicatorType: "DomainName", IndicatorValue: "evil.example", Action: "AlertAndBlock"}, "evil.example", "BlockAndRemediate", "generate_alert = true"},
		"new name":       {mdesim.Indicator{IndicatorType: "DomainName", IndicatorValue: "evil.example", Action: "Audit"}, "evil.example", "Alert", "generate_alert = true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, mdesim.Options{})
			n.Sim.SeedIndicators(mdesim.Indicator{IndicatorType: tc.record.IndicatorType, IndicatorValue: tc.record.IndicatorValue, Action: "Allowed"})
			id := n.Sim.SeedIndicators(tc.record)[0]
			body := fmt.Sprintf("indicator_type = %q\nindicator_value = %q\naction = %q\ntitle = \"seeded\"\ndescription = \"seeded\"\n%s", tc.record.IndicatorType, tc.value, tc.action, tc.more)
			n.run([]string{tc.record.IndicatorValue + " Allowed seeded"}, resource.TestStep{
				Config:            n.config(body) + importing(tc.record.IndicatorType+"/"+tc.value+"/"+tc.action),
				ConfigPlanChecks:  plans(plancheck.ResourceActionNoop),
				ConfigStateChecks: []statecheck.StateCheck{is("id", knownvalue.StringExact(id)), n.calls(0, 0)},
			})
		})
	}
}

// TestAccIndicator_importByKeyPrefersTheName has two records that differ by the
// old and the new name of one action.
func TestAccIndicator_importByKeyPrefersTheName(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	ids := n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "evil.example", Action: "AlertAndBlock"}, mdesim.Indicator{IndicatorValue: "evil.example", Action: "BlockAndRemediate"})
	for i, action := range []string{"AlertAndBlock", "BlockAndRemediate"} {
		read(t, resource.TestStep{
			Config:            n.data("mde_indicator", "indicator_type = \"DomainName\"\nindicator_value = \"evil.example\"\naction = \""+action+"\""),
			ConfigStateChecks: shows("mde_indicator", map[string]knownvalue.Check{"id": knownvalue.StringExact(ids[i])}),
		})
	}
}

func TestAccIndicator_importRefuses(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"DomainName/gone.example/Block":  "a record of the type DomainName with the action Block",
		"DomainName/evil.example/Warn":   "a record of the type DomainName with the action Warn",
		"DomainName/evil.example":        "neither the id of a record",
		"Domain/evil.example/Block":      "no indicator type: use one of FileSha1",
		"DomainName/evil.example/Reject": "no action: use one of Allowed",
		"DomainName//Block":              "no value between",
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, mdesim.Options{})
			n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "evil.example"})
			resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Factories(), Steps: []resource.TestStep{
				{Config: n.config(body("Block", "seeded")) + importing(id), ExpectError: says(want)},
			}})
		})
	}
}
