package indicator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// data is the provider and one data source of that type and body.
func (n *tenant) data(dataType, body string) string {
	return n.ProviderConfig() + fmt.Sprintf("data %q \"test\" {\n%s\n}\n", dataType, body)
}

func read(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Factories(), Steps: steps})
}

func shows(dataType string, want map[string]knownvalue.Check) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for name, value := range want {
		checks = append(checks, statecheck.ExpectKnownValue("data."+dataType+".test", tfjsonpath.New(name), value))
	}
	return checks
}

func TestAccIndicatorData(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	created := n.Sim.Now().Add(-48 * time.Hour).Truncate(time.Second)
	hash := strings.ToUpper(sha256Hash)
	id := n.Sim.SeedIndicators(mdesim.Indicator{
		IndicatorType: "FileSha256", IndicatorValue: hash, Action: "AlertAndBlock", Title: "Loader", Description: "Made by hand.", Severity: "High", RBACGroupNames: []string{"b", "a"},
		CreatedBy: "soc@contoso.com", CreatedByDisplayName: "SOC", CreatedBySource: "TVM", CreationTimeDateTimeUTC: created, LastUpdateTime: created.Add(time.Hour), LastUpdatedBy: "else@contoso.com",
	})[0]
	all := map[string]knownvalue.Check{
		"title": knownvalue.StringExact("Loader"), "description": knownvalue.StringExact("Made by hand."), "severity": knownvalue.StringExact("High"),
		"generate_alert": knownvalue.Bool(true), "application": knownvalue.Null(), "educate_url": knownvalue.Null(), "recommended_actions": knownvalue.Null(), "expiration_time": knownvalue.Null(),
		"rbac_group_names": knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("a"), knownvalue.StringExact("b")}),
		"created_by":       knownvalue.StringExact("soc@contoso.com"), "created_by_display_name": knownvalue.StringExact("SOC"), "created_by_source": knownvalue.StringExact("TVM"),
		"creation_time": knownvalue.StringExact(created.Format(time.RFC3339)), "last_update_time": knownvalue.StringExact(created.Add(time.Hour).Format(time.RFC3339)), "last_updated_by": knownvalue.StringExact("else@contoso.com"),
	}
	read(t, resource.TestStep{
		Config: n.data("mde_indicator", "id = "+id),
		ConfigStateChecks: append(shows("mde_indicator", all), shows("mde_indicator", map[string]knownvalue.Check{
			"indicator_value": knownvalue.StringExact(hash), "action": knownvalue.StringExact("AlertAndBlock"),
		})...),
	}, resource.TestStep{
		Config: n.data("mde_indicator", "indicator_type = \"FileSha256\"\nindicator_value = \""+sha256Hash+"\"\naction = \"BlockAndRemediate\""),
		ConfigStateChecks: append(shows("mde_indicator", all), shows("mde_indicator", map[string]knownvalue.Check{
			"id": knownvalue.StringExact(id), "indicator_value": knownvalue.StringExact(sha256Hash), "action": knownvalue.StringExact("BlockAndRemediate"),
		})...),
	})
}

// TestAccIndicatorData_justWritten reads records that the same apply has
// imported: the answer to an import has none of the service's stamps.
func TestAccIndicatorData_justWritten(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	read(t, resource.TestStep{
		Config: n.data("mde_indicator", "indicator_type = \"DomainName\"\nindicator_value = \"a.example\"\naction = \"Block\"\ndepends_on = [mde_indicator_set.test]") + `
resource "mde_indicator_set" "test" {
  action      = "Block"
  title       = "t"
  description = "d"
  indicators  = { "a.example" = "", "b.example" = "" }
}
`,
		ConfigStateChecks: shows("mde_indicator", map[string]knownvalue.Check{"created_by": knownvalue.NotNull(), "creation_time": knownvalue.NotNull()}),
	})
}

func TestAccIndicatorData_refuses(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		``:                           `Missing Attribute Configuration|Exactly one of these attributes`,
		`id = "4711"`:                `Could not read indicator .* "4711"`,
		`indicator_value = "a.b"`:    `Invalid Attribute Combination`,
		`id = ""`:                    `at least 1`,
		"id = 1\naction = \"Block\"": `Invalid Attribute Combination`,
		"indicator_type = \"DomainName\"\nindicator_value = \"evil.example\"\naction = \"Warn\"": `a record of the type DomainName with the action Warn`,
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, mdesim.Options{})
			n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "evil.example"})
			read(t, resource.TestStep{Config: n.data("mde_indicator", body), ExpectError: says(want)})
		})
	}
}

