package indicator_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// everyType has an indicator of each type, in the spellings that a service may
// normalise.
func everyType() string {
	var b strings.Builder
	one := func(name, indicatorType, value, action, more string) {
		b.WriteString(named(name, fmt.Sprintf("indicator_type = %q\nindicator_value = %q\naction = %q\ntitle = %q\ndescription = \"d\"\n%s", indicatorType, value, action, name, more)))
	}
	one("sha1", "FileSha1", strings.ToUpper(sha1Hash[:20])+sha1Hash[20:], "BlockAndRemediate", "generate_alert = true")
	one("sha256", "FileSha256", sha256Hash, "AlertAndBlock", "rbac_group_names = []\nrecommended_actions = \"\"")
	one("md5", "FileMd5", md5Hash, "Alert", "severity = \"\"\napplication = \"\"\nexpires_in = \"\"\neducate_url = \"\"")
	one("certificate", "CertificateThumbprint", sha1Hash, "Allowed", "generate_alert = false")
	one("ipv4", "IpAddress", "203.0.113.7", "Audit", "generate_alert = true")
	one("ipv6", "IpAddress", "2001:DB8::7", "Block", "expiration_time = \"2035-01-31T01:00:00+01:00\"")
	one("domain", "DomainName", "Evil.EXAMPLE", "Warn", "rbac_group_names = [\"b\", \"a\"]")
	one("url", "Url", "https://Evil.example/Path?q=1&r='x'#f", "Block", "educate_url = \"https://help.example\"\nrecommended_actions = \"call\"\napplication = \"test\"")
	return b.String()
}

func TestAccIndicator_everyTypeUnderEveryService(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]mdesim.Options{
		"recorded":         {},
		"hashes lowered":   {HashCase: mdesim.CaseLowered, DeleteStatus: 200, EmptyStrings: true},
		"hashes raised":    {HashCase: mdesim.CaseRaised, NoGetByID: true},
		"modern actions":   {ModerniseActions: true, PageSize: 3},
		"late list":        {VisibilityLag: 2 * time.Minute, PageSize: 3, NoNextLink: true},
		"own only":         {OwnIndicatorsOnly: true},
		"values respelled": {Respell: respell, ImportsAsStored: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, options)
			config := n.ProviderConfig() + everyType()
			n.run(nil,
				resource.TestStep{Config: config}, // The framework plans again after each step and wants nothing to do.
				resource.TestStep{
					PreConfig:         n.Sim.ResetJournal,
					Config:            config,
					ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
					ConfigStateChecks: []statecheck.StateCheck{n.calls(0, 0)},
				},
			)
		})
	}
}

func TestAccIndicator_lifecycle(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	stays, moves := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesDiffer())
	id := tfjsonpath.New("id")
	full := body("Block", "edited", `severity = "High"`, `application = "app"`, `expiration_time = "2035-01-31T00:00:00Z"`, `recommended_actions = "call"`, `generate_alert = true`, `rbac_group_names = ["a"]`)
	n.run(nil,
		resource.TestStep{
			Config: n.config(body("Block", "first", `application = "app"`)),
			ConfigPlanChecks: plans(plancheck.ResourceActionCreate, plancheck.ExpectUnknownValue(address, id),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("expired"), knownvalue.Bool(false)), plancheck.ExpectKnownValue(address, tfjsonpath.New("expiration_time"), knownvalue.Null())),
			ConfigStateChecks: []statecheck.StateCheck{
				stays.AddStateValue(address, id), n.only("evil.example Block first"), n.calls(1, 0),
				is("severity", knownvalue.StringExact("Informational")), is("generate_alert", knownvalue.Null()), is("expired", knownvalue.Bool(false)),
			},
		},
		resource.TestStep{ // An edited description moves nothing else.
			PreConfig: n.Sim.ResetJournal,
			Config: n.config(body("Block", "edited", `application = "app"`)) + `resource "terraform_data" "id" {
  input = mde_indicator.test.id
}
`,
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate, plancheck.ExpectKnownValue("terraform_data.id", tfjsonpath.New("input"), knownvalue.NotNull()),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("expired"), knownvalue.Bool(false))),
			ConfigStateChecks: []statecheck.StateCheck{stays.AddStateValue(address, id), n.only("evil.example Block edited"), n.calls(1, 0)},
		},
		resource.TestStep{
			PreConfig:         n.Sim.ResetJournal,
			Config:            n.config(full),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{stays.AddStateValue(address, id), n.calls(1, 0)},
		},
		resource.TestStep{ // What is removed is cleared.
			PreConfig:         n.Sim.ResetJournal,
			Config:            n.config(body("Block", "edited", `application = "app"`)),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, plancheck.ExpectKnownValue(address, tfjsonpath.New("expiration_time"), knownvalue.Null())),
			ConfigStateChecks: []statecheck.StateCheck{stays.AddStateValue(address, id), n.calls(1, 0), stateFunc(n.cleared)},
		},
		resource.TestStep{ // Another spelling is no call.
			PreConfig:         n.Sim.ResetJournal,
			Config:            n.config(strings.Replace(body("Block", "edited", `application = "app"`, `educate_url = ""`, `rbac_group_names = []`, `adopt_existing = true`, `timeouts = { create = "1d" }`), "evil", "EVIL", 1)),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{stays.AddStateValue(address, id), moves.AddStateValue(address, id), n.calls(0, 0), is("indicator_value", knownvalue.StringExact("EVIL.example"))},
		},
		resource.TestStep{
			PreConfig:         n.Sim.ResetJournal,
			Config:            n.config(strings.Replace(body("Block", "edited", `application = "app"`), "evil", "other", 1)),
			ConfigPlanChecks:  plans(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{moves.AddStateValue(address, id), n.calls(1, 1), n.only("other.example Block edited")},
		},
		resource.TestStep{
			Config:            n.config(strings.Replace(body("Block", "edited", `application = "new"`), "evil", "other", 1)),
			ConfigPlanChecks:  plans(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{is("application", knownvalue.StringExact("new")), n.only("other.example Block edited")},
		},
	)
}

