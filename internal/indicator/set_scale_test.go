package indicator

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// TestRollout_full changes sets as large as a tenant can hold, without the time
// that Terraform takes for them.
func TestRollout_full(t *testing.T) {
	t.Parallel()
	_, sim := signedIn(t, tenant)
	of := func(count int, action string, changed int) *setModel {
		m := &setModel{settings: blocked("", "d", "").settings}
		m.Action = text(action)
		notes := make(map[string]types.String, count)
		for i := range count {
			notes[fmt.Sprintf("%05d.evil.example", i)] = text("")
		}
		if changed >= 0 {
			notes[fmt.Sprintf("%05d.evil.example", changed)] = text("changed")
		}
		m.setNotes(notes)
		return m
	}
	change := func(prior, plan *setModel, remembered setMemory, calls map[mdesim.Op]int) setMemory {
		t.Helper()
		sim.ResetJournal()
		sets := &setResource{}
		sets.Client = clientOf(t, sim, tenant) // Each apply is a process of its own.
		p := sets.newRollout(prior, plan, remembered)
		if err := p.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if failed := p.failures(); len(failed) > 0 {
			t.Fatal(failed)
		}
		for _, op := range []mdesim.Op{mdesim.OpImportIndicators, mdesim.OpSubmitIndicator, mdesim.OpBatchDeleteIndicators, mdesim.OpDeleteIndicator} {
			if got := sim.Count(op); got != calls[op] {
				t.Errorf("%d calls to %s instead of %d", got, op, calls[op])
			}
		}
		_, remembered, _ = p.result(plan)
		return remembered
	}
	full, touched, fewer, warned := of(limit, "Block", -1), of(limit, "Block", 7), of(14_000, "Block", 7), of(14_000, "Warn", 7)
	remembered := change(nil, full, setMemory{}, map[mdesim.Op]int{mdesim.OpImportIndicators: 30})
	remembered = change(full, touched, remembered, map[mdesim.Op]int{mdesim.OpSubmitIndicator: 1})
	remembered = change(touched, fewer, remembered, map[mdesim.Op]int{mdesim.OpBatchDeleteIndicators: 2})
	old := map[string]string{}
	for _, i := range sim.Indicators() {
		old[i.ID] = i.IndicatorValue
	}
	change(fewer, warned, remembered, map[mdesim.Op]int{mdesim.OpImportIndicators: 28, mdesim.OpBatchDeleteIndicators: 28})
	written := map[string]bool{}
	for _, call := range sim.Journal() {
		var body struct {
			Indicators   []struct{ IndicatorValue string }
			IndicatorIds []string
		}
		if len(call.Body) > 0 && json.Unmarshal(call.Body, &body) != nil {
			t.Fatalf("%s has the body %s", call.Op, call.Body)
		}
		for _, i := range body.Indicators {
			written[i.IndicatorValue] = true
		}
		for _, id := range body.IndicatorIds {
			if !written[old[id]] {
				t.Fatalf("%s was without a record", old[id])
			}
		}
	}
	if got := len(sim.Indicators()); got != 14_000 {
		t.Errorf("the tenant holds %d records", got)
	}
}
