package indicator

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

const (
	// chunk is how many records are missing at most while a set deletes before
	// it writes, and what a call takes.
	chunk = 500
	// limit is how many active indicators a tenant can have.
	limit = 15_000
	// few is how many free places are worth a warning.
	few = 500
	// handful is how many values a set looks for by name. For more it reads the
	// whole list, of which a tenant has three pages at most.
	handful = 9
)

// view is what a set sees of the tenant.
type view struct {
	find func(indicatorType, value string) []mde.Indicator
	// get finds a record by its id; nil when only some values were looked for.
	get func(id string) (mde.Indicator, bool)
	// size is the number of records, -1 when only some were looked for.
	size int
}

func viewOf(records mde.Records) view {
	return view{find: records.Find, get: records.Get, size: records.Len()}
}

// of returns the records of a value, the one that the set holds among them even
// if the service has spelled the value in its own way.
func (v view) of(want mde.Indicator, h held) []mde.Indicator {
	found := v.find(want.IndicatorType, want.IndicatorValue)
	if v.get == nil || h.ID == "" || slices.ContainsFunc(found, func(i mde.Indicator) bool { return i.ID == h.ID }) {
		return found
	}
	if record, ok := v.get(h.ID); ok {
		found = append(found, asSpelled(record, want))
	}
	return found
}

// asSpelled returns a record with the configuration's spelling of its value,
// if the service may have made its own of it.
func asSpelled(record, want mde.Indicator) mde.Indicator {
	if record.IndicatorType == want.IndicatorType && mde.Alike(record.IndicatorValue, want.IndicatorValue) {
		record.IndicatorValue = want.IndicatorValue
	}
	return record
}

// look reads what there is of these values, all that there is when they are
// many.
func (r *setResource) look(ctx context.Context, values []mde.IndicatorKey) (view, error) {
	if len(values) > handful {
		records, err := r.Client.Indicators.All(ctx)
		if err != nil {
			return view{}, err
		}
		return viewOf(records), nil
	}
	var mu sync.Mutex
	found := map[mde.IndicatorKey][]mde.Indicator{}
	group, ctx := errgroup.WithContext(ctx)
	for _, value := range values {
		group.Go(func() error { // At once, so that they travel in one call.
			records, err := r.Client.Indicators.Find(ctx, value.Type, value.Value)
			mu.Lock()
			defer mu.Unlock()
			found[anyAction(value.Type, value.Value)] = records
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return view{}, err
	}
	return view{size: -1, find: func(indicatorType, value string) []mde.Indicator { return found[anyAction(indicatorType, value)] }}, nil
}