// cleared checks that the only record has none of the optional settings.
func (n *tenant) cleared() error {
	i := n.Sim.Indicators()[0]
	if i.Severity != "Informational" || i.ExpirationTime != nil || i.RecommendedActions != "" || i.EducateURL != "" || i.GenerateAlert || len(i.RBACGroupNames) > 0 {
		return fmt.Errorf("the record keeps settings that are not configured: %+v", i)
	}
	return nil
}

func TestAccIndicator_unknownInputs(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	config := func(value, description string) string {
		return n.ProviderConfig() + fmt.Sprintf(`
resource "terraform_data" "input" {
  input = { type = "DomainName", value = %q, action = "Block", text = %q, expires = "2035-01-31T00:00:00Z", alert = true, groups = ["a"] }
}
resource "mde_indicator" "test" {
  indicator_type   = terraform_data.input.output.type
  indicator_value  = terraform_data.input.output.value
  action           = terraform_data.input.output.action
  title            = terraform_data.input.output.text
  description      = terraform_data.input.output.text
  expiration_time  = terraform_data.input.output.expires
  generate_alert   = terraform_data.input.output.alert
  rbac_group_names = terraform_data.input.output.groups
}
`, value, description)
	}
	n.run(nil,
		resource.TestStep{Config: config("evil.example", "first"), ConfigStateChecks: []statecheck.StateCheck{n.only("evil.example Block first")}},
		resource.TestStep{Config: config("other.example", "second"), ConfigStateChecks: []statecheck.StateCheck{n.only("other.example Block second")}},
	)
}

func TestAccIndicator_import(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	expires := time.Date(2035, 1, 31, 0, 0, 0, 0, time.UTC)
	id := n.Sim.SeedIndicators(mdesim.Indicator{
		IndicatorValue: "https://evil.example/x", IndicatorType: "Url", Action: "Block", Title: "Test", Description: "d", Severity: "Low", Application: "feed",
		ExpirationTime: &expires, RecommendedActions: "call", EducateURL: "https://help.example", GenerateAlert: true, RBACGroupNames: []string{"b", "a"},
	})[0]
	config := n.config(`
  indicator_type      = "Url"
  indicator_value     = "https://evil.example/x"
  action              = "Block"
  title               = "Test"
  description         = "d"
  severity            = "Low"
  application         = "feed"
  expiration_time     = "2035-01-31T00:00:00Z"
  recommended_actions = "call"
  educate_url         = "https://help.example"
  generate_alert      = true
  rbac_group_names    = ["a", "b"]`)
	n.run(nil,
		resource.TestStep{Config: config, ResourceName: address, ImportState: true, ImportStateId: id, ImportStatePersist: true},
		resource.TestStep{
			Config:            config,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{n.calls(0, 0)},
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true},
	)
}

