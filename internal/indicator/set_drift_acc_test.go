package indicator_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// changes checks that a plan changes the lines of these values, each from one
// note to another, and no other line of the map. An absent note is "-".
func changes(t *testing.T, plan string, want map[string][2]string) {
	t.Helper()
	lines := 0
	for line := range strings.Lines(plan) {
		if strings.Contains(line, ".example\"") && strings.Contains(line, " = ") && (strings.Contains(line, "+ ") || strings.Contains(line, "- ") || strings.Contains(line, "~ ")) {
			lines++
		}
	}
	if lines != len(want) {
		t.Errorf("the plan changes %d lines instead of %d:\n%s", lines, len(want), plan)
	}
	for value, notes := range want {
		line := fmt.Sprintf("~ %q = %q -> %q", value, notes[0], notes[1])
		switch {
		case notes[0] == "-":
			line = fmt.Sprintf("+ %q = %q", value, notes[1])
		case notes[1] == "-":
			line = fmt.Sprintf("- %q = %q", value, notes[0])
		}
		if !strings.Contains(strings.Join(strings.Fields(plan), " "), strings.Join(strings.Fields(line), " ")) {
			t.Errorf("the plan has no line %s:\n%s", line, plan)
		}
	}
}

func TestAccSet_drift(t *testing.T) {
	t.Parallel()
	f := acctest.Workspace(t)
	n := newTenant(t, mdesim.Options{})
	f.Use(n.Env)
	f.Write("main.tf", set{notes: with(domains(0, 600), map[string]string{"00006.evil.example": "six"})}.String())
	f.Init()
	f.Apply()
	of := func(number int) string { return n.blocked(fmt.Sprintf("%05d.evil.example", number)).ID }
	n.Sim.RemoveIndicator(of(1))
	n.Sim.EditIndicator(of(2), func(i *mdesim.Indicator) { i.Title = "portal" })
	n.Sim.EditIndicator(of(3), func(i *mdesim.Indicator) { i.Action = "Allowed" })
	theirs := n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "00004.evil.example", Action: "Warn", Title: "theirs", Description: "d"})[0]
	n.Sim.RemoveIndicator(of(5))
	others := n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "00005.evil.example", Action: "Warn", Title: "theirs", Description: "d"})[0]
	n.Sim.EditIndicator(of(6), func(i *mdesim.Indicator) { i.Description, i.Severity = "", "High" })
	plan := f.Plan()
	changes(t, plan, map[string][2]string{
		"00001.evil.example": {"-", ""},
		"00002.evil.example": {`drift: title = "portal"`, ""},
		"00003.evil.example": {`drift: action = "Allowed"`, ""},
		"00005.evil.example": {`drift: action = "Warn"`, ""},
		"00006.evil.example": {`drift: description = "", severity = "High"`, "six"},
	})
	f.Run("apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color") // Marks may be saved, too.
	n.Sim.ResetJournal()
	f.Apply()
	if err := n.checkCount(602, map[mdesim.Op]int{imports: 1, submits: 1, deletes: 1}); err != nil {
		t.Error(err)
	}
	f.Plan("-detailed-exitcode")
	for _, id := range []string{theirs, others} {
		if got := titleOf(n, id); got != "theirs" {
			t.Errorf("somebody else's record %s has the title %q", id, got)
		}
	}
	f.Destroy()
	if err := n.checkCount(2, map[mdesim.Op]int{imports: 1, submits: 1, deletes: 1, batchDeletes: 2}); err != nil {
		t.Error(err)
	}
}

func titleOf(n *tenant, id string) string {
	for _, i := range n.Sim.Indicators() {
		if i.ID == id {
			return i.Title
		}
	}
	return ""
}

// TestAccSet_driftUndone has the portal put back what a refresh has saved as
// drift.
func TestAccSet_driftUndone(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	config := n.set(set{notes: map[string]string{"evil.example": "note"}})
	title := func(title string) func() {
		return func() {
			n.Sim.EditIndicator(n.blocked("evil.example").ID, func(i *mdesim.Indicator) { i.Title = title })
			n.Sim.ResetJournal()
		}
	}
	n.run(nil,
		resource.TestStep{Config: config},
		resource.TestStep{PreConfig: title("portal"), RefreshState: true, ExpectNonEmptyPlan: true},
		resource.TestStep{PreConfig: title("Test"), Config: config, ConfigPlanChecks: planned(plancheck.ResourceActionNoop), ConfigStateChecks: []statecheck.StateCheck{n.count(1, nil)}},
	)
}

