package indicator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// lives checks that the tenant's only record expires so long from now, and that
// the state says so.
func (n *tenant) lives(d time.Duration) statecheck.StateCheck {
	return is("expiration_time", knownvalue.StringFunc(func(text string) error {
		expires, err := time.Parse(time.RFC3339, text)
		got := n.Sim.Indicators()[0].ExpirationTime
		if err != nil || got == nil || !got.Equal(expires) || time.Until(expires)-d > time.Second || d-time.Until(expires) > time.Minute {
			return fmt.Errorf("the record expires at %v, the state says %s", got, text)
		}
		return nil
	}))
}

func TestAccIndicator_expiresIn(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	config := func(description string, more ...string) string { return n.config(body("Block", description, more...)) }
	const day, renewed = `expires_in = "1d"`, "expires_in = \"1d\"\nrenew_before = \"23h59m59s999ms\""
	expiry := tfjsonpath.New("expiration_time")
	n.run(nil,
		resource.TestStep{
			Config:            config("d", day),
			ConfigPlanChecks:  plans(plancheck.ResourceActionCreate, plancheck.ExpectUnknownValue(address, expiry)),
			ConfigStateChecks: []statecheck.StateCheck{n.lives(24 * time.Hour), n.calls(1, 0)},
		},
		resource.TestStep{ // An edit moves nothing else.
			Config:            config("edited", day),
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, plancheck.ExpectKnownValue(address, expiry, knownvalue.NotNull())),
			ConfigStateChecks: []statecheck.StateCheck{n.lives(24 * time.Hour)},
		},
		resource.TestStep{ // What the portal has changed is put back.
			PreConfig: func() {
				n.Sim.EditIndicator(n.Sim.Indicators()[0].ID, func(i *mdesim.Indicator) { i.ExpirationTime = nil })
			},
			Config: config("edited", day), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), ConfigStateChecks: []statecheck.StateCheck{n.lives(24 * time.Hour)},
		},
		resource.TestStep{ // A changed action keeps the record's end.
			Config: n.config(body("Warn", "edited", day)), ConfigStateChecks: []statecheck.StateCheck{n.lives(24 * time.Hour)},
		},
		resource.TestStep{Config: config("edited", `expires_in = "2d"`), ConfigStateChecks: []statecheck.StateCheck{n.lives(48 * time.Hour)}},
		resource.TestStep{
			PreConfig:        func() { n.Sim.Advance(3 * 24 * time.Hour); n.Sim.ResetJournal() },
			Config:           config("edited", `expires_in = "2d"`),
			ConfigPlanChecks: plans(plancheck.ResourceActionCreate), // Gone long before its time: somebody has deleted it.
			ExpectError:      says("expiration time must be in the future"),
		},
		resource.TestStep{PreConfig: func() { n.Sim.Advance(-3 * 24 * time.Hour) }, Config: config("d", day)},
		resource.TestStep{Config: config("d"), ConfigStateChecks: []statecheck.StateCheck{is("expiration_time", knownvalue.Null())}},
		resource.TestStep{Config: config("d", `expires_in = "1d"`, `expiration_time = "2035-01-31T00:00:00Z"`), ExpectError: says("expires_in")},
		resource.TestStep{Config: config("d", `expires_in = "1d"`, `renew_before = "1d"`), ExpectError: says("Renewal without end")},
		resource.TestStep{Config: config("d", day)},
		resource.TestStep{ // Due at once, and again.
			Config: config("d", renewed), ExpectNonEmptyPlan: true,
			ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate, plancheck.ExpectUnknownValue(address, expiry)),
			ConfigStateChecks: []statecheck.StateCheck{n.lives(24 * time.Hour)},
		},
	)
}

// TestAccIndicator_expiresInAndIsGone has a scheduled plan stay green, and
// renew_before bring the indicator back.
func TestAccIndicator_expiresInAndIsGone(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	short := n.config(body("Block", "d", `expires_in = "4m"`))
	expired := func(want bool) statecheck.StateCheck { return is("expired", knownvalue.Bool(want)) }
	n.run(nil,
		resource.TestStep{Config: short},
		resource.TestStep{
			PreConfig: func() { n.Sim.Advance(5 * time.Minute); n.Sim.ResetJournal() }, Config: short,
			ConfigPlanChecks: plans(plancheck.ResourceActionNoop), ConfigStateChecks: []statecheck.StateCheck{expired(true), n.calls(0, 0)},
		},
		resource.TestStep{
			Config:           n.config(body("Block", "d", `expires_in = "10d"`, `renew_before = "1d"`)),
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), ConfigStateChecks: []statecheck.StateCheck{expired(false), n.calls(1, 0), n.only("evil.example Block d")},
		},
	)
}
