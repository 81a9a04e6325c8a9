package guardrail_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mde-as-code/terraform-provider-mde/internal/guardrail"
	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

func limited(t *testing.T, deletions int64) *guardrail.Rules {
	t.Helper()
	return rules(t, guardrail.Settings{MaxIndicatorDeletions: &deletions})
}

func blocked(values ...string) []mde.Indicator { return with(mde.ActionBlock, values...) }

func with(action string, values ...string) []mde.Indicator {
	var all []mde.Indicator
	for _, value := range values {
		all = append(all, mde.Indicator{IndicatorType: mde.TypeDomainName, IndicatorValue: value, Action: action})
	}
	return all
}

func values(refusal *guardrail.Refusal) []string {
	if refusal == nil {
		return nil
	}
	return refusal.Values
}

func TestPlanDeletions_counts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := limited(t, 2)
		for i, step := range []struct {
			gives, keeps []mde.Indicator
			want         []string
		}{
			{blocked("a.example"), nil, nil},
			{blocked("A.example"), nil, nil}, // The second pass over the same object.
			{nil, with(mde.ActionAudit, "moved.example"), nil},
			{blocked("moved.example"), nil, nil},
			{blocked("b.example"), blocked("kept.example"), nil},
			{blocked("c.example"), nil, []string{"a.example", "b.example", "c.example"}},
			{nil, blocked("c.example"), nil},
			{nil, nil, nil},
		} {
			if diff := cmp.Diff(step.want, values(r.PlanDeletions(t.Context(), step.gives, step.keeps))); diff != "" {
				t.Errorf("step %d: %s", i, diff)
			}
		}
	})
}

// TestPlanDeletions_movesInAnyOrder plans what goes before what takes it over.
func TestPlanDeletions_movesInAnyOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := limited(t, 0)
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				if refusal := r.PlanDeletions(t.Context(), blocked(fmt.Sprintf("h%d.example", i)), nil); refusal != nil {
					t.Errorf("a move counts: %v", refusal.Values)
				}
			})
		}
		synctest.Wait()
		done := r.Working()
		time.Sleep(time.Minute) // Whatever is under way may be followed by what takes it over.
		done()
		for i := range 50 {
			if refusal := r.PlanDeletions(t.Context(), nil, blocked(fmt.Sprintf("h%d.example", i))); refusal != nil {
				t.Errorf("what is kept is refused: %v", refusal.Values)
			}
		}
		wg.Wait()
	})
}

// slow is a service that takes its time for every answer.
type slow time.Duration

func (s slow) RoundTrip(*http.Request) (*http.Response, error) {
	time.Sleep(time.Duration(s))
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(`{"id": "1"}`))}, nil
}

// TestPlanDeletions_waitsForCalls has what takes a value over wait for the answer
// to a data source.
func TestPlanDeletions_waitsForCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := limited(t, 0)
		client, err := mde.New(mde.Options{Endpoint: "https://api.security.microsoft.com", Base: slow(time.Minute), Working: r.Working})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if refusal := r.PlanDeletions(t.Context(), blocked("a.example"), nil); refusal != nil {
				t.Errorf("a move counts: %v", refusal.Values)
			}
		})
		if _, err := client.Machines.Get(t.Context(), "1"); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second) // Terraform plans the resource that has waited.
		if refusal := r.PlanDeletions(t.Context(), nil, blocked("a.example")); refusal != nil {
			t.Errorf("what is kept is refused: %v", refusal.Values)
		}
		wg.Wait()
	})
}

// TestPlanDeletions_oneSpeaksForAll has many objects destroyed at once.
func TestPlanDeletions_oneSpeaksForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := limited(t, 3)
		var mu sync.Mutex
		var refusals []*guardrail.Refusal
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				if refusal := r.PlanDeletions(t.Context(), blocked(fmt.Sprintf("h%d.example", i)), nil); refusal != nil {
					mu.Lock()
					defer mu.Unlock()
					refusals = append(refusals, refusal)
				}
			})
		}
		wg.Wait()
		if len(refusals) != 1 || len(refusals[0].Values) != 50 || refusals[0].Rule != guardrail.MaxIndicatorDeletions {
			t.Errorf("got %v", refusals)
		}
	})
}

func TestPlanDeletions_endsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		if limited(t, 0).PlanDeletions(ctx, blocked("a.example"), nil) == nil || time.Since(began) > 0 {
			t.Errorf("ended after %s", time.Since(began))
		}
	})
}

func TestCountDeletions(t *testing.T) {
	t.Parallel()
	r := limited(t, 1)
	if refusal := r.CountDeletions(blocked("a.example")); refusal != nil {
		t.Errorf("the first: %v", refusal)
	}
	if refusal := r.CountDeletions(blocked("b.example")); refusal == nil {
		t.Error("the second is not refused")
	}
}

func TestRuns(t *testing.T) {
	t.Parallel()
	limit := int64(2)
	r := rules(t, guardrail.Settings{MaxRuns: &limit})
	for i, step := range []struct {
		refusal *guardrail.Refusal
		refused bool
	}{
		{r.PlanRun("a", "M"), false},
		{r.PlanRun("a", "M"), false}, // The second pass over the same object.
		{r.PlanRun("b", "M"), false},
		{r.PlanRun("c", "M"), true},
		{r.PlanRun("b", "M"), false},
		{r.StartRun("M"), false}, // What is planned does not count as started.
		{r.StartRun("M"), false},
		{r.StartRun("M"), true},
	} {
		if (step.refusal != nil) != step.refused {
			t.Errorf("step %d: %v", i, step.refusal)
		}
	}
}