func TestAccIndicator_importOfNothing(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	n.run(nil, resource.TestStep{
		Config: n.config(body("Block", "d")), ResourceName: address, ImportState: true, ImportStateId: "4711", ExpectError: says("Cannot import non-existent remote object"),
	})
}

func TestAccIndicator_drift(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	config := n.config(body("Block", "d", `severity = "High"`, `application = "app"`, `rbac_group_names = ["a"]`))
	steps := []resource.TestStep{{Config: config}}
	later := time.Date(2035, 1, 31, 0, 0, 0, 0, time.UTC)
	for attribute, edit := range map[string]func(*mdesim.Indicator){
		"title":               func(i *mdesim.Indicator) { i.Title = "portal" },
		"description":         func(i *mdesim.Indicator) { i.Description = "portal" },
		"severity":            func(i *mdesim.Indicator) { i.Severity = "Low" },
		"expiration_time":     func(i *mdesim.Indicator) { i.ExpirationTime = &later },
		"recommended_actions": func(i *mdesim.Indicator) { i.RecommendedActions = "portal" },
		"generate_alert":      func(i *mdesim.Indicator) { i.GenerateAlert = true },
		"rbac_group_names":    func(i *mdesim.Indicator) { i.RBACGroupNames = []string{"a", "portal"} },
		"action":              func(i *mdesim.Indicator) { i.Action = "Warn" },
	} {
		steps = append(steps, resource.TestStep{
			PreConfig:         func() { n.Sim.EditIndicator(n.Sim.Indicators()[0].ID, edit); n.Sim.ResetJournal() },
			Config:            config,
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{n.only("evil.example Block d"), stateFunc(func() error { return n.mended(attribute) })},
		})
	}
	n.run(nil, steps...)
}

// mended checks that the only record is as configured again.
func (n *tenant) mended(attribute string) error {
	i := n.Sim.Indicators()[0]
	if i.Title != "Test" || i.Severity != "High" || i.ExpirationTime != nil || i.RecommendedActions != "" || i.GenerateAlert || strings.Join(i.RBACGroupNames, ",") != "a" {
		return fmt.Errorf("after drift of %s the record is %+v", attribute, i)
	}
	return nil
}

func TestAccIndicator_removedBehindOurBack(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	config := n.config(body("Block", "d"))
	remove := func() { n.Sim.RemoveIndicator(n.Sim.Indicators()[0].ID) }
	n.run(nil,
		resource.TestStep{Config: config},
		resource.TestStep{PreConfig: remove, Config: config, ConfigPlanChecks: plans(plancheck.ResourceActionCreate), ConfigStateChecks: []statecheck.StateCheck{n.only("evil.example Block d")}},
		resource.TestStep{ // Made again in the portal: the record is ours by its key.
			PreConfig: func() {
				remove()
				n.Sim.SeedIndicators(mdesim.Indicator{ID: "900", IndicatorValue: "evil.example", Title: "Test", Description: "portal"})
			},
			Config:            config,
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{is("id", knownvalue.StringExact("900")), n.only("evil.example Block d")},
		},
	)
}

func TestAccIndicator_everyFieldReachesTheServer(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	n.run(nil, resource.TestStep{
		Config: n.config(`
  indicator_type  = "IpAddress"
  indicator_value = "2001:db8::7"
  action          = "Audit"
  title           = "Test"
  description     = "d"
  expiration_time = "2035-01-31T01:00:00.5+01:00"`),
		ConfigStateChecks: []statecheck.StateCheck{stateFunc(func() error {
			for _, call := range n.Sim.Journal() {
				if call.Op != mdesim.OpSubmitIndicator {
					continue
				}
				var sent map[string]any
				if err := json.Unmarshal(call.Body, &sent); err != nil {
					return err
				}
				want := map[string]any{"indicatorValue": "2001:0db8:0000:0000:0000:0000:0000:0007", "generateAlert": true, "severity": "Informational", "expirationTime": "2035-01-31T00:00:00Z"}
				for field, value := range want {
					if sent[field] != value {
						return fmt.Errorf("%s was sent as %v instead of %v", field, sent[field], value)
					}
				}
				return nil
			}
			return fmt.Errorf("nothing was submitted")
		})},
	})
}
