package indicator_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// exactly checks that the tenant holds one record of each value, with that
// action and title, beside those that were there before.
func (n *tenant) exactly(values map[string]string, action, title string, before ...string) error {
	got := map[string]int{}
	for _, i := range n.Sim.Indicators() {
		switch {
		case slices.Contains(before, i.ID):
		case i.Action != action || i.Title != title:
			return fmt.Errorf("%s has the action %s and the title %s", i.IndicatorValue, i.Action, i.Title)
		default:
			got[i.IndicatorValue]++
		}
	}
	for value := range values {
		if got[value] != 1 {
			return fmt.Errorf("%s has %d records", value, got[value])
		}
	}
	if len(got) != len(values) {
		return fmt.Errorf("the tenant holds %d values instead of %d", len(got), len(values))
	}
	return nil
}

func TestAccSet_refusedItems(t *testing.T) {
	t.Parallel()
	f := acctest.Workspace(t)
	n := newTenant(t, mdesim.Options{})
	f.Use(n.Env)
	theirs := n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "00001.evil.example", Action: "Allowed"})[0]
	values := domains(0, 1200)
	refused := []string{"00003.evil.example", "00010.evil.example", "00600.evil.example", "00601.evil.example", "00602.evil.example", "01100.evil.example", "01199.evil.example"}
	n.Sim.FailItems(refused...)
	f.Write("main.tf", set{notes: values}.String())
	f.Init()
	output := f.Apply()
	if !says("Warning: Could not save all indicators.*Not saved: 7 of 1,200 values.*00003.evil.example: .*01199.evil.example: ").MatchString(output) {
		t.Errorf("the apply does not name the refused values:\n%s", output)
	}
	lines := map[string][2]string{}
	for _, value := range refused {
		lines[value] = [2]string{"-", ""}
	}
	changes(t, f.Plan(), lines)
	n.Sim.FailItems()
	n.Sim.ResetJournal()
	f.Apply()
	if err := n.checkCount(1201, map[mdesim.Op]int{imports: 1}); err != nil {
		t.Error(err)
	}
	if err := n.exactly(values, "Block", "Test", theirs); err != nil {
		t.Error(err)
	}
	f.Plan("-detailed-exitcode")
}

func TestAccSet_nothingSaved(t *testing.T) {
	t.Parallel()
	n := newTenant(t, mdesim.Options{})
	n.Sim.AddFault(mdesim.Fault{Op: imports, Status: 403, Code: "Forbidden", Message: "no permission"})
	n.run(nil,
		resource.TestStep{Config: n.set(set{notes: domains(0, 20)}), ExpectError: says("Could not create indicators.*No value was saved.*no permission.*Ti.ReadWrite.All")},
		resource.TestStep{Config: n.set(set{notes: domains(0, 20)}), ConfigPlanChecks: planned(plancheck.ResourceActionCreate)},
	)
}

// TestAccSet_failedUpdate has every update stop half-way, and the next one
// finish it.
func TestAccSet_failedUpdate(t *testing.T) {
	t.Parallel()
	f, n := newWorkspace(t, mdesim.Options{})
	values := domains(0, 510)
	block, retitled, other := set{notes: values}, set{notes: values, more: `title = "new"`}, set{notes: values, more: `title = "new"`, action: "Warn"}
	f.Write("main.tf", block.String())
	f.Apply()
	for _, tc := range []struct {
		fails   mdesim.Op
		to      set
		command string
		after   set
		action  string
	}{
		{imports, retitled, "apply", retitled, "Block"},
		{imports, other, "apply", other, "Warn"},
		{batchDeletes, retitled, "apply", retitled, "Block"},
		{batchDeletes, set{more: `title = "new"`}, "apply", retitled, "Block"},
		{batchDeletes, retitled, "destroy", retitled, "Block"},
	} {
		n.Sim.AddFault(mdesim.Fault{Op: tc.fails, Skip: 1, Status: 409, Code: "Conflict", Message: "not now"})
		f.Write("main.tf", tc.to.String())
		if output := f.RunError(tc.command, "-input=false", "-no-color", "-auto-approve"); !says("Could not (update|delete) indicators.*not now").MatchString(output) {
			t.Errorf("the %s does not tell what failed:\n%s", tc.command, output)
		}
		f.Write("main.tf", tc.after.String())
		f.Apply()
		if err := n.exactly(values, tc.action, "new"); err != nil {
			t.Errorf("after %s failed: %v", tc.fails, err)
		}
	}
	f.Plan("-detailed-exitcode")
}

