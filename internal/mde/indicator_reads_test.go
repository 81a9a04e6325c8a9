package mde_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

func TestGet_aHandfulIsFiltered(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{HashCase: mdesim.CaseRaised}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		records := submit(t, client, 200)
		sim.ResetJournal()
		other := newClient(t, sim, transport.Limits{})
		get := func(i int) {
			got, err := other.Indicators.Get(t.Context(), mde.Lookup{ID: records[i].ID, Type: mde.TypeDomainName, Value: records[i].IndicatorValue})
			if err != nil || got.IndicatorValue != records[i].IndicatorValue {
				t.Errorf("get %d: %+v, %v", i, got, err)
			}
		}
		each(5, get)
		each(5, get)
		wantCalls(t, sim, map[mdesim.Op]int{mdesim.OpListIndicators: 1, mdesim.OpGetIndicator: 0})
		if query := sim.Journal()[0].Query; len(query) < 100 {
			t.Errorf("the list was not filtered: %s", query)
		}
		time.Sleep(time.Hour) // The same ones again are no further ones.
		each(5, get)
		wantCalls(t, sim, map[mdesim.Op]int{mdesim.OpListIndicators: 2, mdesim.OpGetIndicator: 0})
		each(200, get)
		wantCalls(t, sim, map[mdesim.Op]int{mdesim.OpListIndicators: 3, mdesim.OpGetIndicator: 0})
	})
}

func TestGet_byIDAlone(t *testing.T) {
	t.Parallel()
	for _, missing := range []bool{false, true} {
		tenant(t, mdesim.Options{NoGetByID: missing}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
			records := submit(t, client, 50)
			sim.ResetJournal()
			other := newClient(t, sim, transport.Limits{})
			if got, err := other.Indicators.Get(t.Context(), mde.Lookup{ID: records[3].ID}); err != nil || got.ID != records[3].ID {
				t.Errorf("%+v, %v", got, err)
			}
			if _, err := other.Indicators.Get(t.Context(), mde.Lookup{ID: "999999"}); !errors.Is(err, mde.ErrNotFound) {
				t.Errorf("err = %v", err)
			}
			each(50, func(i int) {
				if _, err := other.Indicators.Get(t.Context(), mde.Lookup{ID: records[i].ID}); err != nil {
					t.Error(err)
				}
			})
			if got := sim.Count(mdesim.OpListIndicators, mdesim.OpGetIndicator); got > 3 {
				t.Errorf("%d reads", got)
			}
		})
	}
}

// TestGet_byIDIsUndocumented has services that refuse the call in their own ways.
func TestGet_byIDIsUndocumented(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 403, 404, 405, 501} {
		tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
			sim.AddFault(mdesim.Fault{Op: mdesim.OpGetIndicator, Times: -1, Status: status})
			id := sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "EVIL.example"})[0]
			for _, lookup := range []mde.Lookup{{ID: id}, {ID: id, Type: mde.TypeDomainName, Value: "evil.example"}} {
				client.Indicators.Fresh()
				sim.ResetJournal()
				if got, err := client.Indicators.Get(t.Context(), lookup); err != nil || got.ID != id {
					t.Errorf("%d: %+v, %v", status, got, err)
				}
				if got := sim.Count(mdesim.OpGetIndicator); got != 1 {
					t.Errorf("%d: asked %d times by id", status, got)
				}
			}
			if _, err := client.Indicators.Get(t.Context(), mde.Lookup{ID: "999999"}); !errors.Is(err, mde.ErrNotFound) {
				t.Errorf("%d: err = %v", status, err)
			}
			// What was written only just now may be on its way into the list.
			if _, err := client.Indicators.Get(t.Context(), mde.Lookup{ID: "999999", WrittenAt: time.Now()}); !errors.Is(err, mde.ErrUnseen) {
				t.Errorf("%d: err = %v", status, err)
			}
		})
	}
}

// TestGet_absenceIsProven has a 404 to a read by id count only where the call is
// known to work: it is also the answer to an unknown URL.
func TestGet_absenceIsProven(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options mdesim.Options
		seed    int
		want    error
		reads   int
	}{
		"the call works":          {mdesim.Options{}, 1, mde.ErrNotFound, 30 + 30 + 1},
		"an empty tenant":         {mdesim.Options{}, 0, mde.ErrNotFound, 30 + 30},
		"there is no such call":   {mdesim.Options{NoGetByID: true}, 1, mde.ErrUnseen, 30 + 30 + 1},
		"neither call nor record": {mdesim.Options{NoGetByID: true}, 0, mde.ErrUnseen, 30 + 30},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant(t, test.options, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
				for i := range test.seed {
					sim.SeedIndicators(mdesim.Indicator{IndicatorValue: domain(100 + i).IndicatorValue})
				}
				get := func(i int) {
					lookup := mde.Lookup{ID: fmt.Sprint(99_000 + i), Type: mde.TypeDomainName, Value: domain(i).IndicatorValue, WrittenAt: time.Now()}
					if _, err := client.Indicators.Get(t.Context(), lookup); !errors.Is(err, test.want) {
						t.Errorf("%v, want %v", err, test.want)
					}
				}
				each(30, get)
				if got := sim.Count(mdesim.OpGetIndicator); got > test.reads {
					t.Errorf("%d reads by id, want %d at most", got, test.reads)
				}
				if errors.Is(test.want, mde.ErrUnseen) && test.seed > 0 {
					sim.ResetJournal()
					get(31)
					wantCalls(t, sim, map[mdesim.Op]int{mdesim.OpGetIndicator: 0})
				}
			})
		})
	}
}