func TestAccSet_warnsOfOthers(t *testing.T) {
	t.Parallel()
	f := acctest.Workspace(t)
	n := newTenant(t, mdesim.Options{})
	f.Use(n.Env)
	ids := n.Sim.SeedIndicators(
		mdesim.Indicator{IndicatorValue: "00000.evil.example", Action: "Block", Title: "theirs"},
		mdesim.Indicator{IndicatorValue: "00001.evil.example", Action: "Allowed"},
		mdesim.Indicator{IndicatorValue: "00002.evil.example", Action: "Warn", RBACGroupNames: []string{"g"}},
		mdesim.Indicator{IndicatorValue: "00003.evil.example", Action: "Block", Title: "Test", Description: "shared"},
	)
	f.Init()
	f.Write("main.tf", set{notes: domains(0, 20)}.String())
	plan := f.Plan()
	for _, pattern := range []string{
		"Indicators exist already.*id " + ids[0] + ".*Warning",
		"Another action exists for this value.*00001.evil.example.*id " + ids[1] + ".*Allowed wins over Block",
		"All-devices rule beside a group rule.*00002.evil.example.*id " + ids[2],
		"Indicators will be taken over.*id " + ids[3] + ".*equals the configuration",
	} {
		if !says(pattern).MatchString(plan) {
			t.Errorf("the plan does not say %q:\n%s", pattern, plan)
		}
	}
	output := f.Apply()
	if !says("Could not save all indicators.*Not saved: 1 of 20 values.*00000.evil.example: exists already.*adopt_existing").MatchString(output) {
		t.Errorf("the apply does not tell of the refused value:\n%s", output)
	}
	changes(t, f.Plan(), map[string][2]string{"00000.evil.example": {"-", ""}})
	if output := f.RunError("apply", "-input=false", "-no-color", "-auto-approve"); !says("Could not update indicators.*00000.evil.example: exists already").MatchString(output) {
		t.Errorf("the second apply does not tell of the refused value:\n%s", output)
	}
	f.Write("main.tf", set{notes: domains(0, 20), more: "adopt_existing = true"}.String())
	if plan := f.Plan(); !says("Indicators will be taken over.*adopt_existing is true").MatchString(plan) {
		t.Errorf("the plan does not tell what will be taken over:\n%s", plan)
	}
	f.Apply()
	f.Plan("-detailed-exitcode")
	f.Destroy()
	if err := n.holds("00001.evil.example Allowed seeded", "00002.evil.example Warn seeded"); err != nil {
		t.Error(err)
	}
}

func TestAccSet_places(t *testing.T) {
	t.Parallel()
	f := acctest.Workspace(t)
	n := newTenant(t, mdesim.Options{})
	f.Use(n.Env)
	var theirs []mdesim.Indicator
	for i := range 14_700 {
		theirs = append(theirs, mdesim.Indicator{IndicatorValue: fmt.Sprintf("%d.theirs.example", i)})
	}
	n.Sim.SeedIndicators(theirs...)
	f.Init()
	f.Write("main.tf", set{notes: domains(0, 310)}.String())
	if plan := f.Plan(); !says("Not enough places.*creates 310 records.*only 300 are free").MatchString(plan) {
		t.Errorf("the plan does not tell of the missing places:\n%s", plan)
	}
	f.Write("main.tf", set{notes: domains(0, 100)}.String())
	if plan := f.Plan(); !says("Few places left.*100 records.*200 of the tenant's 15,000").MatchString(plan) {
		t.Errorf("the plan does not tell of the last places:\n%s", plan)
	}
}

