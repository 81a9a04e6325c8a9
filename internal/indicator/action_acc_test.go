package indicator_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

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