// TestGone_asksByID has a list show what was deleted. A service that cannot be
// asked is believed.
func TestGone_asksByID(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{0: true, 400: false, 403: false, 404: true, 405: false, 501: false} {
		tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
			id := sim.SeedIndicators(mdesim.Indicator{IndicatorValue: domain(0).IndicatorValue})[0]
			found, err := client.Indicators.Find(t.Context(), mde.TypeDomainName, domain(0).IndicatorValue)
			if err != nil || len(found) != 1 {
				t.Fatal(found, err)
			}
			sim.RemoveIndicator(id)
			if status != 0 {
				sim.AddFault(mdesim.Fault{Op: mdesim.OpGetIndicator, Status: status})
			}
			if got, err := client.Indicators.Gone(t.Context(), found[0]); err != nil || got != want {
				t.Errorf("%d: gone is %t, %v", status, got, err)
			}
		})
	}
}

// TestGone_asksForSome has a list that is right about hundreds of records.
func TestGone_asksForSome(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		sim.SeedIndicators(seeded(100)...)
		records, err := client.Indicators.All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range 100 {
			for _, record := range records.Find(mde.TypeDomainName, fmt.Sprintf("theirs-%d.example", i)) {
				if gone, err := client.Indicators.Gone(t.Context(), record); err != nil || gone {
					t.Errorf("gone is %t, %v", gone, err)
				}
			}
		}
		wantCalls(t, sim, map[mdesim.Op]int{mdesim.OpGetIndicator: 20})
	})
}

// TestGet_staysInTheBudget refreshes a full tenant in layers of a handful.
func TestGet_staysInTheBudget(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		ids := sim.SeedIndicators(seeded(15_000)...)
		for layer := range 4 {
			each(3, func(i int) {
				n := 3*layer + i
				if _, err := client.Indicators.Get(t.Context(), mde.Lookup{ID: ids[n], Type: mde.TypeDomainName, Value: fmt.Sprintf("theirs-%d.example", n)}); err != nil {
					t.Error(err)
				}
			})
			want := 1 // A small one.
			if layer > 0 {
				want = 1 + 2
			}
			wantCalls(t, sim, map[mdesim.Op]int{mdesim.OpListIndicators: want, mdesim.OpGetIndicator: 0})
		}
	})
}

// TestGet_readsByIDLag has no read show what was written a moment ago.
func TestGet_readsByIDLag(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{VisibilityLag: time.Hour}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		written := time.Now()
		record := submit(t, client, 1)[0]
		sim.AddFault(mdesim.Fault{Op: mdesim.OpGetIndicator, Status: 404, Code: "ResourceNotFound"})
		lookup := mde.Lookup{ID: record.ID, Type: mde.TypeDomainName, Value: record.IndicatorValue, WrittenAt: written}
		if got, err := newClient(t, sim, transport.Limits{}).Indicators.Get(t.Context(), lookup); err != nil || got.ID != record.ID {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// TestGet_listsLagWhereNoReadByIDIs has nothing but a list that lags.
func TestGet_listsLagWhereNoReadByIDIs(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{VisibilityLag: 4 * time.Second, NoGetByID: true}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		written := time.Now()
		records := submit(t, client, 30)
		sim.ResetJournal()
		other := newClient(t, sim, transport.Limits{})
		each(30, func(i int) {
			lookup := mde.Lookup{ID: records[i].ID, Type: mde.TypeDomainName, Value: records[i].IndicatorValue, WrittenAt: written}
			if got, err := other.Indicators.Get(t.Context(), lookup); err != nil || got.ID != records[i].ID {
				t.Errorf("%+v, %v", got, err)
			}
		})
		wantCalls(t, sim, map[mdesim.Op]int{mdesim.OpListIndicators: 2})
	})
}

func TestGet_whatTheListDoesNotShowYet(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{VisibilityLag: time.Minute}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		written := time.Now()
		records := submit(t, client, 30)
		each(30, func(i int) {
			if _, err := client.Indicators.Get(t.Context(), mde.Lookup{ID: records[i].ID, Type: mde.TypeDomainName, Value: records[i].IndicatorValue}); err != nil {
				t.Errorf("the writing process: %v", err)
			}
		})
		other := newClient(t, sim, transport.Limits{})
		get := func(i int) error {
			_, err := other.Indicators.Get(t.Context(), mde.Lookup{ID: records[i].ID, Type: mde.TypeDomainName, Value: records[i].IndicatorValue, WrittenAt: written})
			return err
		}
		each(20, func(i int) {
			if err := get(i); err != nil {
				t.Errorf("the next process: %v", err)
			}
		})
		each(10, func(i int) { // That the list lags is clear by now.
			if err := get(20 + i); !errors.Is(err, mde.ErrUnseen) {
				t.Errorf("the next process: %v", err)
			}
		})
		wantCalls(t, sim, map[mdesim.Op]int{mdesim.OpGetIndicator: 20})
	})
}

func TestFind_seesTheProcesssOwnWrites(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		each(50, func(i int) {
			if found, err := client.Indicators.Find(t.Context(), mde.TypeDomainName, domain(i).IndicatorValue); err != nil || len(found) != 0 {
				t.Errorf("%v, %v", found, err)
			}
		})
		records := submit(t, client, 50)
		found, err := client.Indicators.Find(t.Context(), mde.TypeDomainName, "HOST-3.example")
		if err != nil || len(found) != 1 || found[0].ID != records[3].ID {
			t.Errorf("%v, %v", found, err)
		}
		if err := client.Indicators.Delete(t.Context(), records[3]); err != nil {
			t.Error(err)
		}
		if found, _ = client.Indicators.Find(t.Context(), mde.TypeDomainName, "host-3.example"); len(found) != 0 {
			t.Errorf("deleted, and found: %v", found)
		}
		wantCalls(t, sim, map[mdesim.Op]int{mdesim.OpListIndicators: 1})
	})
}
