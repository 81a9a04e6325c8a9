package provider_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestAccGuideIOCs applies the configuration of the guide as one, with its own
// CSV.
func TestAccGuideIOCs(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../templates/guides/iocs-from-csv-and-stix.md")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, block := range regexp.MustCompile("(?s)```(csv|terraform)\n(.*?)```").FindAllStringSubmatch(string(guide), -1) {
		files[block[1]] += block[2] + "\n"
	}
	env, w := tenantForExamples(t)
	w.Use(env)
	bundle := read(t, "../../examples/functions/indicators_from_stix/bundle.json")
	w.Write("bundle.json", strings.NewReplacer("login.", "stix.", "203.0.113.7", "203.0.113.8").Replace(bundle))
	w.Write("report.txt", "hxxps://report[.]example/doc\n\nREPORT[.]example\n")
	w.Write("indicators.csv", files["csv"])
	w.Write("main.tf", strings.TrimSpace(files["terraform"])+"\n")
	w.Init()
	w.Run("fmt", "-check", "-diff")
	if out := w.Apply(); !strings.Contains(out, "Row 4: ") {
		t.Errorf("the check does not tell of the skipped row:\n%s", out)
	}
	var got []string
	for _, record := range env.Sim.Indicators() {
		got = append(got, record.IndicatorValue)
	}
	if len(got) != 6 {
		t.Errorf("the tenant holds %q", got)
	}
	if named := `mde_indicator_set.feed["Block/High/2099-12-31/Payroll phishing/alert"]`; !strings.Contains(w.Run("state", "list"), named) || !strings.Contains(string(guide), named) {
		t.Errorf("no resource is called %s, as the guide has it", named)
	}
	w.Plan("-detailed-exitcode")
	w.Destroy()
	checkEmpty(t, env.Sim)
}
