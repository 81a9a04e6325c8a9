package indicator_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// many is that many indicators by count.
func many(count int) string {
	return fmt.Sprintf(`
resource "mde_indicator" "many" {
  count           = %d
  indicator_type  = "DomainName"
  indicator_value = "${count.index}.evil.example"
  action          = "Block"
  title           = "Test"
  description     = "d"
}
`, count)
}

func TestAccIndicator_manyUnderTheDocumentedQuotas(t *testing.T) {
	t.Parallel()
	const count = 100
	f := acctest.Workspace(t)
	n := newTenant(t, mdesim.Options{Quotas: mdesim.DocumentedQuotas()})
	f.Use(n.Env)
	f.Write("main.tf", many(count))
	f.Init()
	f.Apply()
	if got := len(n.Sim.Indicators()); got != count {
		t.Errorf("the tenant holds %d records instead of %d", got, count)
	}
	if writes := n.Sim.Count(mdesim.OpSubmitIndicator, mdesim.OpImportIndicators); writes > count/10+3 {
		t.Errorf("%d indicators, ten at a time, took %d writes", count, writes)
	}
	n.Sim.ResetJournal()
	f.Plan("-detailed-exitcode")
	if reads := n.Sim.Count(mdesim.OpListIndicators, mdesim.OpGetIndicator); reads > 2 {
		t.Errorf("a refresh of %d indicators took %d reads", count, reads)
	}
	f.Destroy()
	if err := n.holds(); err != nil {
		t.Error(err)
	}
	for _, call := range n.Sim.Journal() {
		if call.Status == 429 {
			t.Errorf("%s %s was throttled", call.Method, call.Path)
		}
	}
}

func TestAccIndicator_throttled(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]string{"with Retry-After": "1", "without Retry-After": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, mdesim.Options{})
			for _, op := range []mdesim.Op{mdesim.OpSubmitIndicator, mdesim.OpDeleteIndicator, mdesim.OpListIndicators} {
				n.Sim.AddFault(mdesim.Fault{Op: op, Status: 429, Code: "TooManyRequests", Message: "slow down", RetryAfter: after})
			}
			n.run(nil, resource.TestStep{Config: n.config(body("Block", "d")), ConfigStateChecks: []statecheck.StateCheck{n.only("evil.example Block d")}})
		})
	}
}

func TestAccIndicator_lostAnswers(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]mdesim.Fault{
		"cut after the effect": {Op: mdesim.OpSubmitIndicator, Cut: mdesim.CutAfterEffect},
		"half an answer":       {Op: mdesim.OpSubmitIndicator, Cut: mdesim.CutBody},
		"a gateway's page":     {Op: mdesim.OpSubmitIndicator, Status: 502, Body: "<html>bad gateway</html>", AfterEffect: true},
		"cut before":           {Op: mdesim.OpSubmitIndicator, Cut: mdesim.CutBeforeEffect},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, mdesim.Options{})
			n.Sim.AddFault(fault)
			n.run(nil, resource.TestStep{Config: n.config(body("Block", "d")), ConfigStateChecks: []statecheck.StateCheck{n.only("evil.example Block d")}})
		})
	}
}

func TestAccIndicator_errorsNameWhatToDo(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	refuse := func(op mdesim.Op) func() {
		return func() {
			n.Sim.AddFault(mdesim.Fault{Op: op, Status: 403, Code: "Forbidden", Message: "no permission"})
		}
	}
	config := n.config(body("Block", "d"))
	n.run(nil,
		resource.TestStep{PreConfig: refuse(mdesim.OpListIndicators), Config: config, ExpectError: says("Could not look for indicator.*no permission.*Ti.ReadWrite.All or Ti.ReadWrite")},
		resource.TestStep{PreConfig: refuse(mdesim.OpSubmitIndicator), Config: config, ExpectError: says("Could not write indicator.*evil.example.*no permission.*Ti.ReadWrite.All")},
		resource.TestStep{Config: config},
		resource.TestStep{PreConfig: refuse(mdesim.OpListIndicators), Config: config, ExpectError: says("Could not read indicator.*no permission")},
		resource.TestStep{PreConfig: refuse(mdesim.OpDeleteIndicator), Config: n.ProviderConfig(), ExpectError: says("Could not delete indicator.*no permission")},
	)
}

func TestAccIndicator_badInput(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	one := func(indicatorType, value, more string) string {
		return n.config(fmt.Sprintf("indicator_type = %q\nindicator_value = %q\ntitle = \"t\"\ndescription = \"d\"\n%s", indicatorType, value, more))
	}
	var steps []resource.TestStep
	for config, words := range map[string]string{
		one("FileSha1", sha1Hash[1:], `action = "Block"`):                                                   "Invalid indicator value.*40 hexadecimal digits, but .* has 39",
		one("IpAddress", "10.0.0.0/8", `action = "Block"`):                                                  "single addresses only",
		one("DomainName", "*.evil.example", `action = "Block"`):                                             "wildcard",
		one("Url", "evil.example", `action = "Block"`):                                                      "scheme and a host",
		one("DomainName", "evil.example", "action = \"Audit\"\ngenerate_alert = false"):                     "Action without its alert.*true or leave it out",
		one("DomainName", "evil.example", "action = \"Block\"\neducate_url = \"https://help.example\""):     "No effect",
		one("DomainName", "evil.example", "action = \"Block\"\nexpiration_time = \"2020-01-31T00:00:00Z\""): "Expiry in the past",
		one("DomainName", "evil.example", "action = \"Block\"\nexpiration_time = \"tomorrow\""):             "Invalid time.*RFC 3339",
		one("DomainName", "evil.example", `action = "Allow"`):                                               "Allowed.*Audit.*BlockAndRemediate",
		one("Domain", "evil.example", `action = "Block"`):                                                   "FileSha1.*DomainName",
		one("DomainName", "evil.example", "action = \"Block\"\nseverity = \"Critical\""):                    "Informational.*High",
	} {
		steps = append(steps, resource.TestStep{Config: config, PlanOnly: true, ExpectError: says(words)})
	}
	n.run(nil, steps...)
	if reads := n.Sim.Count(mdesim.OpListIndicators); reads != 0 {
		t.Errorf("refused configurations made %d calls", reads)
	}
}
