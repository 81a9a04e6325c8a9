package indicator

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// TestMove_betweenSingleAndSet has a record leave a single indicator and enter
// a set in one apply, or the other way round, in either order.
func TestMove_betweenSingleAndSet(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		intoSet, creationFirst   bool
		application, description string
	}{
		"into a set, creation first, as it is":   {true, true, "", "old"},
		"into a set, creation first, changed":    {true, true, "repo", "new"},
		"into a set, deletion first, as it is":   {true, false, "", "old"},
		"into a set, deletion first, changed":    {true, false, "", "new"},
		"out of a set, creation first, as it is": {false, true, "", "old"},
		"out of a set, creation first, changed":  {false, true, "repo", "new"},
		"out of a set, deletion first, as it is": {false, false, "", "old"},
		"out of a set, deletion first, changed":  {false, false, "", "new"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, sim := signedIn(t, tenant)
			sets := &setResource{}
			sets.Client = r.Client
			id := sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "evil.example", Title: "title", Description: "old", Severity: "High", Application: tc.application})[0]
			of := func(description string, values ...string) *setModel {
				m := &setModel{settings: blocked("", description, tc.application).settings}
				notes := map[string]types.String{}
				for _, value := range values {
					notes[value] = text("")
				}
				m.setNotes(notes)
				return m
			}
			change := func(prior, plan *setModel, remembered setMemory) {
				p := sets.newRollout(prior, plan, remembered)
				if err := p.run(context.Background()); err != nil {
					t.Error(err)
				}
				if failed := p.failures(); len(failed) > 0 {
					t.Error(failed)
				}
			}
			enter := func() { change(of(tc.description), of(tc.description, "evil.example"), setMemory{}) }
			leave := func() {
				if diags := r.remove(context.Background(), blocked(id, "old", tc.application), memory{}); len(diags) > 0 {
					t.Error(diags)
				}
			}
			if !tc.intoSet {
				enter = func() {
					if out := r.occupy(context.Background(), blocked("", tc.description, tc.application).write(nil, memory{})); out.diags.HasError() {
						t.Error(out.diags)
					}
				}
				leave = func() {
					remembered := setMemory{WrittenAt: time.Now(), Records: map[string]held{"evil.example": {ID: id}}}
					change(of("old", "evil.example"), of("old"), remembered)
				}
			}
			checkMove(t, sim, tc.creationFirst, enter, leave, tc.description)
		})
	}
}
