package indicator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// order is a state check of the writing calls since the journal was reset.
func (n *tenant) order(want ...mdesim.Op) statecheck.StateCheck {
	return stateFunc(func() error {
		var got []mdesim.Op
		for _, call := range n.Sim.Journal() {
			if call.Op != mdesim.OpListIndicators && call.Op != mdesim.OpGetIndicator {
				got = append(got, call.Op)
			}
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("the service got %q instead of %q", got, want)
		}
		return nil
	})
}

func TestAccIndicator_action(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]mdesim.Options{"recorded": {}, "modern": {ModerniseActions: true, DeleteStatus: 200}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, options)
			n.run(nil,
				resource.TestStep{Config: n.config(body("Block", "d"))},
				resource.TestStep{ // The new record is there before the old one goes.
					PreConfig:         n.Sim.ResetJournal,
					Config:            n.config(body("Warn", "d")),
					ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, plancheck.ExpectUnknownValue(address, tfjsonpath.New("id"))),
					ConfigStateChecks: []statecheck.StateCheck{n.order(mdesim.OpSubmitIndicator, mdesim.OpDeleteIndicator), n.only("evil.example Warn d")},
				},
				resource.TestStep{Config: n.config(body("BlockAndRemediate", "d", "generate_alert = true"))},
				resource.TestStep{ // The old name of the same.
					PreConfig:         n.Sim.ResetJournal,
					Config:            n.config(body("AlertAndBlock", "d")),
					ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.NotNull())),
					ConfigStateChecks: []statecheck.StateCheck{n.calls(0, 0), is("action", knownvalue.StringExact("AlertAndBlock"))},
				},
			)
		})
	}
}

func TestAccIndicator_actionInterrupted(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	refuseDelete := func() {
		n.Sim.AddFault(mdesim.Fault{Op: mdesim.OpDeleteIndicator, Status: 403, Code: "Forbidden", Message: "not today"})
		n.Sim.ResetJournal()
	}
	n.run(nil,
		resource.TestStep{Config: n.config(body("Block", "d"))},
		resource.TestStep{PreConfig: refuseDelete, Config: n.config(body("Warn", "d")), ExpectError: says("not today.*Ti.ReadWrite.All")},
		resource.TestStep{ // The same difference shows again and is finished.
			Config:            n.config(body("Warn", "d")),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, plancheck.ExpectUnknownValue(address, tfjsonpath.New("id"))),
			ConfigStateChecks: []statecheck.StateCheck{n.only("evil.example Warn d")},
		},
		resource.TestStep{PreConfig: refuseDelete, Config: n.config(body("Allowed", "d")), ExpectError: says("not today")},
		resource.TestStep{ // Taken back: what was written already goes.
			Config:            n.config(body("Warn", "d")),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{n.only("evil.example Warn d")},
		},
		resource.TestStep{PreConfig: refuseDelete, Config: n.config(body("Allowed", "d")), ExpectError: says("not today")},
		resource.TestStep{PreConfig: refuseDelete, Config: n.config(body("Block", "d")), ExpectError: says("not today")},
		resource.TestStep{ // Three records by now; one is wanted.
			PreConfig: func() {
				if err := n.holds("evil.example Warn d", "evil.example Allowed d", "evil.example Block d"); err != nil {
					t.Error(err)
				}
			},
			Config:            n.config(body("Audit", "d")),
			ConfigStateChecks: []statecheck.StateCheck{n.only("evil.example Audit d")},
		},
		resource.TestStep{PreConfig: refuseDelete, Config: n.config(body("Block", "d")), ExpectError: says("not today")},
		resource.TestStep{Config: n.ProviderConfig(), ConfigStateChecks: []statecheck.StateCheck{n.only()}}, // Destroying removes both.
	)
}

