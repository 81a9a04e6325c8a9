package indicator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// seed stores somebody else's record that blocks the test's domain.
func (n *tenant) seed(application string) string {
	return n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "evil.example", Action: "Block", Title: "Test", Description: "portal", Application: application})[0]
}

func TestAccIndicator_refusesWhatExists(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	id := n.seed("")
	importBlock := fmt.Sprintf(`import \{ to = mde_indicator.example id = "%s" \}.*apply again`, id)
	n.run([]string{"evil.example Block portal"},
		resource.TestStep{Config: n.config(body("Block", "d")), ExpectError: says("Indicator exists already.*" + importBlock)},
		resource.TestStep{Config: n.config(body("Warn", "d"))},
		resource.TestStep{ // A changed action must not take it over either.
			Config: n.config(body("Block", "d")), ExpectError: says("Indicator exists already.*" + importBlock),
		},
		resource.TestStep{Config: n.config(body("Warn", "d")), ConfigPlanChecks: plans(plancheck.ResourceActionNoop), ConfigStateChecks: []statecheck.StateCheck{n.only("evil.example Block portal", "evil.example Warn d")}},
	)
}

func TestAccIndicator_adoptExisting(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		application string
		keeps       bool
	}{
		"same application":    {"", true},
		"another application": {"portal", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, mdesim.Options{})
			id := n.seed(tc.application)
			same := stateFunc(func() error {
				if got := n.Sim.Indicators()[0]; (got.ID == id) != tc.keeps || got.Application != "" {
					return fmt.Errorf("record %s became %s with application %q", id, got.ID, got.Application)
				}
				return nil
			})
			n.run(nil, resource.TestStep{
				Config:            n.config(body("Block", "d", "adopt_existing = true")),
				ConfigStateChecks: []statecheck.StateCheck{n.only("evil.example Block d"), same},
			})
		})
	}
}

func TestAccIndicator_move(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	old := body("Block", "old", `application = "repo"`)
	n.run(nil,
		resource.TestStep{Config: n.ProviderConfig() + named("old", old)},
		resource.TestStep{ // In whichever order Terraform works.
			Config:            n.config(body("Block", "new", `application = "repo"`)),
			ConfigStateChecks: []statecheck.StateCheck{n.only("evil.example Block new")},
		},
		resource.TestStep{ // The new one first.
			Config: n.ProviderConfig() + named("last", body("Block", "last", `application = "repo"`)) + named("other", strings.Replace(old, "evil", "other", 1)),
		},
		resource.TestStep{
			Config:            n.ProviderConfig() + named("first", body("Block", "last", `application = "repo"`)) + named("other", strings.Replace(old, "evil", "other", 1)+"\ndepends_on = [mde_indicator.first]"),
			ConfigStateChecks: []statecheck.StateCheck{n.only("evil.example Block last", "other.example Block old")},
		},
	)
}

func TestAccIndicator_twoResourcesOfOneRecord(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	n.run(nil, resource.TestStep{
		Config:      n.ProviderConfig() + named("a", body("Block", "d")) + named("b", strings.Replace(body("Block", "d"), "evil", "EVIL", 1)),
		ExpectError: says("Another resource of this configuration has written the same object"),
	})
}

func TestAccIndicator_othersAreInvisible(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		more      string
		deletions int
	}{
		"left on destroy":    {"", 0},
		"deleted on destroy": {"adopt_existing = true", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, mdesim.Options{OwnIndicatorsOnly: true})
			n.seed("somebody else's")
			left := "evil.example Block edited" // The simulator deletes for its creator only.
			n.run([]string{left},
				resource.TestStep{Config: n.config(body("Block", "d", tc.more, `application = "ours"`)), ConfigStateChecks: []statecheck.StateCheck{n.only("evil.example Block d")}},
				resource.TestStep{Config: n.config(body("Block", "edited", tc.more, `application = "ours"`)), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), ConfigStateChecks: []statecheck.StateCheck{n.only(left)}},
			)
			if got := n.Sim.Count(mdesim.OpDeleteIndicator); got != tc.deletions {
				t.Errorf("destroying made %d deletions instead of %d", got, tc.deletions)
			}
		})
	}
}