// assorted seeds one record for each thing that a filter tells apart and
// returns their ids by value.
func (n *tenant) assorted() map[string]string {
	soon := n.Sim.Now().Add(24 * time.Hour)
	records := []mdesim.Indicator{
		{IndicatorValue: "plain.example"},
		{IndicatorValue: "soon.example", Action: "Warn", Title: "INC-7: phishing", ExpirationTime: &soon},
		{IndicatorValue: "old.example", Action: "AlertAndBlock", Severity: "High"},
		{IndicatorValue: "https://feed.example/?a=1&b='2'#c", IndicatorType: "Url", Application: "feed & co's", CreatedBy: "11111111-0000-0000-0000-000000000000", CreatedBySource: "PublicApi", RBACGroupNames: []string{"Servers"}},
		{IndicatorValue: "Gambling", IndicatorType: "WebCategory", CreatedBySource: "Portal"},
	}
	ids := map[string]string{}
	for i, id := range n.Sim.SeedIndicators(records...) {
		ids[records[i].IndicatorValue] = id
	}
	return ids
}

func TestAccIndicatorsData_filters(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	ids := n.assorted()
	url := "https://feed.example/?a=1&b='2'#c"
	step := func(body string, values ...string) resource.TestStep {
		var want []knownvalue.Check
		records := map[string]knownvalue.Check{}
		for _, value := range values {
			want = append(want, knownvalue.StringExact(ids[value]))
			records[ids[value]] = knownvalue.ObjectPartial(map[string]knownvalue.Check{"indicator_value": knownvalue.StringExact(value), "id": knownvalue.StringExact(ids[value])})
		}
		return resource.TestStep{Config: n.data("mde_indicators", body), ConfigStateChecks: shows("mde_indicators", map[string]knownvalue.Check{
			"ids": knownvalue.ListExact(want), "indicators": knownvalue.MapExact(records),
		})}
	}
	read(t,
		resource.TestStep{Config: n.data("mde_indicators", `filter = "description eq 'x'"`), ExpectError: says("Could not list indicators .*description")},
		resource.TestStep{Config: n.data("mde_indicators", `action = "block"`), ExpectError: says("value must be one of")},
		resource.TestStep{Config: n.data("mde_indicators", `application = ""`), ExpectError: says("at least 1")},
		resource.TestStep{Config: n.data("mde_indicators", `expires_before = "tomorrow"`), ExpectError: says("RFC 3339")},
		step("", "plain.example", "soon.example", "old.example", url, "Gambling"),
		step(`indicator_type = "Url"`, url),
		step(`indicator_type = "WebCategory"`, "Gambling"),
		step(`action = "BlockAndRemediate"`, "old.example"),
		step(`severity = "High"`, "old.example"),
		step(`application = "feed & co's"`, url),
		step(`title_prefix = "INC-7"`, "soon.example"),
		step(`created_by = "11111111-0000-0000-0000-000000000000"`, url),
		step(`expires_before = "2200-01-01T00:00:00+01:00"`, "soon.example"),
		step(`filter = "rbacGroupNames/any(g: g eq 'Servers') or severity eq 'High'"`, "old.example", url),
		step("severity = \"High\"\nfilter = \"rbacGroupNames/any(g: g eq 'Servers') or severity eq 'High'\"", "old.example"),
		step(`title_prefix = "nothing"`),
	)
}

// TestAccIndicatorsData_pages reads more than a page, with and without links to
// the next one.
func TestAccIndicatorsData_pages(t *testing.T) {
	t.Parallel()
	const count, pages = 101, 3
	n := newTenant(t, mdesim.Options{PageSize: 40})
	records := make([]mdesim.Indicator, count)
	for i := range records {
		records[i].IndicatorValue = fmt.Sprintf("host-%d.example", i)
	}
	n.Sim.SeedIndicators(records...)
	read(t, resource.TestStep{
		Config: n.data("mde_indicators", "") + "output \"count\" {\n value = [length(data.mde_indicators.test.ids), length(data.mde_indicators.test.indicators)]\n}\n",
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("count", knownvalue.TupleExact([]knownvalue.Check{knownvalue.Int64Exact(count), knownvalue.Int64Exact(count)})),
			stateFunc(func() error {
				if got := n.Sim.Count(mdesim.OpListIndicators); got%pages != 0 {
					return fmt.Errorf("%d list calls for reads of %d pages", got, pages)
				}
				return nil
			}),
		},
	})
}
