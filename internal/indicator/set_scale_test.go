package indicator

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// TestRollout_action changes the action of 14,000 values, for which there are a
// thousand places: without a gap, a chunk at a time.
func TestRollout_action(t *testing.T) {
	t.Parallel()
	const count = 14_000
	r, sim := signedIn(t, tenant)
	sets := &setResource{}
	sets.Client = r.Client
	notes, records := make(map[string]types.String, count), make([]mdesim.Indicator, count)
	for i := range records {
		value := fmt.Sprintf("%05d.evil.example", i)
		notes[value] = text("")
		records[i] = mdesim.Indicator{IndicatorValue: value, Title: "title", Description: "d", Severity: "High"}
	}
	old, remembered := map[string]string{}, setMemory{Records: make(map[string]held, count)}
	for i, id := range sim.SeedIndicators(records...) {
		old[id], remembered.Records[records[i].IndicatorValue] = records[i].IndicatorValue, held{ID: id}
	}
	of := func(action string) *setModel {
		m := &setModel{settings: blocked("", "d", "").settings}
		m.Action = text(action)
		m.setNotes(notes)
		return m
	}
	p := sets.newRollout(of("Block"), of("Warn"), remembered)
	if err := p.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if failed := p.failures(); len(failed) > 0 {
		t.Fatal(failed)
	}
	for _, op := range []mdesim.Op{mdesim.OpImportIndicators, mdesim.OpBatchDeleteIndicators} {
		if got := sim.Count(op); got != count/chunk {
			t.Errorf("%d calls to %s instead of %d", got, op, count/chunk)
		}
	}
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
	if got := len(sim.Indicators()); got != count {
		t.Errorf("the tenant holds %d records", got)
	}
}