// TestAccIndicator_othersAreInvisibleInBatches has the writes of many
// indicators travel in imports, whose answers do not tell who was there before.
func TestAccIndicator_othersAreInvisibleInBatches(t *testing.T) {
	t.Parallel()
	for name, lag := range map[string]time.Duration{"recorded": 0, "late list": time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, n := newWorkspace(t, mdesim.Options{OwnIndicatorsOnly: true, VisibilityLag: lag})
			// Somebody has made them only just now.
			recent := n.Sim.Now().Add(-20 * time.Second)
			n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "3.evil.example", CreationTimeDateTimeUTC: recent}, mdesim.Indicator{IndicatorValue: "7.evil.example", CreationTimeDateTimeUTC: recent})
			f.Write("main.tf", many(10))
			output := f.Apply()
			if !says("Warning: Indicator taken over.*which the application could not see.*and one more similar warning elsewhere").MatchString(output) {
				t.Errorf("the apply does not tell of two records that were taken over:\n%s", output)
			}
			f.Plan("-detailed-exitcode")
			n.Sim.ResetJournal()
			f.Destroy()
			if err := n.holds("3.evil.example Block d", "7.evil.example Block d"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAccIndicator_killedApply(t *testing.T) {
	t.Parallel()
	f := acctest.Workspace(t)
	n := newTenant(t, mdesim.Options{})
	f.Use(n.Env)
	f.Write("main.tf", named("test", body("Block", "d", `application = ""`)))
	f.Init()
	n.Sim.AddFault(mdesim.Fault{Op: mdesim.OpSubmitIndicator, Delay: time.Minute, AfterEffect: true})
	p := f.Start("apply", "-input=false", "-no-color", "-auto-approve")
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for len(n.Sim.Indicators()) == 0 {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("the record was never written:\n%s", p.Output())
		}
	}
	p.Kill()
	n.Sim.ResetJournal()
	if output := f.Apply(); !says("Indicator taken over.*equals the configuration in everything").MatchString(output) {
		t.Errorf("the second apply does not tell of the leftover:\n%s", output)
	}
	if writes := n.Sim.Count(mdesim.OpSubmitIndicator, mdesim.OpImportIndicators); writes != 0 {
		t.Errorf("the leftover was written %d times", writes)
	}
	f.Plan("-detailed-exitcode")
	f.Destroy()
	if err := n.holds(); err != nil {
		t.Error(err)
	}
}

// TestAccIndicator_twoRecreateOne has two resources take over one record that has
// to be deleted first: one of them gets it.
func TestAccIndicator_twoRecreateOne(t *testing.T) {
	t.Parallel()
	f, n := newWorkspace(t, mdesim.Options{})
	n.seed("theirs")
	more := []string{"adopt_existing = true", `application = "ours"`}
	f.Write("main.tf", named("one", body("Block", "d", more...))+named("other", body("Block", "d", more...)))
	if output := f.RunError("apply", "-input=false", "-no-color", "-auto-approve"); !says("Another resource of this configuration has written the same object").MatchString(output) {
		t.Errorf("the apply ends with\n%s", output)
	}
	if err := n.holds("evil.example Block d"); err != nil {
		t.Error(err)
	}
}

