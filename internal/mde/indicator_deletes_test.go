package mde_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

// deletions deletes n records that another process wrote, of which somebody else
// has deleted the first few meanwhile, and returns what is left.
func deletions(t *testing.T, sim *mdesim.Server, n, gone int, age time.Duration) []mdesim.Indicator {
	t.Helper()
	items := make([]mde.Indicator, n)
	for i := range items {
		items[i] = domain(i)
	}
	var held []mde.Indicator
	for _, result := range newClient(t, sim, transport.Limits{}).Indicators.SubmitAll(t.Context(), items, func(int) {}) {
		record := result.Value
		if age > 0 {
			record.LastUpdateTime = time.Now().Add(-age)
		}
		held = append(held, record)
	}
	for _, record := range held[:gone] {
		sim.RemoveIndicator(record.ID)
	}
	sim.ResetJournal()
	for i, err := range newClient(t, sim, transport.Limits{}).Indicators.DeleteAll(t.Context(), held, func(int) {}) {
		if err != nil {
			t.Errorf("delete %d: %v", i, err)
		}
	}
	return sim.Indicators()
}

// TestDeleteAll_listsThatLag has records deleted that the list does not show,
// because they were written only just now or because they are gone.
func TestDeleteAll_listsThatLag(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lag                    time.Duration
		n, gone                int
		age                    time.Duration
		batches, singles, list int
	}{
		"one of many is gone":     {time.Hour, 500, 1, 0, 11, 16, 1},
		"most of them are gone":   {time.Hour, 200, 195, 0, 31, 200, 1},
		"all of the old are gone": {0, 500, 500, 10 * time.Minute, 1, 0, 1},
		"the list does not lag":   {0, 500, 300, 10 * time.Minute, 2, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant(t, mdesim.Options{VisibilityLag: test.lag}, func(t *testing.T, sim *mdesim.Server, _ *mde.Client) {
				if left := deletions(t, sim, test.n, test.gone, test.age); len(left) != 0 {
					t.Errorf("all count as deleted, and %d are still there", len(left))
				}
				for op, most := range map[mdesim.Op]int{mdesim.OpBatchDeleteIndicators: test.batches, mdesim.OpDeleteIndicator: test.singles, mdesim.OpListIndicators: test.list} {
					if got := sim.Count(op); got > most {
						t.Errorf("%d calls to %s, want %d at most", got, op, most)
					}
				}
			})
		})
	}
}

// TestDeleteAll_answersThatAreLost has a batch of which nobody knows whether it
// took effect: it does as a whole or not at all.
func TestDeleteAll_answersThatAreLost(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]mdesim.Fault{
		"after the effect":       {Cut: mdesim.CutAfterEffect},
		"before the effect":      {Cut: mdesim.CutBeforeEffect},
		"a 500 after the effect": {Status: http.StatusInternalServerError, AfterEffect: true},
		"twice":                  {Cut: mdesim.CutBeforeEffect, Times: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant(t, mdesim.Options{VisibilityLag: time.Hour}, func(t *testing.T, sim *mdesim.Server, _ *mde.Client) {
				fault.Op = mdesim.OpBatchDeleteIndicators
				sim.AddFault(fault)
				if left := deletions(t, sim, 500, 0, 0); len(left) != 0 {
					t.Errorf("all count as deleted, and %d are still there", len(left))
				}
				if got := sim.Count(mdesim.OpBatchDeleteIndicators, mdesim.OpDeleteIndicator); got > 45 {
					t.Errorf("%d calls", got)
				}
			})
		})
	}
}

// TestDelete_anotherRecordOfAClaimedKey has a service that keys by more than
// value, type and action: what was not written by the claim's owner goes.
func TestDelete_anotherRecordOfAClaimedKey(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{GroupsInKey: true}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		before, now := domain(0), domain(0)
		before.RBACGroupNames, now.RBACGroupNames = []string{"a"}, []string{"b"}
		before, err := client.Indicators.Submit(t.Context(), before)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Indicators.Claim(now.Key()); err != nil {
			t.Fatal(err)
		}
		remove := func(record mde.Indicator, left int) {
			t.Helper()
			if err := client.Indicators.Delete(t.Context(), record); err != nil {
				t.Error(err)
			}
			if got := len(sim.Indicators()); got != left {
				t.Errorf("%d records are left instead of %d", got, left)
			}
		}
		remove(before, 1) // The claim's owner may be about to write it.
		now, err = client.Indicators.Submit(t.Context(), now)
		if err != nil {
			t.Fatal(err)
		}
		remove(now, 2)
		remove(before, 1)
		for _, want := range []bool{true, false} {
			if there, err := client.Indicators.DeleteOne(t.Context(), now); err != nil || there != want {
				t.Errorf("deleted: %t, %v", there, err)
			}
		}
	})
}
