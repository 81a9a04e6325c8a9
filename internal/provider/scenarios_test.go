package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// scenarios are the stories of examples/scenarios, by folder.
var scenarios = map[string]func(*testing.T, *scenario){
	"campaign":          campaign,
	"csv-feed":          csvFeed,
	"csv-feed-plain":    csvFeedPlain,
	"fleet-collection":  fleetCollection,
	"ir-library":        irLibrary,
	"module-with-tests": moduleWithTests,
	"several-tenants":   severalTenants,
}

// TestAccScenarios applies each scenario as its users do, looks at what the
// tenant then holds, plans it again and destroys it.
func TestAccScenarios(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("../../examples/scenarios/*")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, dir := range dirs {
		name := filepath.Base(dir)
		found = append(found, name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tell := scenarios[name]
			if tell == nil {
				t.Fatal("no test applies this scenario")
			}
			env := acctest.Tenant(t, mdesim.Options{})
			tell(t, &scenario{Folder: scenarioFolder(t, env, dir), t: t, dir: dir, env: env})
		})
	}
	if want := keys(scenarios); !slices.Equal(found, want) {
		t.Errorf("examples/scenarios holds %q, and the tests are for %q", found, want)
	}
}

// TestScenarios_areDocumented looks for what a reader expects of a scenario: its
// permissions, how to try it, and what each variable and output is.
func TestScenarios_areDocumented(t *testing.T) {
	t.Parallel()
	readme := read(t, "../../README.md")
	for name := range scenarios {
		dir := filepath.Join("../../examples/scenarios", name)
		page := read(t, filepath.Join(dir, "README.md"))
		sections := sectionsOf(page)
		if len(sections["## Permissions"]) < 10 || !strings.Contains(sections["## On a simulated tenant"], "make sim") {
			t.Errorf("%s: the README lacks the permissions, or how to run it with make sim", name)
		}
		if !strings.Contains(readme, "(examples/scenarios/"+name+")") {
			t.Errorf("the README of the project does not link %s", name)
		}
		for file, text := range filesBelow(t, dir, ".tf") {
			for block := range strings.SplitSeq(text, "\n}\n") {
				block = strings.TrimSpace(block)
				if (strings.HasPrefix(block, "variable ") || strings.HasPrefix(block, "output ")) && !strings.Contains(block, "\n  description ") {
					t.Errorf("%s: no description of %s", file, strings.SplitN(block, "\n", 2)[0])
				}
			}
			if strings.HasSuffix(file, "/terraform.tf") && !strings.Contains(text, "version = ") {
				t.Errorf("%s does not pin the provider", file)
			}
		}
	}
}

// scenario is a folder of examples/scenarios at work on a tenant.
type scenario struct {
	*acctest.Folder

	t   *testing.T
	dir string
	env *acctest.Env
}

// scenarioFolder is a copy of a folder that declares the provider itself.
func scenarioFolder(t *testing.T, env *acctest.Env, dir string) *acctest.Folder {
	t.Helper()
	w := acctest.Workspace(t)
	w.Use(env)
	if err := os.Remove(w.Path("terraform.tf")); err != nil {
		t.Fatal(err)
	}
	w.Copy(dir)
	return w
}

// up applies the scenario and plans it again, which must find nothing to do.
func (s *scenario) up() string {
	s.t.Helper()
	s.Init()
	s.Run("validate")
	s.Run("fmt", "-check", "-diff", "-recursive")
	return s.again()
}

// again applies what has changed since.
func (s *scenario) again(args ...string) string {
	s.t.Helper()
	out := s.Apply(args...)
	s.Plan(append(args, "-detailed-exitcode")...)
	return out
}

// down destroys the scenario, which must leave nothing in the tenant.
func (s *scenario) down(args ...string) {
	s.t.Helper()
	s.Destroy(args...)
	checkEmpty(s.t, s.env.Sim)
}

// output reads an output value.
func (s *scenario) output(name string, into any) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(s.Run("output", "-json", name)), into); err != nil {
		s.t.Fatal(err)
	}
}

// seed adds the content of a file to the tenant, as curl does in the README.
func (s *scenario) seed(name string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.env.Sim.URL()+"/sim/seed", strings.NewReader(s.Read(name)))
	if err != nil {
		s.t.Fatal(err)
	}
	response, err := s.env.Sim.Transport().RoundTrip(request)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusNoContent {
		s.t.Fatalf("seeding the tenant: %s, %v", response.Status, err)
	}
}

// records are the indicators of the tenant by value.
func (s *scenario) records() map[string]mdesim.Indicator {
	return recordsOf(s.env)
}

func recordsOf(env *acctest.Env) map[string]mdesim.Indicator {
	records := map[string]mdesim.Indicator{}
	for _, record := range env.Sim.Indicators() {
		records[record.IndicatorValue] = record
	}
	return records
}