func TestAccSet_badNetwork(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]mdesim.Fault{
		"cut after the effect":     {Op: imports, Cut: mdesim.CutAfterEffect},
		"half an answer":           {Op: imports, Cut: mdesim.CutBody},
		"cut before the effect":    {Op: imports, Cut: mdesim.CutBeforeEffect},
		"503 in the middle":        {Op: imports, Skip: 1, Times: 2, Status: 503, Message: "busy"},
		"429 without Retry-After":  {Op: imports, Skip: 1, Times: 2, Status: 429, Code: "TooManyRequests", Message: "slow down"},
		"deletion cut after":       {Op: batchDeletes, Cut: mdesim.CutAfterEffect},
		"deletion answered by 503": {Op: batchDeletes, Status: 503, AfterEffect: true},
		"list cut":                 {Op: lists, Cut: mdesim.CutBeforeEffect},
		"half a list":              {Op: lists, Cut: mdesim.CutBody},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, mdesim.Options{})
			n.Sim.AddFault(fault)
			values, moved := domains(0, 20), domains(10, 20)
			if fault.Skip > 0 { // The second batch of two.
				values, moved = domains(0, 510), domains(10, 510)
			}
			n.run(nil,
				resource.TestStep{Config: n.set(set{notes: values}), ConfigStateChecks: []statecheck.StateCheck{stateFunc(func() error { return n.exactly(values, "Block", "Test") })}},
				resource.TestStep{Config: n.set(set{notes: moved}), ConfigStateChecks: []statecheck.StateCheck{stateFunc(func() error { return n.exactly(moved, "Block", "Test") })}},
			)
		})
	}
}

// gapless checks by the journal that the new record of each of the values, which
// are given by the ids of their old ones, is written before the old one is
// deleted.
func gapless(t *testing.T, n *tenant, ids map[string]string) {
	t.Helper()
	written := map[string]bool{}
	deleted := 0
	for _, call := range n.Sim.Journal() {
		switch call.Op {
		case imports:
			var body struct {
				Indicators []struct{ IndicatorValue string }
			}
			if err := json.Unmarshal(call.Body, &body); err != nil {
				t.Fatal(err)
			}
			for _, i := range body.Indicators {
				written[i.IndicatorValue] = true
			}
		case batchDeletes:
			var body struct{ IndicatorIds []string }
			if err := json.Unmarshal(call.Body, &body); err != nil {
				t.Fatal(err)
			}
			for _, id := range body.IndicatorIds {
				value, ok := ids[id]
				if !ok {
					continue
				}
				if deleted++; !written[value] {
					t.Fatalf("%s was deleted before its new record was written", value)
				}
			}
		}
	}
	if deleted != len(ids) {
		t.Errorf("%d records were deleted instead of %d", deleted, len(ids))
	}
}

// idsOf are the tenant's values by id.
func (n *tenant) idsOf() map[string]string {
	ids := map[string]string{}
	for _, i := range n.Sim.Indicators() {
		ids[i.ID] = i.IndicatorValue
	}
	return ids
}

func TestAccSet_changeOfAction(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		theirs           int // records of others
		imports, deletes int
		gap              bool
	}{
		"room for all": {0, 2, 2, false},
		"room for 300": {14_180, 2, 2, false},
		"no room":      {14_480, 2, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := acctest.Workspace(t)
			n := newTenant(t, mdesim.Options{})
			f.Use(n.Env)
			values := domains(0, 520)
			f.Write("main.tf", set{notes: values}.String())
			f.Init()
			f.Apply()
			ids := n.idsOf()
			theirs := make([]mdesim.Indicator, tc.theirs)
			for i := range theirs {
				theirs[i] = mdesim.Indicator{IndicatorValue: fmt.Sprintf("%d.theirs.example", i)}
			}
			before := n.Sim.SeedIndicators(theirs...)
			n.Sim.ResetJournal()
			f.Write("main.tf", set{notes: values, action: "Audit", more: "generate_alert = true"}.String())
			output := f.Apply()
			if got := strings.Contains(output, "Few places for a change of action"); got != (tc.theirs > 0) {
				t.Errorf("warned of few places: %t\n%s", got, output)
			}
			if got := says("the values of a chunk have no record in between").MatchString(output); got != tc.gap {
				t.Errorf("warned of a gap: %t\n%s", got, output)
			}
			if !tc.gap {
				gapless(t, n, ids)
			}
			if err := n.checkCount(520+tc.theirs, map[mdesim.Op]int{imports: tc.imports, batchDeletes: tc.deletes}); err != nil {
				t.Error(err)
			}
			own := n.idsOf()
			for _, id := range before {
				if own[id] == "" {
					t.Fatalf("somebody else's record %s is gone", id)
				}
			}
			f.Plan("-detailed-exitcode")
		})
	}
}

