package indicator_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

const handMadeRecords = 150

// handMade seeds indicators as years of work by hand leave them: all types and
// actions, old names, hashes and hosts in any letter case, portal-made records,
// and settings that are there or not.
func (n *tenant) handMade() {
	n.t.Helper()
	actions := []string{"Allowed", "Audit", "Warn", "Block", "BlockAndRemediate", "Alert", "AlertAndBlock"}
	records := make([]mdesim.Indicator, handMadeRecords)
	for i := range records {
		indicatorType, value := handMadeValue(i)
		r := mdesim.Indicator{IndicatorType: indicatorType, IndicatorValue: value, Action: actions[i/7%7], CreatedBySource: []string{"Portal", "PublicApi", "TVM"}[i%3]}
		if indicatorType == "CertificateThumbprint" {
			r.Action = []string{"Allowed", "BlockAndRemediate", "AlertAndBlock"}[i%3]
		}
		r.GenerateAlert = i%5 == 0
		r.Severity = []string{"", "Low", "Medium", "High"}[i%4]
		if i%2 == 0 {
			r.Title, r.Description = fmt.Sprintf("INC-%d: ${not} \"template\" %%{if}", i), "First line,\nsecond line with ümlauts."
		}
		if i%3 == 0 {
			r.Application, r.RBACGroupNames = "feed & co's", []string{"Servers", "Clients"}
		}
		if i%4 == 0 {
			expires := n.Sim.Now().Add(time.Duration(i+48) * time.Hour)
			r.ExpirationTime, r.RecommendedActions = &expires, "Isolate the device."
		}
		if indicatorType == "Url" && r.Action == "Warn" {
			r.EducateURL = "https://intranet.contoso.com/help?a=1&b=2"
		}
		records[i] = r
	}
	ids := n.Sim.SeedIndicators(records...)
	n.Sim.EditIndicator(ids[1], func(i *mdesim.Indicator) { i.Title, i.Description = "", "" })
	n.Sim.SeedIndicators(mdesim.Indicator{IndicatorType: "WebCategory", IndicatorValue: "Gambling"})
}

func handMadeValue(i int) (indicatorType, value string) {
	digits := func(n int) string {
		hash := fmt.Sprintf("%0*x", n, 0xabcdef00+i)
		return []string{hash, strings.ToUpper(hash), hash[:n-2] + strings.ToUpper(hash[n-2:])}[i/7%3]
	}
	switch i % 7 {
	case 0:
		return "FileSha1", digits(40)
	case 1:
		return "FileSha256", digits(64)
	case 2:
		return "FileMd5", digits(32)
	case 3:
		return "CertificateThumbprint", digits(40)
	case 4:
		return "IpAddress", []string{fmt.Sprintf("203.0.113.%d", i/7), fmt.Sprintf("2001:db8::%x", i), fmt.Sprintf("2001:0DB8:0000:0000:0000:0000:0001:%04X", i)}[i/7%3]
	case 5:
		return "DomainName", fmt.Sprintf("Host-%d.Example", i)
	}
	return "Url", []string{fmt.Sprintf("https://Files.Example/%d/A b?c='d'&e#f", i), fmt.Sprintf("http://%d.example/", i)}[i/7%2]
}

// guide returns the blocks of configuration of the guide, in their order.
func guide(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../templates/guides/adopting-an-existing-tenant.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, block := range regexp.MustCompile("(?s)```terraform\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, block[1])
	}
	return blocks
}

// adopter is a workspace at the tenant.
func (n *tenant) adopter() *acctest.Folder {
	n.t.Helper()
	w := acctest.Workspace(n.t)
	w.Use(n.Env)
	w.Write("provider.tf", "provider \"mde\" {\n  rate_limits = {\n    requests_per_minute = 1000000\n    requests_per_hour   = 1000000\n  }\n}\n")
	w.Init()
	return w
}

// imports applies a plan that imports everything and changes nothing, and plans
// again.
func (n *tenant) imports(w *acctest.Folder, args ...string) {
	n.t.Helper()
	before := n.Sim.Indicators()
	want := fmt.Sprintf("Plan: %d to import, 0 to add, 0 to change, 0 to destroy.", handMadeRecords)
	if plan := w.Plan(args...); !strings.Contains(plan, want) {
		n.t.Fatalf("the plan does not say %q:\n%s", want, plan)
	}
	w.Apply()
	w.Plan("-detailed-exitcode")
	if writes := n.Sim.Count(mdesim.OpSubmitIndicator, mdesim.OpImportIndicators, mdesim.OpDeleteIndicator, mdesim.OpBatchDeleteIndicators); writes != 0 || len(n.Sim.Indicators()) != len(before) {
		n.t.Errorf("%d writes reached the service", writes)
	}
}

// TestAccAdopt_generated follows the guide's way by generated configuration.
func TestAccAdopt_generated(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]mdesim.Options{"as recorded": {}, "empty texts": {EmptyStrings: true, ModerniseActions: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, options)
			n.handMade()
			w := n.adopter()
			w.Write("main.tf", guide(t)[0])
			w.Apply()
			w.Write("imports.tf", w.Run("output", "-raw", "import_blocks"))
			n.imports(w, "-generate-config-out=adopted.tf")
			generated, err := os.ReadFile(w.Path("adopted.tf"))
			if err != nil {
				t.Fatal(err)
			}
			if empty := regexp.MustCompile(`(?m)^ +(\w+) += ""$`).FindAllStringSubmatch(string(generated), -1); len(empty) != 2 {
				t.Errorf("absent values are written as empty ones: %v", empty)
			}
		})
	}
}

// TestAccAdopt_forEach follows the guide's way by a file of data.
func TestAccAdopt_forEach(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	n.handMade()
	w := n.adopter()
	w.Write("main.tf", guide(t)[1])
	w.Apply()
	w.Write("indicators.json", w.Run("output", "-json", "indicators"))
	w.Write("main.tf", guide(t)[2])
	n.imports(w)
}
