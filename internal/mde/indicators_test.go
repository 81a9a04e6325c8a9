package mde_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

// token is a ready token.
type token string

// Token implements transport.TokenSource.
func (t token) Token(context.Context) (string, error) { return string(t), nil }

// Reject implements transport.TokenSource.
func (t token) Reject(string) {}

// tenant runs a test in a bubble of its own time, against a simulated tenant
// in memory.
func tenant(t *testing.T, options mdesim.Options, test func(t *testing.T, sim *mdesim.Server, client *mde.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		sim, err := mdesim.New(options)
		if err != nil {
			t.Fatal(err)
		}
		test(t, sim, newClient(t, sim, transport.Limits{}))
	})
}

func newClient(t *testing.T, sim *mdesim.Server, limits transport.Limits) *mde.Client {
	t.Helper()
	client, err := mde.New(mde.Options{Endpoint: sim.URL(), Tokens: token(sim.AccessToken()), Limits: limits, Base: sim.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func domain(n int) mde.Indicator {
	return mde.Indicator{IndicatorValue: fmt.Sprintf("host-%d.example", n), IndicatorType: mde.TypeDomainName, Action: mde.ActionBlock, Title: "t", Description: "d", Severity: "High"}
}

// each runs n calls at once.
func each(n int, call func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { call(i) })
	}
	wg.Wait()
}

func submit(t *testing.T, client *mde.Client, n int) []mde.Indicator {
	t.Helper()
	records := make([]mde.Indicator, n)
	each(n, func(i int) {
		record, err := client.Indicators.Submit(t.Context(), domain(i))
		if err != nil {
			t.Errorf("submit %d: %v", i, err)
		}
		records[i] = record
	})
	return records
}

func wantCalls(t *testing.T, sim *mdesim.Server, want map[mdesim.Op]int) {
	t.Helper()
	for op, n := range want {
		if got := sim.Count(op); got != n {
			t.Errorf("%d calls to %s, want %d", got, op, n)
		}
	}
}

func TestSubmit_manyTravelInImports(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		sim.FailItems("host-7.example")
		each(1200, func(i int) {
			record, err := client.Indicators.Submit(t.Context(), domain(i))
			if (err != nil) != (i == 7) || err == nil && (record.ID == "" || record.IndicatorValue != domain(i).IndicatorValue) {
				t.Errorf("submit %d: %+v, %v", i, record, err)
			}
		})
		wantCalls(t, sim, map[mdesim.Op]int{mdesim.OpImportIndicators: 3, mdesim.OpSubmitIndicator: 0, mdesim.OpListIndicators: 0})
		if got := len(sim.Indicators()); got != 1199 {
			t.Errorf("the tenant holds %d", got)
		}
	})
}

func TestSubmit_oneGoesByItself(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		record, err := client.Indicators.Submit(t.Context(), domain(1))
		if err != nil || record.CreationTimeDateTimeUTC.IsZero() {
			t.Errorf("%+v, %v", record, err)
		}
		wantCalls(t, sim, map[mdesim.Op]int{mdesim.OpImportIndicators: 0, mdesim.OpSubmitIndicator: 1})
	})
}

func TestSubmit_twoActionsOfOneValue(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		ids := make([]string, 2)
		each(2, func(i int) {
			item := domain(1)
			item.Action = []string{mde.ActionBlock, mde.ActionWarn}[i]
			record, err := client.Indicators.Submit(t.Context(), item)
			if err != nil || record.Action != item.Action {
				t.Errorf("%+v, %v", record, err)
			}
			ids[i] = record.ID
		})
		if ids[0] == ids[1] || len(sim.Indicators()) != 2 {
			t.Errorf("ids %v", ids)
		}
	})
}

func TestSubmit_anAnswerThatIsLostIsSettledByReading(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cut   mdesim.Cut
		sends int
	}{"after the effect": {mdesim.CutAfterEffect, 1}, "half an answer": {mdesim.CutBody, 1}, "before the effect": {mdesim.CutBeforeEffect, 2}} {
		for _, n := range []int{1, 40} {
			t.Run(fmt.Sprintf("%s of %d", name, n), func(t *testing.T) {
				t.Parallel()
				tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
					for _, op := range []mdesim.Op{mdesim.OpSubmitIndicator, mdesim.OpImportIndicators} {
						sim.AddFault(mdesim.Fault{Op: op, Cut: test.cut})
					}
					for i, record := range submit(t, client, n) {
						if record.ID == "" {
							t.Errorf("no id for %d", i)
						}
					}
					if got := sim.Count(mdesim.OpSubmitIndicator, mdesim.OpImportIndicators); got != test.sends {
						t.Errorf("%d writes, want %d", got, test.sends)
					}
					if len(sim.Indicators()) != n {
						t.Errorf("the tenant holds %d, want %d", len(sim.Indicators()), n)
					}
				})
			})
		}
	}
}

