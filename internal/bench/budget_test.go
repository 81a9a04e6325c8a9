package bench

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

func TestCountCalls(t *testing.T) {
	t.Parallel()
	got := countCalls([]mdesim.Call{
		{Op: mdesim.OpListIndicators, Status: http.StatusOK},
		{Op: mdesim.OpListIndicators, Status: http.StatusOK, Query: "$skip=10000"},
		{Op: mdesim.OpListIndicators, Status: http.StatusOK, Query: "%24filter=indicatorValue+eq+%27a%27"},
		{Op: mdesim.OpImportIndicators, Status: http.StatusTooManyRequests},
		{Op: mdesim.OpImportIndicators, Status: http.StatusOK},
		{Op: mdesim.OpToken, Status: http.StatusOK},
	})
	want := Calls{lists: 2, filtered: 1, imports: 1, throttled: 1, "token": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, want := got.String(), "2 list, 1 filtered list, 1 import, 1 throttled, 1 token"; got != want {
		t.Errorf("the calls read %q, not %q", got, want)
	}
	if got := (Calls{}).String(); got != "none" {
		t.Errorf("no calls read %q", got)
	}
}

func TestOverruns(t *testing.T) {
	t.Parallel()
	set := Scenario{Shape: Set, Size: 15_000, Parallelism: 10}
	singles := Scenario{Shape: ForEach, Size: 500, Parallelism: 10}
	alone := Scenario{Shape: Alone, Size: 1, Parallelism: 10}
	for name, test := range map[string]struct {
		scenario Scenario
		step     string
		calls    Calls
		want     []string
	}{
		"set created within":      {set, stepCreate, Calls{imports: 30, lists: 3}, nil},
		"set created beyond":      {set, stepCreate, Calls{imports: 31, lists: 3}, []string{"set-15000, create: 31 calls (submit or import), at most 30"}},
		"set read too often":      {set, stepCreate, Calls{imports: 30, lists: 3, filtered: 1}, []string{"set-15000, create: 4 calls (list or filtered list), at most 3"}},
		"set planned":             {set, stepEmptyPlan, Calls{lists: 3}, nil},
		"a plan writes":           {set, stepEmptyPlan, Calls{submits: 1}, []string{"set-15000, empty plan: 1 calls (submit or import), at most 0"}},
		"one changed":             {set, stepChangeOne, Calls{submits: 1, lists: 4}, nil},
		"one changed twice":       {set, stepChangeOne, Calls{submits: 1, imports: 1}, []string{"set-15000, change one: 2 calls (submit or import), at most 1"}},
		"set destroyed":           {set, stepDestroy, Calls{batchDeletes: 30, lists: 3}, nil},
		"singles created within":  {singles, stepCreate, Calls{imports: 50, submits: 3, lists: 3}, nil},
		"singles created beyond":  {singles, stepCreate, Calls{imports: 50, submits: 4}, []string{"for_each-500-p10, create: 54 calls (submit or import), at most 53"}},
		"singles planned":         {singles, stepEmptyPlan, Calls{lists: 2}, nil},
		"singles planned by list": {singles, stepEmptyPlan, Calls{lists: 3}, []string{"for_each-500-p10, empty plan: 3 calls (list or filtered list), at most 2"}},
		"one by filter":           {alone, stepEmptyPlan, Calls{filtered: 1}, nil},
		"one by the whole list":   {alone, stepEmptyPlan, Calls{lists: 1}, []string{"alone-1, empty plan: 1 calls (list), at most 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, overruns(test.scenario, test.step, test.calls)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBudget_everyStepHasOne(t *testing.T) {
	t.Parallel()
	for _, scenario := range Scenarios(true) {
		for _, step := range steps(scenario) {
			if len(budget(scenario, step.name)) == 0 {
				t.Errorf("%s, %s has no budget", scenario, step.name)
			}
		}
	}
}
