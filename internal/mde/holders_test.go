package mde_test

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// hold has a resource hold records, and compares what it learns.
func hold(t *testing.T, client *mde.Client, name string, holding mde.Holding, wantKept, wantGiven []string) {
	t.Helper()
	kept, given := client.Indicators.Hold(t.Context(), name, holding)
	if !slices.Equal(slices.Sorted(maps.Keys(kept)), wantKept) || !slices.Equal(slices.Sorted(maps.Keys(given)), wantGiven) {
		t.Errorf("%s gives up %v, kept by others, and keeps %v, given up by others; want %v and %v", name, kept, given, wantKept, wantGiven)
	}
}

func TestHold(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, _ *mdesim.Server, client *mde.Client) {
		early := time.Now()
		hold(t, client, "a", mde.Holding{Keeps: []string{"1", "2"}, Gives: []string{"3"}, WrittenAt: early}, nil, nil)
		hold(t, client, "b", mde.Holding{Keeps: []string{"3", "4"}, Gives: []string{"1"}}, []string{"1"}, []string{"3"})
		hold(t, client, "a", mde.Holding{Keeps: []string{"1"}, Gives: []string{"3"}}, []string{"3"}, nil) // Terraform plans again when it applies.
		for id, want := range map[string]bool{"1": true, "2": true, "5": false} {
			if kept := client.Indicators.GiveUp(id); kept != want {
				t.Errorf("the record %s is kept: %t", id, kept)
			}
		}
		hold(t, client, "c", mde.Holding{Keeps: []string{"5"}}, nil, []string{"5"})
		hold(t, client, "d", mde.Holding{Keeps: []string{"2"}, WrittenAt: early}, nil, nil)
		if !client.Indicators.KeptSince("1", early.Add(-1)) || client.Indicators.KeptSince("1", early) || client.Indicators.KeptSince("9", early) {
			t.Error("who has written last is not known")
		}
	})
}

// Who keeps a record learns of a resource that is refreshed before and planned
// after.
func TestHold_awaitsTheUndecided(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, _ *mdesim.Server, client *mde.Client) {
		client.Indicators.Refreshed("a")
		client.Indicators.Refreshed("b")
		go hold(t, client, "a", mde.Holding{Keeps: []string{"2"}}, nil, []string{"2"})
		synctest.Wait()
		time.Sleep(time.Second)
		hold(t, client, "b", mde.Holding{Gives: []string{"2"}}, nil, nil)
		synctest.Wait()
		hold(t, client, "b", mde.Holding{Gives: []string{"2"}}, []string{"2"}, nil)
		client.Indicators.Refreshed("c")
		began := time.Now()
		hold(t, client, "d", mde.Holding{Keeps: []string{"2"}}, nil, []string{"2"}) // The plan of c has failed.
		if waited := time.Since(began); waited != 15*time.Second {
			t.Errorf("waited for %s", waited)
		}
	})
}
