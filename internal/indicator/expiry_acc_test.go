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

// TestAccIndicator_emptyExpiry writes out what it does not use.
func TestAccIndicator_emptyExpiry(t *testing.T) {
	t.Parallel()
	const never, day = `expiration_time = ""`, `expires_in = "1d"`
	n := newTenant(t, mdesim.Options{})
	config := func(description string, more ...string) string { return n.config(body("Block", description, more...)) }
	lives := func(want time.Duration) statecheck.StateCheck {
		return stateFunc(func() error {
			got := n.Sim.Indicators()[0].ExpirationTime
			if got == nil || time.Until(*got)-want > time.Second || want-time.Until(*got) > time.Minute {
				return fmt.Errorf("the record expires at %v, and not in %s", got, want)
			}
			return nil
		})
	}
	n.run(nil,
		resource.TestStep{Config: config("d", never, day), ConfigStateChecks: []statecheck.StateCheck{lives(24 * time.Hour), is("expiration_time", knownvalue.StringExact(""))}},
		resource.TestStep{ // An edit moves nothing else.
			PreConfig: n.Sim.ResetJournal, Config: config("edited", never, day), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{lives(24 * time.Hour), n.calls(1, 0)},
		},
		resource.TestStep{ // What the portal has changed is put back.
			PreConfig: func() {
				n.Sim.EditIndicator(n.Sim.Indicators()[0].ID, func(i *mdesim.Indicator) { i.ExpirationTime = nil })
			},
			Config: config("edited", never, day), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), ConfigStateChecks: []statecheck.StateCheck{lives(24 * time.Hour)},
		},
		resource.TestStep{Config: config("edited", never, `expires_in = "2d"`, `renew_before = ""`), ConfigStateChecks: []statecheck.StateCheck{lives(48 * time.Hour)}},
		resource.TestStep{ // Due at once, and again.
			Config: config("edited", never, day, `renew_before = "23h59m59s999ms"`), ExpectNonEmptyPlan: true, ConfigStateChecks: []statecheck.StateCheck{lives(24 * time.Hour)},
		},
		resource.TestStep{
			PreConfig: n.Sim.ResetJournal, Config: config("edited", never, day, `renew_before = "23h59m59s999ms"`), ExpectNonEmptyPlan: true,
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), ConfigStateChecks: []statecheck.StateCheck{n.calls(1, 0)},
		},
		resource.TestStep{Config: config("edited", never, `expires_in = ""`, `renew_before = ""`), ConfigStateChecks: []statecheck.StateCheck{stateFunc(func() error {
			if got := n.Sim.Indicators()[0].ExpirationTime; got != nil {
				return fmt.Errorf("the record expires at %v", got)
			}
			return nil
		})}},
		resource.TestStep{Config: config("edited", `expires_in = ""`, `renew_before = ""`, `expiration_time = "2035-01-31T00:00:00Z"`), ConfigStateChecks: []statecheck.StateCheck{is("expiration_time", knownvalue.StringExact("2035-01-31T00:00:00Z"))}},
		resource.TestStep{Config: config("edited", `expires_in = ""`, `renew_before = "1d"`), ExpectError: says("Invalid Attribute Combination.*renew_before has an effect only beside expires_in")},
		resource.TestStep{Config: config("edited", day, `expiration_time = "2035-01-31T00:00:00Z"`), ExpectError: says("Invalid Attribute Combination.*expires_in and expiration_time exclude each other")},
		resource.TestStep{Config: config("edited", `renew_before = ""`)},
	)
}

func TestAccIndicator_emptyExpiryAndIsGone(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	short := n.config(body("Block", "d", `expiration_time = ""`, `expires_in = "4m"`))
	expired := func(want bool) statecheck.StateCheck { return is("expired", knownvalue.Bool(want)) }
	n.run(nil,
		resource.TestStep{Config: short},
		resource.TestStep{
			PreConfig: func() { n.Sim.Advance(5 * time.Minute) }, Config: short,
			ConfigPlanChecks: plans(plancheck.ResourceActionNoop), ConfigStateChecks: []statecheck.StateCheck{expired(true)},
		},
		resource.TestStep{
			Config:           n.config(body("Block", "d", `expiration_time = ""`, `expires_in = "10d"`, `renew_before = "1d"`)),
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), ConfigStateChecks: []statecheck.StateCheck{expired(false), n.only("evil.example Block d")},
		},
	)
}

// TestAccIndicator_emptyExpiryLater has the plan not know what is empty.
func TestAccIndicator_emptyExpiryLater(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	config := func(time, in string) string {
		return n.config(body("Block", "d", "expiration_time = terraform_data.time.output", "expires_in = terraform_data.in.output")) +
			fmt.Sprintf("resource \"terraform_data\" \"time\" { input = %q }\nresource \"terraform_data\" \"in\" { input = %q }\n", time, in)
	}
	n.run(nil,
		resource.TestStep{Config: config("", "1d")},
		resource.TestStep{Config: config("2035-01-31T00:00:00Z", "")},
		resource.TestStep{Config: config("", "")},
	)
}

func TestAccIndicatorSet_emptyExpiry(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	config := func(more ...string) string {
		return n.ProviderConfig() + setOf("test", "Block", `"a.example" = ""`, more...)
	}
	expires := func(want bool) statecheck.StateCheck {
		return stateFunc(func() error {
			if got := n.Sim.Indicators()[0].ExpirationTime; got != nil != want {
				return fmt.Errorf("the record expires at %v", got)
			}
			return nil
		})
	}
	n.run(nil,
		resource.TestStep{Config: config(`expiration_time = ""`, `expires_in = "1d"`), ConfigStateChecks: []statecheck.StateCheck{expires(true)}},
		resource.TestStep{Config: config(`expiration_time = "2035-01-31T00:00:00Z"`, `expires_in = ""`, `renew_before = ""`), ConfigStateChecks: []statecheck.StateCheck{expires(true)}},
		resource.TestStep{Config: config(`renew_before = "1d"`, `expires_in = ""`), ExpectError: says("renew_before has an effect only beside expires_in")},
		resource.TestStep{Config: config(`expires_in = "1d"`, `expiration_time = "2035-01-31T00:00:00Z"`), ExpectError: says("exclude each other")},
		resource.TestStep{Config: config(`expiration_time = ""`, `expires_in = ""`, `renew_before = ""`), ConfigStateChecks: []statecheck.StateCheck{expires(false)}},
	)
}