// TestAccSet_changeOfActionWithoutRoomUnseen has the service refuse second
// records although its list does not show that the tenant is full, as with a
// token that does not see the records of others.
func TestAccSet_changeOfActionWithoutRoomUnseen(t *testing.T) {
	t.Parallel()
	f := acctest.Workspace(t)
	n := newTenant(t, mdesim.Options{IndicatorCap: 30})
	f.Use(n.Env)
	values := domains(0, 20)
	f.Write("main.tf", set{notes: values}.String())
	f.Init()
	f.Apply()
	n.Sim.ResetJournal()
	f.Write("main.tf", set{notes: values, action: "Warn"}.String())
	if output := f.Apply(); !says("Gap in a change of action.*10 values").MatchString(output) {
		t.Errorf("the apply does not tell of the gap:\n%s", output)
	}
	if err := n.exactly(values, "Warn", "Test"); err != nil {
		t.Error(err)
	}
	if err := n.checkCount(20, map[mdesim.Op]int{imports: 2, batchDeletes: 2}); err != nil {
		t.Error(err)
	}
	f.Plan("-detailed-exitcode")
}

func TestAccSet_changeOfApplication(t *testing.T) {
	t.Parallel()
	f := acctest.Workspace(t)
	n := newTenant(t, mdesim.Options{})
	f.Use(n.Env)
	values := domains(0, 1200)
	f.Write("main.tf", set{notes: values, more: `application = "old"`}.String())
	f.Init()
	f.Apply()
	n.Sim.ResetJournal()
	f.Write("main.tf", set{notes: values, more: `application = "new"`}.String())
	output := f.Apply()
	if !says("Indicators will be deleted and created again.*1,200 records.*chunks of at most 500").MatchString(output) || !strings.Contains(output, "1 changed") {
		t.Errorf("the plan does not announce the gap:\n%s", output)
	}
	if err := n.checkCount(1200, map[mdesim.Op]int{imports: 3, batchDeletes: 3}); err != nil {
		t.Error(err)
	}
	missing := 0
	for _, call := range n.Sim.Journal() {
		switch call.Op {
		case batchDeletes:
			missing++
		case imports:
			missing--
		}
		if missing > 1 {
			t.Fatal("more than one chunk was missing at once")
		}
	}
	for _, i := range n.Sim.Indicators() {
		if i.Application != "new" {
			t.Fatalf("%s has the application %q", i.IndicatorValue, i.Application)
		}
	}
	f.Plan("-detailed-exitcode")
}

// TestAccSet_interrupted stops Terraform in the middle of many batches.
func TestAccSet_interrupted(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		before *set
		op     mdesim.Op
		fails  bool
	}{
		"creation":         {nil, imports, false},
		"change of title":  {&set{more: `title = "old"`}, imports, true},
		"change of action": {&set{action: "Warn"}, batchDeletes, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, n := newWorkspace(t, mdesim.Options{})
			values := domains(0, 2100)
			if tc.before != nil {
				tc.before.notes = values
				f.Write("main.tf", tc.before.String())
				f.Apply()
			}
			theirs := n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "00001.evil.example", Action: "Allowed"})[0]
			f.Write("main.tf", set{notes: values}.String())
			n.Sim.ResetJournal()
			// From the third on, batches leave the interruption time to arrive. The one
			// that is under way then is waited for.
			n.Sim.AddFault(mdesim.Fault{Op: tc.op, Skip: 2, Times: -1, Delay: 3 * time.Second})
			p := f.Start("apply", "-input=false", "-no-color", "-auto-approve")
			n.await(func() bool { return n.Sim.Count(tc.op) >= 3 })
			p.Interrupt()
			output, err := p.Wait()
			n.Sim.ClearFaults()
			if tc.fails && err == nil {
				t.Errorf("the interrupted apply ended with %v:\n%s", err, output)
			}
			if !says("the apply was interrupted before").MatchString(output) {
				t.Errorf("the apply does not say what was not done:\n%s", output)
			}
			if got := n.Sim.Count(tc.op); got > 4 {
				t.Errorf("%d batches were sent after the interruption", got)
			}
			n.showsWhatIsLeft(f, values)
			f.Apply()
			if err := n.exactly(values, "Block", "Test", theirs); err != nil {
				t.Error(err)
			}
			f.Plan("-detailed-exitcode")
		})
	}
}