func TestAccIndicator_actionInterruptedAndOldRecordGone(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	n.run(nil,
		resource.TestStep{Config: n.config(body("Block", "d"))},
		resource.TestStep{
			PreConfig: func() {
				n.Sim.AddFault(mdesim.Fault{Op: mdesim.OpDeleteIndicator, Status: 403, Code: "Forbidden", Message: "not today"})
			},
			Config: n.config(body("Warn", "d")), ExpectError: says("not today"),
		},
		resource.TestStep{
			PreConfig:         func() { n.Sim.RemoveIndicator(n.Sim.Indicators()[0].ID); n.Sim.ResetJournal() },
			Config:            n.config(body("Warn", "d")),
			ConfigPlanChecks:  plans(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{n.calls(0, 0), n.only("evil.example Warn d")},
		},
	)
}

// TestAccIndicator_actionInFullTenant changes actions where there is no place
// for a second record.
func TestAccIndicator_actionInFullTenant(t *testing.T) {
	t.Parallel()
	f := acctest.Workspace(t)
	const held = 25
	n := newTenant(t, mdesim.Options{IndicatorCap: held})
	f.Use(n.Env)
	f.Init()
	of := func(action string) string {
		return fmt.Sprintf("%sresource \"mde_indicator\" \"more\" {\n  count = 20\n%s\n}\n", named("test", body(action, "d")), strings.Replace(body(action, "d"), "evil.example", "${count.index}.evil.example", 1))
	}
	f.Write("main.tf", of("Block"))
	f.Apply()
	theirs := make([]mdesim.Indicator, held-21)
	for i := range theirs {
		theirs[i] = mdesim.Indicator{IndicatorValue: fmt.Sprintf("%d.theirs.example", i)}
	}
	n.Sim.SeedIndicators(theirs...)
	check := func(action string) {
		t.Helper()
		f.Write("main.tf", of(action))
		output := f.Apply()
		if !says("Gap in a change of action.*deleted before the new one was written").MatchString(output) {
			t.Errorf("the apply does not tell of the gap:\n%s", output)
		}
		if err := n.holdsOf("evil.example", action, 21, held); err != nil {
			t.Error(err)
		}
		f.Plan("-detailed-exitcode")
	}
	check("Warn")
	n.Sim.ResetJournal()
	f.Write("main.tf", of("Audit"))
	// What cannot be written after all is missing, and the next apply creates it.
	n.Sim.AddFault(mdesim.Fault{Op: mdesim.OpImportIndicators, Skip: 1, Status: 409, Code: "Conflict", Message: "not now"})
	if output := f.RunError("apply", "-input=false", "-no-color", "-auto-approve"); !says("not now").MatchString(output) {
		t.Errorf("the apply ends with\n%s", output)
	}
	f.Apply()
	if err := n.holdsOf("evil.example", "Audit", 21, held); err != nil {
		t.Error(err)
	}
	f.Plan("-detailed-exitcode")
}

// holdsOf checks that of the tenant's records so many are of values that end so
// and have that action.
func (n *tenant) holdsOf(suffix, action string, want, total int) error {
	all, got := n.Sim.Indicators(), 0
	for _, i := range all {
		if strings.HasSuffix(i.IndicatorValue, suffix) && i.Action == action {
			got++
		}
	}
	if len(all) != total || got != want {
		return fmt.Errorf("of %d records %d have the action %s, instead of %d of %d", len(all), got, action, want, total)
	}
	return nil
}

// TestAccIndicator_actionKilled has an apply killed between the two calls: the
// new record is there, and nobody has written down that it is ours.
func TestAccIndicator_actionKilled(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	n.run(nil,
		resource.TestStep{Config: n.config(body("Block", "d"))},
		resource.TestStep{
			PreConfig: func() {
				n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "evil.example", Action: "Warn", Title: "Test", Description: "d"})
				n.Sim.ResetJournal()
			},
			Config:            n.config(body("Warn", "d")),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{n.calls(0, 1), n.only("evil.example Warn d")},
		},
	)
}