func TestDelete_manyTravelTogetherAndGoneIsDone(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		records := submit(t, client, 120)
		sim.RemoveIndicator(records[5].ID)
		sim.RemoveIndicator(records[77].ID)
		each(120, func(i int) {
			if err := client.Indicators.Delete(t.Context(), records[i]); err != nil {
				t.Errorf("delete %d: %v", i, err)
			}
		})
		if got := len(sim.Indicators()); got != 0 {
			t.Errorf("%d left", got)
		}
		wantCalls(t, sim, map[mdesim.Op]int{mdesim.OpBatchDeleteIndicators: 2, mdesim.OpDeleteIndicator: 2, mdesim.OpListIndicators: 1})
	})
}

func TestDelete_answerLost(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		records := submit(t, client, 20)
		sim.AddFault(mdesim.Fault{Op: mdesim.OpBatchDeleteIndicators, Cut: mdesim.CutAfterEffect})
		each(20, func(i int) {
			if err := client.Indicators.Delete(t.Context(), records[i]); err != nil {
				t.Errorf("delete %d: %v", i, err)
			}
		})
		if got := len(sim.Indicators()); got != 0 {
			t.Errorf("%d left", got)
		}
	})
}

func TestDelete_leavesWhatThisApplyHasWritten(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		records := submit(t, client, 2)
		if _, err := client.Indicators.Claim(records[0].Key()); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Indicators.Claim(records[0].Key()); !errors.Is(err, mde.ErrClaimed) {
			t.Errorf("err = %v", err)
		}
		for _, record := range records {
			if err := client.Indicators.Delete(t.Context(), record); err != nil {
				t.Error(err)
			}
		}
		if left := sim.Indicators(); len(left) != 1 || left[0].ID != records[0].ID {
			t.Errorf("left: %v", left)
		}
	})
}

func TestQuotas_waitsInsteadOfFailing(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{Quotas: mdesim.DocumentedQuotas()}, func(t *testing.T, sim *mdesim.Server, _ *mde.Client) {
		client := newClient(t, sim, transport.Limits{RequestsPerMinute: 100, RequestsPerHour: 1500, ImportsPerMinute: 30, LiveResponseRunsPerMinute: 10})
		for i := range 350 {
			if _, err := client.Indicators.Submit(t.Context(), domain(i)); err != nil {
				t.Fatalf("submit %d: %v", i, err)
			}
		}
		for _, call := range sim.Journal() {
			if call.Status == 429 {
				t.Fatal("the governor let a call through that the service refuses")
			}
		}
	})
}

func TestSubmitAll_fifteenThousand(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{Quotas: mdesim.DocumentedQuotas()}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		items := make([]mde.Indicator, 15_000)
		for i := range items {
			items[i] = domain(i)
		}
		batches := 0
		records := make([]mde.Indicator, len(items))
		for i, result := range client.Indicators.SubmitAll(t.Context(), items, func(int) { batches++ }) {
			if result.Err != nil {
				t.Fatal(result.Err)
			}
			records[i] = result.Value
		}
		whole, err := newClient(t, sim, transport.Limits{}).Indicators.All(t.Context())
		if err != nil || whole.Len() != 15_000 || batches != 30 {
			t.Errorf("%d records, %d batches, %v", whole.Len(), batches, err)
		}
		for _, err := range client.Indicators.DeleteAll(t.Context(), records, func(int) {}) {
			if err != nil {
				t.Fatal(err)
			}
		}
		wantCalls(t, sim, map[mdesim.Op]int{mdesim.OpImportIndicators: 30, mdesim.OpBatchDeleteIndicators: 30, mdesim.OpListIndicators: 2})
		if left := len(sim.Indicators()); left != 0 {
			t.Errorf("%d left", left)
		}
	})
}

// TestAll_pages reads a full tenant from services that page in their own ways.
func TestAll_pages(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]mdesim.Options{
		"pages of 10,000":            {},
		"smaller pages":              {PageSize: 4_000},
		"full pages without a link":  {NoNextLink: true},
		"as many as fit in one page": {PageSize: 15_000, NoNextLink: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant(t, options, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
				sim.SeedIndicators(seeded(15_000)...)
				if whole, err := client.Indicators.All(t.Context()); err != nil || whole.Len() != 15_000 {
					t.Errorf("%d records, %v", whole.Len(), err)
				}
			})
		})
	}
}

// seeded are that many records of others.
func seeded(n int) []mdesim.Indicator {
	records := make([]mdesim.Indicator, n)
	for i := range records {
		records[i] = mdesim.Indicator{IndicatorValue: fmt.Sprintf("theirs-%d.example", i)}
	}
	return records
}

func TestSubmitAll_stopsBetweenBatches(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		ctx, cancel := context.WithCancel(t.Context())
		items := make([]mde.Indicator, 1200)
		for i := range items {
			items[i] = domain(i)
		}
		results := client.Indicators.SubmitAll(ctx, items, func(done int) {
			if done == 500 {
				cancel()
			}
		})
		for i, result := range results {
			if errors.Is(result.Err, context.Canceled) != (i >= 500) {
				t.Fatalf("item %d: %v", i, result.Err)
			}
		}
		if len(results) != 1200 || len(sim.Indicators()) != 500 {
			t.Errorf("%d results, %d records", len(results), len(sim.Indicators()))
		}
	})
}