func irLibrary(t *testing.T, s *scenario) {
	s.up()
	library := map[string]string{}
	s.output("library", &library)
	for _, file := range s.env.Sim.LibraryFiles() {
		if library[file.FileName] != file.SHA256 || file.Description == "" {
			t.Errorf("%s has the hash %s and the description %q", file.FileName, file.SHA256, file.Description)
		}
	}
	if len(library) != 3 || len(s.env.Sim.LibraryFiles()) != 3 {
		t.Errorf("the library holds %v", library)
	}

	pinned := "library/windows/Collect-Triage.ps1"
	reviewed := s.Read(pinned)
	s.Write(pinned, strings.ReplaceAll(reviewed, "\n", "\r\n"))
	s.Plan("-detailed-exitcode") // What a checkout on Windows does is no change.
	s.Write(pinned, reviewed+"\n# One more line.\n")
	if out := s.RunError("plan", "-no-color"); !strings.Contains(out, "Collect-Triage.ps1 is pinned in") {
		t.Errorf("the plan takes a changed script that is pinned:\n%s", out)
	}
	s.Write(pinned, reviewed)
	s.Write("library/linux/nameless.sh", "#!/bin/sh\n")
	if out := s.RunError("plan", "-no-color"); !strings.Contains(out, "Describe nameless.sh in") {
		t.Errorf("the plan takes a script that nobody has described:\n%s", out)
	}
	if err := os.Remove(s.Path("library/linux/nameless.sh")); err != nil {
		t.Fatal(err)
	}
	s.down()
}

func csvFeed(t *testing.T, s *scenario) {
	if out := s.up(); !strings.Contains(out, "Row 7 of feed.csv: ") {
		t.Errorf("the check does not name the row that was skipped:\n%s", out)
	}
	if got := len(s.records()); got != 4 {
		t.Errorf("the tenant holds %d records instead of the 4 that are neither a range nor expired", got)
	}

	rows := s.Read("feed.csv")
	header, _, _ := strings.Cut(rows, "\n")
	for n := range 600 {
		rows += fmt.Sprintf("IpAddress,203.0.%d.%d,2099-12-31T00:00:00Z,Block,High,Payroll phishing,,Isolate the device,,,,TRUE\n", 114+n/250, n%250)
	}
	s.Write("feed.csv", rows)
	s.again()
	if got, imports := len(s.records()), s.env.Sim.Count(mdesim.OpImportIndicators); got != 604 || imports > 6 {
		t.Errorf("the tenant holds %d records of the long feed, after %d imports", got, imports)
	}

	s.Write("feed.csv", header+"\n")
	if out := s.RunError("plan", "-no-color"); !strings.Contains(out, "max_indicator_deletions") {
		t.Errorf("the plan takes an empty feed:\n%s", out)
	}
	s.Write("feed.csv", rows+"DomainName,www.contoso.com,,Block,High,Mistake,,,,,,TRUE\n")
	if out := s.RunError("plan", "-no-color"); !strings.Contains(out, "protected_values") {
		t.Errorf("the plan blocks what is protected:\n%s", out)
	}
	s.Write("feed.csv", rows)
	s.down("-var", "max_indicator_deletions=15000")
}

func csvFeedPlain(t *testing.T, s *scenario) {
	s.up()
	s.again("-var", "action=BlockAndRemediate")
	for value, record := range s.records() {
		if record.Action != "BlockAndRemediate" {
			t.Errorf("%s still has the action %s", value, record.Action)
		}
	}
	s.again()

	rows := s.Read("feed.csv")
	for n := range 600 {
		rows += fmt.Sprintf("%064X,qakbot\n%064x,trickbot\n", n, n)
	}
	s.Write("feed.csv", rows)
	before := s.env.Sim.Count(mdesim.OpImportIndicators)
	s.again()
	var indicators int
	s.output("indicators", &indicators)
	records := s.records()
	if note := records[fmt.Sprintf("%064x", 1)].Description; indicators != 605 || len(records) != 605 || note != "qakbot, trickbot" {
		t.Errorf("the state holds %d hashes, the tenant %d, one of them with the note %q", indicators, len(records), note)
	}
	if imports := s.env.Sim.Count(mdesim.OpImportIndicators) - before; imports > 2 {
		t.Errorf("%d imports for 600 hashes", imports)
	}
	s.down("-var", "max_indicator_deletions=15000")
}

