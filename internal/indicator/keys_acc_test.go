package indicator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// rekeying is a change of settings that is one of the key to some services, so
// that these answer a write with another record.
type rekeying struct {
	options       mdesim.Options
	before, after string
}

func rekeyings() map[string]rekeying {
	const alias, modern = `action = "AlertAndBlock"`, "action = \"BlockAndRemediate\"\ngenerate_alert = false"
	const a, b = "action = \"Block\"\nrbac_group_names = [\"a\"]", "action = \"Block\"\nrbac_group_names = [\"b\"]"
	return map[string]rekeying{
		"an old name":                      {mdesim.Options{}, alias, modern},
		"an old name, keyed as it is":      {mdesim.Options{LiteralActions: true}, alias, modern},
		"a new name, keyed as it is":       {mdesim.Options{LiteralActions: true}, modern, alias},
		"groups":                           {mdesim.Options{}, a, b},
		"groups in the key":                {mdesim.Options{GroupsInKey: true}, a, b},
		"groups in the key, deletions lag": {mdesim.Options{GroupsInKey: true, DeletionLag: time.Hour}, a, b},
	}
}

// both are a single indicator and a set of three with these settings.
func both(settings string) string {
	return fmt.Sprintf(`
locals {
  common = { title = "Test", description = "d" }
}
resource "mde_indicator" "test" {
  indicator_type  = "DomainName"
  indicator_value = "00000.evil.example"
  title           = local.common.title
  description     = local.common.description
  %[1]s
}
resource "mde_indicator_set" "test" {
  indicators  = { "00001.evil.example" = "", "00002.evil.example" = "", "00003.evil.example" = "" }
  title       = local.common.title
  description = local.common.description
  %[1]s
}
`, settings)
}

// actionOf is the action among these settings.
func actionOf(settings string) string { return strings.Split(settings, `"`)[1] }

// rekeyed are the four values of both, under a service that keeps the name of
// the action that a record was first given, or not.
func (n *tenant) rekeyed(r rekeying) error {
	action := actionOf(r.after)
	for _, i := range n.Sim.Indicators() {
		if strings.Join(i.RBACGroupNames, "") == "a" {
			return fmt.Errorf("%s has the groups that it had before", i.IndicatorValue)
		}
	}
	return n.exactly(domains(0, 4), action, "Test")
}

// refuseDeletions makes the next deletions fail, those in batches too.
func (n *tenant) refuseDeletions(times int) {
	for _, op := range []mdesim.Op{deletes, batchDeletes} {
		n.Sim.AddFault(mdesim.Fault{Op: op, Times: times, Status: 409, Code: "Conflict", Message: "not today"})
	}
}

