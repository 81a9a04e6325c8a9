package bench

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// endpoint names a kind of call in the table.
type endpoint string

// The endpoints that a budget names. A filtered list is a small call.
const (
	lists        endpoint = "list"
	filtered     endpoint = "filtered list"
	submits      endpoint = "submit"
	imports      endpoint = "import"
	deletes      endpoint = "delete"
	batchDeletes endpoint = "batch delete"
)

// What the API takes and gives in one call.
const (
	maxBatch = 500
	pageSize = 10_000
)

// Calls counts the calls of each endpoint.
type Calls map[endpoint]int

// throttled counts, beside the endpoints, the answers that said to come later.
const throttled endpoint = "throttled"

// countCalls sorts a journal by endpoint.
func countCalls(journal []mdesim.Call) Calls {
	names := map[mdesim.Op]endpoint{
		mdesim.OpListIndicators: lists, mdesim.OpSubmitIndicator: submits, mdesim.OpImportIndicators: imports,
		mdesim.OpDeleteIndicator: deletes, mdesim.OpBatchDeleteIndicators: batchDeletes,
	}
	calls := Calls{}
	for _, call := range journal {
		name, ok := names[call.Op]
		switch {
		case call.Status == http.StatusTooManyRequests:
			name = throttled
		case !ok:
			name = endpoint(call.Op)
		case name == lists && isFiltered(call.Query):
			name = filtered
		}
		calls[name]++
	}
	return calls
}

// isFiltered tells whether a list call asked for some records only, or for
// their number.
func isFiltered(query string) bool {
	values, err := url.ParseQuery(query)
	return err == nil && (values.Get("$filter") != "" || values.Get("$top") == "1")
}

// of adds up the calls of some endpoints.
func (c Calls) of(some ...endpoint) int {
	sum := 0
	for _, name := range some {
		sum += c[name]
	}
	return sum
}

// String lists the calls, busiest endpoint first.
func (c Calls) String() string {
	names := slices.SortedFunc(maps.Keys(c), func(a, b endpoint) int {
		return cmp.Or(cmp.Compare(c[b], c[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, name := range names {
		parts = append(parts, fmt.Sprintf("%d %s", c[name], name))
	}
	return cmp.Or(strings.Join(parts, ", "), "none")
}

// limit bounds the calls of some endpoints together.
type limit struct {
	what string
	most int
	of   []endpoint
}

func atMost(most int, of ...endpoint) limit {
	var names []string
	for _, name := range of {
		names = append(names, string(name))
	}
	return limit{what: strings.Join(names, " or "), most: most, of: of}
}

// budget returns what a step may cost. What it does not name is free.
func budget(s Scenario, step string) []limit {
	reads := func(most int) limit { return atMost(most, lists, filtered) }
	writes := func(most int) limit { return atMost(most, submits, imports) }
	removals := func(most int) limit { return atMost(most, deletes, batchDeletes) }
	batches, refresh, changes := ceil(s.Size, maxBatch), ceil(s.Size, pageSize)+1, ceil(s.Size, maxBatch)
	var all []limit
	switch s.Shape {
	case ForEach:
		batches = ceil(s.Size, min(s.Parallelism, maxBatch)) + 3
		// Each single one is written and then deleted, so that only half of
		// those that Terraform works on meet in a batch.
		changes = 2 * batches
	case Alone:
		refresh = 1
		all = []limit{atMost(0, lists)}
	}
	switch step {
	case stepPlan, stepEmptyPlan:
		return append(all, reads(refresh), writes(0), removals(0))
	case stepCreate:
		return append(all, writes(batches), removals(0), reads(3))
	case stepChangeOne:
		return append(all, writes(1), removals(0))
	case stepChangeAction:
		return append(all, writes(changes), removals(changes))
	case stepDestroy:
		return append(all, removals(batches), writes(0), reads(3))
	}
	return all
}

// overruns says where the calls of a step exceed its budget.
func overruns(s Scenario, step string, calls Calls) []string {
	var all []string
	for _, l := range budget(s, step) {
		if got := calls.of(l.of...); got > l.most {
			all = append(all, fmt.Sprintf("%s, %s: %d calls (%s), at most %d", s, step, got, l.what, l.most))
		}
	}
	return all
}

// ceil divides and rounds up.
func ceil(n, by int) int { return (n + by - 1) / by }