// showsWhatIsLeft checks the saved state: a plan has a line for each value that
// does not have exactly the record that blocks it, and for no other.
func (n *tenant) showsWhatIsLeft(f *acctest.Folder, values map[string]string) {
	n.t.Helper()
	left := maps.Clone(values)
	byValue := map[string][]mdesim.Indicator{}
	for _, i := range n.Sim.Indicators() {
		if i.Action != "Allowed" { // The one of somebody else.
			byValue[i.IndicatorValue] = append(byValue[i.IndicatorValue], i)
		}
	}
	for value, records := range byValue {
		if len(records) == 1 && records[0].Action == "Block" && records[0].Title == "Test" {
			delete(left, value)
		}
	}
	plan := f.Plan()
	lines := 0
	for line := range strings.Lines(plan) {
		if strings.Contains(line, ".evil.example\"") && strings.Contains(line, " = ") {
			lines++
		}
	}
	if lines != len(left) || len(left) == 0 {
		n.t.Errorf("the plan shows %d values of the %d that are left:\n%s", lines, len(left), plan)
	}
}

// TestAccSet_unavailable has the service go away in the middle of the batches,
// for longer than the set waits.
func TestAccSet_unavailable(t *testing.T) {
	t.Parallel()
	f, n := newWorkspace(t, mdesim.Options{})
	values := domains(0, 1100)
	theirs := n.Sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "00001.evil.example", Action: "Allowed"})[0]
	const timeouts = "timeouts = { create = \"3s\", update = \"3s\" }"
	f.Write("main.tf", set{notes: values, more: timeouts}.String())
	away := func() {
		n.Sim.AddFault(mdesim.Fault{Op: imports, Skip: 1, Times: -1, Status: 503, RetryAfter: "1", Message: "maintenance"})
	}
	away()
	if output := f.Apply(); !says("Could not save all indicators.*Not saved: 600 of 1,100 values.*503 Service Unavailable.*timeouts").MatchString(output) {
		t.Errorf("the apply does not tell of what was not saved:\n%s", output)
	}
	n.Sim.ClearFaults()
	n.showsWhatIsLeft(f, values)
	f.Apply()
	f.Write("main.tf", set{notes: values, more: timeouts + "\ntitle = \"other\""}.String())
	away()
	if output := f.RunError("apply", "-input=false", "-no-color", "-auto-approve"); !says("Could not update indicators.*600 of 1,100 values").MatchString(output) {
		t.Errorf("the apply does not tell of what was not saved:\n%s", output)
	}
	n.Sim.ClearFaults()
	f.Write("main.tf", set{notes: values, more: timeouts}.String())
	f.Apply()
	if err := n.exactly(values, "Block", "Test", theirs); err != nil {
		t.Error(err)
	}
	f.Plan("-detailed-exitcode")
}

// await waits for a state of the tenant.
func (n *tenant) await(reached func() bool) {
	n.t.Helper()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !reached() {
		select {
		case <-tick.C:
		case <-deadline.C:
			n.t.Fatal("the tenant does not get there")
		}
	}
}

// TestAccSet_killed has a killed apply leave records that the state does not
// know of.
func TestAccSet_killed(t *testing.T) {
	t.Parallel()
	f, n := newWorkspace(t, mdesim.Options{})
	values := domains(0, 1100)
	f.Write("main.tf", set{notes: values, more: `expires_in = "30d"`}.String())
	n.Sim.AddFault(mdesim.Fault{Op: imports, Times: -1, Delay: 300 * time.Millisecond})
	p := f.Start("apply", "-input=false", "-no-color", "-auto-approve")
	n.await(func() bool { return len(n.Sim.Indicators()) >= 500 })
	p.Kill()
	n.Sim.ClearFaults()
	left := len(n.Sim.Indicators())
	n.Sim.ResetJournal()
	output := f.Apply()
	if !says("Indicators taken over.*equals the configuration in everything.*and .* more").MatchString(output) {
		t.Errorf("the second apply does not tell of the leftovers:\n%s", output)
	}
	if err := n.checkCount(1100, map[mdesim.Op]int{imports: (1100 - left + 499) / 500}); err != nil {
		t.Error(err)
	}
	f.Plan("-detailed-exitcode")
}