func TestAccIndicator_planWarnings(t *testing.T) {
	t.Parallel()
	f := acctest.Workspace(t)
	n := newTenant(t, mdesim.Options{})
	f.Use(n.Env)
	id := n.seed("")
	group := n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "evil.example", Action: "Allowed", RBACGroupNames: []string{"g"}})[0]
	f.Init()
	expect := func(config string, patterns ...string) {
		t.Helper()
		f.Write("main.tf", config)
		output := f.Plan()
		for _, pattern := range patterns {
			if !says(pattern).MatchString(output) {
				t.Errorf("the plan does not say %q:\n%s", pattern, output)
			}
		}
		if want, got := len(patterns), strings.Count(output, "Warning: "); got != want {
			t.Errorf("the plan has %d warnings instead of %d:\n%s", got, want, output)
		}
	}
	beside := fmt.Sprintf(`All-devices rule beside a group rule.*id %s`, group)
	expect(named("test", body("Block", "d")), fmt.Sprintf(`Indicator exists already.*id = "%s"`, id), beside)
	expect(named("test", body("Block", "portal")), "will be taken over.*equals the configuration", beside)
	expect(named("test", body("Block", "d", "adopt_existing = true")), "will be taken over.*adopt_existing", beside)
	expect(named("test", body("Warn", "d")), fmt.Sprintf(`Another action exists for this value.*id %s.*Warn wins over Block`, id), beside)
	if lists := n.Sim.Count(mdesim.OpListIndicators, mdesim.OpGetIndicator); lists != 4 {
		t.Errorf("four plans made %d reads", lists)
	}
	f.Apply()
	expect(named("test", body("Warn", "edited")))
	// What is replaced is not in the way of what replaces it.
	expect(named("test", body("Warn", "d", `application = "new"`)), "Another action exists for this value", beside)
}

func TestAccIndicator_expires(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	soon := fmt.Sprintf("expiration_time = %q", time.Now().Add(4*time.Minute).UTC().Format(time.RFC3339))
	later := `expiration_time = "2035-01-31T00:00:00Z"`
	expired := func(want bool) statecheck.StateCheck { return is("expired", knownvalue.Bool(want)) }
	n.run(nil,
		resource.TestStep{Config: n.config(body("Block", "d", soon)), ConfigStateChecks: []statecheck.StateCheck{expired(false)}},
		resource.TestStep{
			PreConfig:         func() { n.Sim.Advance(5 * time.Minute); n.Sim.ResetJournal() },
			Config:            n.config(body("Block", "d", soon)),
			ConfigPlanChecks:  plans(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{expired(true), n.only(), n.calls(0, 0)},
		},
		resource.TestStep{Config: n.config(body("Block", "edited", soon)), ExpectError: says("Indicator has expired.*Set expiration_time")},
		resource.TestStep{ // Another spelling is no write.
			Config:            n.config(strings.Replace(body("Block", "d", soon), "evil", "EVIL", 1)),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{expired(true), n.calls(0, 0)},
		},
		resource.TestStep{
			Config:            n.config(body("Block", "edited", later)),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{expired(false), n.only("evil.example Block edited")},
		},
		resource.TestStep{Config: n.config(body("Block", "edited", `expiration_time = "2020-01-31T00:00:00Z"`)), ExpectError: says("Expiry in the past")},
	)
}

func TestAccIndicator_destroysWhatHasExpired(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	soon := n.config(body("Block", "d", fmt.Sprintf("expiration_time = %q", time.Now().Add(4*time.Minute).UTC().Format(time.RFC3339))))
	n.run(nil,
		resource.TestStep{Config: soon},
		resource.TestStep{PreConfig: func() { n.Sim.Advance(5 * time.Minute) }, Config: soon, Destroy: true},
	)
}

func TestAccIndicator_destroyOfWhatWouldBeRefused(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	n.Sim.Advance(-2 * time.Hour) // The service's clock is behind, so that the record is still there.
	expires := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	id := n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "*.evil.example", Action: "Allowed", Title: "Test", Description: "d", ExpirationTime: &expires, EducateURL: "help"})[0]
	config := n.config(fmt.Sprintf(`
  indicator_type  = "DomainName"
  indicator_value = "*.evil.example"
  action          = "Allowed"
  title           = "Test"
  description     = "d"
  educate_url     = "help"
  expiration_time = %q`, expires.Format(time.RFC3339)))
	n.run(nil,
		resource.TestStep{Config: config, ResourceName: address, ImportState: true, ImportStateId: id, ImportStatePersist: true},
		resource.TestStep{Config: config, ConfigPlanChecks: plans(plancheck.ResourceActionNoop)},
		resource.TestStep{Config: config, Destroy: true},
	)
}