func campaign(t *testing.T, s *scenario) {
	s.Init()
	if out := s.RunError("plan", "-no-color", "-var", `protected_values=["contoso-payroll.example"]`); !strings.Contains(out, "login.contoso-payroll.example") {
		t.Errorf("the plan blocks what is protected:\n%s", out)
	}
	s.up()
	records := s.records()
	if len(records) != 7 {
		t.Errorf("the tenant holds %d records", len(records))
	}
	for value, record := range records {
		if record.ExpirationTime == nil || time.Until(*record.ExpirationTime) > 91*24*time.Hour || record.Application != "INC-1042" {
			t.Errorf("%s of %q ends at %v", value, record.Application, record.ExpirationTime)
		}
	}

	s.again("-var", "active=false")
	for value, record := range s.records() {
		if !record.ExpirationTime.Equal(*records[value].ExpirationTime) {
			t.Errorf("%s ends at %v since the campaign is over, and at %v before", value, record.ExpirationTime, records[value].ExpirationTime)
		}
	}
	s.down()
}

func fleetCollection(t *testing.T, s *scenario) {
	s.seed("seed.json")
	inventory := scenarioFolder(t, s.env, filepath.Join(s.dir, "inventory"))
	inventory.Init()
	inventory.Apply()
	if listed, reviewed := inventory.Run("output", "-raw", "fleet"), s.Read("fleet.json"); listed != reviewed {
		t.Errorf("the inventory lists %s, and fleet.json has %s", listed, reviewed)
	}

	if out := s.up(); !strings.Contains(out, "Failed on fin-03.contoso.com") {
		t.Errorf("the check does not name the device that failed:\n%s", out)
	}
	var failed []string
	s.output("failed", &failed)
	evidence, err := filepath.Glob(s.Path("evidence/*.zip"))
	if err != nil || len(evidence) != 2 || !slices.Equal(failed, []string{"fin-03.contoso.com"}) {
		t.Errorf("evidence %q of all but %q (%v)", evidence, failed, err)
	}

	s.env.Sim.SeedMachines(mdesim.Machine{ID: strings.Repeat("d", 40), ComputerDNSName: "fin-04.contoso.com", HealthStatus: "Active", MachineTags: []string{"finance"}})
	if out := s.again(); !strings.Contains(out, "fleet.json: fin-04.contoso.com") {
		t.Errorf("the check does not name the device that was tagged later:\n%s", out)
	}
	if runs := s.env.Sim.Count(mdesim.OpRunLiveResponse); runs != 3 {
		t.Errorf("%d runs on 3 reviewed devices", runs)
	}
	s.down()
}

func severalTenants(t *testing.T, s *scenario) {
	fabrikam := acctest.Tenant(t, mdesim.Options{TenantID: "fab51ca0-0000-4000-8000-7e4a470e4a47", CA: s.env.Sim.CABundlePEM()})
	s.SignIn(s.env)
	s.Setenv("MDE_ACCESS_TOKEN", "")
	s.Setenv("MDE_CLIENT_SECRET", s.env.Sim.ClientSecret())
	for name, env := range map[string]*acctest.Env{"contoso": s.env, "fabrikam": fabrikam} {
		s.Setenv("TF_VAR_"+name, fmt.Sprintf(`{"tenant_id": %q, "endpoint": %q, "authority_host": %q}`, env.Sim.TenantID(), env.Sim.URL(), env.Sim.AuthorityURL()))
	}
	s.up()
	var tenants map[string]struct {
		TenantID string `json:"tenant_id"`
	}
	s.output("tenants", &tenants)
	for name, want := range map[string]struct {
		env    *acctest.Env
		action string
	}{"contoso": {s.env, "Block"}, "fabrikam": {fabrikam, "Audit"}} {
		records, files := recordsOf(want.env), want.env.Sim.LibraryFiles()
		if len(records) != 3 || records["203.0.113.7"].Action != want.action || len(files) != 1 {
			t.Errorf("%s holds %v and %d files", name, records, len(files))
		}
		if got := tenants[name].TenantID; got != want.env.Sim.TenantID() {
			t.Errorf("%s signed in to %q", name, got)
		}
	}
	s.down()
	checkEmpty(t, fabrikam.Sim)
}

func moduleWithTests(t *testing.T, s *scenario) {
	s.up()
	if records := s.records(); len(records) != 3 || records["login.contoso-payroll.example"].Action != "Block" {
		t.Errorf("the tenant holds %v", records)
	}
	s.down()

	module := scenarioFolder(t, s.env, filepath.Join(s.dir, "modules/blocklist"))
	module.Init()
	module.Run("fmt", "-check", "-diff", "-recursive")
	out := module.Run("test", "-no-color")
	if runs := strings.Count(module.Read("tests/blocklist.tftest.hcl"), "\nrun "); !strings.Contains(out, fmt.Sprintf("%d passed, 0 failed", runs)) {
		t.Errorf("not all of %d runs have passed:\n%s", runs, out)
	}
	checkEmpty(t, s.env.Sim)
}

// filesBelow reads the files of that extension in a folder and those in it.
func filesBelow(t *testing.T, dir, extension string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(file string, _ os.DirEntry, err error) error {
		if err == nil && filepath.Ext(file) == extension {
			files[filepath.ToSlash(file)] = read(t, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