func TestAccSet_expiresIn(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	first, more := domains(0, 20), domains(0, 25)
	expiry := func(value string, want time.Time) statecheck.StateCheck {
		return stateFunc(func() error {
			got := n.blocked(value).ExpirationTime
			if got == nil || got.Sub(want).Abs() > time.Minute {
				return fmt.Errorf("%s expires at %v instead of %v", value, got, want)
			}
			return nil
		})
	}
	expired := func(count int64) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(setAddress, tfjsonpath.New("expired_count"), knownvalue.Int64Exact(count))
	}
	advance := func(d time.Duration) func() {
		return func() { n.Sim.Advance(d); n.Sim.ResetJournal() }
	}
	begin := time.Now()
	in := func(d, more string) string { return fmt.Sprintf("expires_in = %q\n%s", d, more) }
	n.run(nil,
		resource.TestStep{Config: n.set(set{notes: first, more: in("4m", "")}), ConfigStateChecks: []statecheck.StateCheck{expiry("00000.evil.example", begin.Add(4*time.Minute)), expired(0)}},
		resource.TestStep{ // Values that come later live from their own creation; the rest is left alone.
			PreConfig: n.Sim.ResetJournal, Config: n.set(set{notes: more, more: in("4m", "")}), ConfigStateChecks: []statecheck.StateCheck{n.count(25, map[mdesim.Op]int{imports: 1})},
		},
		resource.TestStep{
			PreConfig: advance(6 * time.Minute), Config: n.set(set{notes: more, more: in("4m", "")}),
			ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{notes(more), expired(25), n.count(0, nil)},
		},
		resource.TestStep{ // A new note would write what is no more.
			Config: n.set(set{notes: with(more, map[string]string{"00003.evil.example": "new"}), more: in("4m", "")}), ExpectError: says("Indicators have expired.*renew_before.*00003.evil.example"),
		},
		resource.TestStep{ // Another title is for those that live.
			PreConfig: n.Sim.ResetJournal, Config: n.set(set{notes: more, more: in("4m", `title = "new"`)}),
			ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{expired(25), n.count(0, nil)},
		},
		resource.TestStep{
			PreConfig: n.Sim.ResetJournal, Config: n.set(set{notes: more, more: in("30d", "")}),
			ConfigStateChecks: []statecheck.StateCheck{expired(0), expiry("00000.evil.example", begin.Add(30*24*time.Hour)), n.count(25, map[mdesim.Op]int{imports: 1})},
		},
	)
}

func TestAccSet_renewBefore(t *testing.T) {
	t.Parallel()
	f := acctest.Workspace(t)
	n := newTenant(t, mdesim.Options{})
	f.Use(n.Env)
	short, long := set{notes: domains(0, 20), more: `expires_in = "3d"`}, set{notes: domains(0, 20), more: "expires_in = \"3d\"\nrenew_before = \"2d\""}
	f.Write("main.tf", short.String())
	f.Init()
	f.Apply()
	near := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	n.Sim.EditIndicator(n.blocked("00001.evil.example").ID, func(i *mdesim.Indicator) { i.ExpirationTime = &near })
	changes(t, f.Plan(), map[string][2]string{"00001.evil.example": {fmt.Sprintf("drift: expiration_time = %q", near.Format(time.RFC3339)), ""}})
	f.Apply()
	f.Write("main.tf", long.String())
	f.Apply()
	f.Plan("-detailed-exitcode")
	// What is due shows on each line: here all, at once.
	late := set{notes: domains(0, 20), more: "expires_in = \"2d\"\nrenew_before = \"47h59m59s999ms\""}
	f.Write("main.tf", late.String())
	f.Apply()
	n.Sim.ResetJournal()
	plan := f.Plan()
	if got := strings.Count(plan, "to be renewed: expires "); got != 20 {
		t.Errorf("the plan renews %d values instead of 20:\n%s", got, plan)
	}
	f.Apply()
	if err := n.checkCount(20, map[mdesim.Op]int{imports: 1}); err != nil {
		t.Error(err)
	}
}

func TestAccSet_expirationTime(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	soon := fmt.Sprintf("expiration_time = %q", time.Now().Add(4*time.Minute).UTC().Format(time.RFC3339))
	values := domains(0, 3)
	fewer := maps.Clone(values)
	delete(fewer, "00000.evil.example")
	n.run(nil,
		resource.TestStep{Config: n.set(set{notes: values, more: soon})},
		resource.TestStep{
			PreConfig: func() { n.Sim.Advance(5 * time.Minute); n.Sim.ResetJournal() }, Config: n.set(set{notes: values, more: soon}),
			ConfigPlanChecks: planned(plancheck.ResourceActionNoop), ConfigStateChecks: []statecheck.StateCheck{n.count(0, nil), notes(values)},
		},
		resource.TestStep{Config: n.set(set{notes: values, more: soon + "\ntitle = \"new\""}), ExpectError: says("Indicators have expired.*Set expiration_time")},
		resource.TestStep{Config: n.set(set{notes: fewer, more: soon}), ConfigStateChecks: []statecheck.StateCheck{n.count(0, nil), notes(fewer)}},
		resource.TestStep{Config: n.set(set{notes: fewer, more: soon}), Destroy: true},
	)
}