// TestAcc_writesAnswerAnotherID has changes within what the provider takes for
// the key of a record, and a service that keys by more than that.
func TestAcc_writesAnswerAnotherID(t *testing.T) {
	t.Parallel()
	for name, r := range rekeyings() {
		for how, destroy := range map[string][]string{"refreshed": nil, "not refreshed": {"-refresh=false"}} {
			t.Run(name+", destroyed "+how, func(t *testing.T) {
				t.Parallel()
				f, n := newWorkspace(t, r.options)
				f.Write("main.tf", both(r.before))
				f.Apply()
				f.Write("main.tf", both(r.after))
				f.Apply()
				if err := n.rekeyed(r); err != nil {
					t.Error(err)
				}
				if destroy == nil {
					f.Plan("-detailed-exitcode")
				}
				f.Destroy(destroy...)
				if err := n.holds(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// TestAcc_writesAnswerAnotherIDInterrupted has the old records stay at first.
func TestAcc_writesAnswerAnotherIDInterrupted(t *testing.T) {
	t.Parallel()
	for name, r := range rekeyings() {
		if r.options.DeletionLag > 0 || !r.options.LiteralActions && !r.options.GroupsInKey {
			continue
		}
		for end, last := range map[string]string{"finished": r.after, "taken back": r.before, "destroyed": ""} {
			t.Run(name+", "+end, func(t *testing.T) {
				t.Parallel()
				f, n := newWorkspace(t, r.options)
				f.Write("main.tf", both(r.before))
				f.Apply()
				f.Write("main.tf", both(r.after))
				n.refuseDeletions(-1)
				if output := f.RunError("apply", "-input=false", "-no-color", "-auto-approve"); !says("not today").MatchString(output) {
					t.Errorf("the apply ends with\n%s", output)
				}
				if got := len(n.Sim.Indicators()); got != 8 {
					t.Errorf("%d records instead of 8", got)
				}
				n.Sim.ClearFaults()
				if last == "" {
					f.Destroy()
				} else {
					f.Write("main.tf", both(last))
					f.Apply()
					if err := n.exactly(domains(0, 4), actionOf(last), "Test"); err != nil {
						t.Error(err)
					}
					f.Plan("-detailed-exitcode")
					f.Destroy()
				}
				if err := n.holds(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// TestAcc_adoptsUnderAnotherID takes over records that the service keys apart
// from what is written.
func TestAcc_adoptsUnderAnotherID(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		options mdesim.Options
		refused int
	}{"recorded": {}, "literal": {options: mdesim.Options{LiteralActions: true}}, "interrupted": {options: mdesim.Options{LiteralActions: true}, refused: -1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, n := newWorkspace(t, tc.options)
			for value := range domains(0, 3) {
				n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: value, Action: "AlertAndBlock", Title: "SOC"})
			}
			f.Write("main.tf", both("action = \"BlockAndRemediate\"\nadopt_existing = true"))
			if tc.refused != 0 {
				n.refuseDeletions(tc.refused)
				if output := f.Apply(); !says("not today.*next (apply|plan)").MatchString(output) {
					t.Errorf("the apply does not tell of what is left:\n%s", output)
				}
				n.Sim.ClearFaults()
			}
			f.Apply()
			if err := n.exactly(domains(0, 4), "BlockAndRemediate", "Test"); err != nil {
				t.Error(err)
			}
			f.Plan("-detailed-exitcode")
			f.Destroy()
			if err := n.holds(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAccIndicator_actionKeepsID has a service that updates the record of the
// old action in the place of a new one.
func TestAccIndicator_actionKeepsID(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	n.run(nil,
		resource.TestStep{Config: n.config(body("Block", "d"))},
		resource.TestStep{
			PreConfig: func() {
				id := n.Sim.Indicators()[0].ID
				n.Sim.EditIndicator(id, func(i *mdesim.Indicator) { i.Title = "drifted" })
				n.Sim.AddFault(mdesim.Fault{Op: submits, Status: 200, Body: fmt.Sprintf(`{"id":%q,"indicatorValue":"evil.example","indicatorType":"DomainName","action":"Warn","title":"Test","description":"d","severity":"Informational"}`, id)})
				n.Sim.ResetJournal()
			},
			Config:             n.config(body("Warn", "d")),
			ConfigPlanChecks:   plans(plancheck.ResourceActionUpdate),
			ConfigStateChecks:  []statecheck.StateCheck{n.calls(1, 0)},
			ExpectNonEmptyPlan: true, // The record itself has not changed.
		},
	)
}

// TestAcc_listShowsTheDeleted creates again what was destroyed, while the list
// shows it still.
func TestAcc_listShowsTheDeleted(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]mdesim.Options{"recorded": {DeletionLag: time.Hour}, "no read by id": {DeletionLag: time.Hour, NoGetByID: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, n := newWorkspace(t, options)
			f.Write("main.tf", both(`action = "Block"`))
			f.Apply()
			f.Destroy()
			n.Sim.ResetJournal()
			f.Apply()
			if err := n.exactly(domains(0, 4), "Block", "Test"); err != nil {
				t.Error(err)
			}
			if got := n.Sim.Count(mdesim.OpGetIndicator); got > 2 {
				t.Errorf("%d reads by id instead of one each", got)
			}
			if got := n.Sim.Count(deletes, batchDeletes); got > 0 {
				t.Errorf("%d deletions of what is gone", got)
			}
			if options.NoGetByID {
				return
			}
			f.Plan("-detailed-exitcode")
			f.Destroy()
			if err := n.holds(); err != nil {
				t.Error(err)
			}
		})
	}
}
