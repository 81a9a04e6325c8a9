package indicator_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// fromGroups makes a set of each group, with every setting that groups have.
const fromGroups = `
resource "mde_indicator_set" "feed" {
  for_each = local.feed.groups

  indicator_type      = each.value.indicator_type
  action              = each.value.action
  title               = each.value.title
  description         = each.value.description
  severity            = each.value.severity
  application         = each.value.application
  expiration_time     = each.value.expiration_time
  expires_in          = each.value.expires_in
  renew_before        = each.value.renew_before
  recommended_actions = each.value.recommended_actions
  educate_url         = each.value.educate_url
  generate_alert      = each.value.generate_alert
  rbac_group_names    = each.value.rbac_group_names
  adopt_existing      = each.value.adopt_existing
  indicators          = each.value.indicators
}
`

func output(expression string) string {
	return fmt.Sprintf("output \"test\" {\n  value = %s\n}\n", expression)
}

func TestAccFunction_values(t *testing.T) {
	t.Parallel()
	gives := func(expression string, want knownvalue.Check) resource.TestStep {
		return resource.TestStep{Config: output(expression), ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("test", want)}}
	}
	fails := func(expression, want string) resource.TestStep {
		return resource.TestStep{Config: output(expression), ExpectError: regexp.MustCompile(want)}
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Factories(), Steps: []resource.TestStep{
		gives(`provider::mde::indicator_type("203.0.113.7")`, knownvalue.StringExact("IpAddress")),
		gives(`provider::mde::normalize_indicator("EVIL.example")`, knownvalue.StringExact("evil.example")),
		gives(`provider::mde::normalize_indicators(toset(["EVIL.example", "evil.example"]))`, knownvalue.MapExact(map[string]knownvalue.Check{"evil.example": knownvalue.StringExact("")})),
		gives(`provider::mde::refang("hxxps://evil[.]example")`, knownvalue.StringExact("https://evil.example")),
		gives(`provider::mde::indicators_from_csv("IndicatorValue,Action,Title\n", {})`, knownvalue.ObjectExact(map[string]knownvalue.Check{
			"groups": knownvalue.MapExact(nil), "skipped": knownvalue.ListExact(nil),
		})),
		fails(`provider::mde::indicator_type("10.0.0.0/8")`, `(?s)range\s+in\s+CIDR`),
		fails(`provider::mde::indicator_type(null)`, `null`),
		fails(`provider::mde::normalize_indicators(["evil.example", null])`, `Element\s+1`),
		fails(`provider::mde::indicators_from_csv("IndicatorValue,Action,Title\na.example,Blok,T\n", {})`, `(?s)Row\s+2,\s+column\s+Action`),
		fails(`provider::mde::indicators_from_csv("IndicatorValue\n", { acton = "Block" })`, `(?s)"acton"\s+is\s+not\s+a\s+shared\s+setting`),
		fails(`provider::mde::indicators_from_stix("{}", {})`, `(?s)no\s+STIX\s+bundle`),
	}})
}

// TestAccFunction_unknown leaves the result unknown while an argument is.
func TestAccFunction_unknown(t *testing.T) {
	t.Parallel()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Factories(), Steps: []resource.TestStep{{
		Config: `
resource "terraform_data" "action" {
  input = "Block"
}
` + output(`keys(provider::mde::indicators_from_csv("IndicatorValue,Title\na.example,T\n", { action = terraform_data.action.output, expires_in = null }).groups)`),
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("test", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("Block/Informational/never/T")}))},
	}}})
}

// applied writes the feed and what is made of it, and checks that the tenant
// gets it all and that a second plan is empty.
func applied(t *testing.T, call, name, content string, count int) *tenant {
	t.Helper()
	n, f := newTenant(t, mdesim.Options{}), acctest.Workspace(t)
	f.Use(n.Env)
	f.Write(name, content)
	f.Write("main.tf", "locals {\n  feed = "+call+"\n}\n"+fromGroups)
	f.Init()
	f.Apply()
	if got := len(n.Sim.Indicators()); got != count {
		t.Errorf("the tenant holds %d records instead of %d", got, count)
	}
	f.Plan("-detailed-exitcode")
	return n
}

func TestAccFunction_csv(t *testing.T) {
	t.Parallel()
	const rows = 1_500
	var b strings.Builder
	b.WriteString("\ufeffIndicatorType,IndicatorValue,ExpirationTime,Action,Severity,Title,Description,RecommendedActions,RbacGroups,Category,MitreTechniques,GenerateAlert\r\n")
	for i := range rows {
		fmt.Fprintf(&b, "DomainName,HOST%d.evil.example,2099-12-%02dT00:00:00.0Z,Block,High,Feed,\"Wave %d,\nsecond line\",,,Malware,T1566,TRUE\r\n", i, 10+i%3, i)
	}
	n := applied(t, `provider::mde::indicators_from_csv(file("${path.module}/feed.csv"), { application = "feed" })`, "feed.csv", b.String(), rows)
	for _, record := range n.Sim.Indicators()[:1] {
		if record.Application != "feed" || record.Severity != "High" || !strings.HasSuffix(record.Description, ",\nsecond line") || !strings.HasPrefix(record.IndicatorValue, "host") {
			t.Errorf("the tenant holds %+v", record)
		}
	}
}

func TestAccFunction_stixBundle(t *testing.T) {
	t.Parallel()
	const objects = 300
	all := make([]string, objects)
	for i := range all {
		all[i] = fmt.Sprintf(`{"type":"indicator","id":"indicator--%d","name":"Host %d","pattern":"[domain-name:value = 'h%d.example' OR file:hashes.'SHA-256' = '%064x']","pattern_type":"stix","valid_until":"2099-12-31T00:00:00.000Z"}`, i, i, i, i)
	}
	applied(t, `provider::mde::indicators_from_stix(file("${path.module}/bundle.json"), { action = "BlockAndRemediate", severity = "High", title = "Campaign" })`,
		"bundle.json", `{"type":"bundle","id":"bundle--1","objects":[`+strings.Join(all, ",\n")+`]}`, 2*objects)
}

// TestAccFunction_everySetting applies groups of every kind: what a function
// gives, the set takes.
func TestAccFunction_everySetting(t *testing.T) {
	t.Parallel()
	n := applied(t, `provider::mde::indicators_from_csv(file("${path.module}/feed.csv"), {
    expires_in   = "30d"
    renew_before = "7d"
    educate_url  = "https://help.example/blocked"
  })`, "feed.csv", `IndicatorType;IndicatorValue;Action;Severity;Title;Description;RecommendedActions;RbacGroups;GenerateAlert
CertificateThumbprint;`+sha1Hash+`;Allow;;Ours;;;;
FileSha1;`+sha1Hash+`;AlertAndBlock;High;T;Dropper;Isolate;SOC, Servers;
IpAddress;2001:db8::7;Audit;Low;T;;;;
DomainName;evil.example;Block;Low;T;;;;
Url;https://evil.example/A;Block;Low;T;;;;
`, 5)
	for _, record := range n.Sim.Indicators() {
		if record.ExpirationTime == nil {
			t.Errorf("%s never expires", record.IndicatorValue)
		}
	}
}
