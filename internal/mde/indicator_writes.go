package mde

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/coalesce"
	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

const (
	// maxBatch is how many items an import or a batch delete takes.
	maxBatch = 500
	// maxAttempts bounds how often a write is sent whose answer was lost and
	// which reading has shown not to have taken effect.
	maxAttempts = 3
	// resendPause lies between these attempts.
	resendPause = 2 * time.Second
)

// Submit creates the record, or updates the one with the same key, and returns
// it with its id. Concurrent calls travel in one import; each caller gets its
// own result. An answer that was lost is settled by reading.
// https://learn.microsoft.com/en-us/defender-endpoint/api/post-ti-indicator
func (s *Indicators) Submit(ctx context.Context, indicator Indicator) (Indicator, error) {
	return s.submits.Do(ctx, indicator)
}

// Delete removes the record. A record that is gone is no error; a record whose
// key this process has written or adopted (see [Indicators.Claim]) is left
// alone, unless the write was answered with another id: then the service keys
// by more than we do, and two records have the key. Concurrent calls travel in
// one batch delete.
// https://learn.microsoft.com/en-us/defender-endpoint/api/delete-ti-indicator-by-id
func (s *Indicators) Delete(ctx context.Context, indicator Indicator) error {
	_, err := s.deletes.Do(ctx, indicator)
	if err != nil {
		s.written.keep(indicator.Key())
	}
	return err
}

// DeleteOne removes a record in a call of its own, whoever has claimed its key,
// and tells whether it was there.
func (s *Indicators) DeleteOne(ctx context.Context, indicator Indicator) (there bool, err error) {
	if there, err = s.deleteOne(ctx, indicator.ID); err == nil {
		s.forget(indicator)
	}
	return there, err
}

// Submitted is the result of one record of [Indicators.SubmitAll].
type Submitted = coalesce.Result[Indicator]

// SubmitAll writes many records of one caller, 500 an import, and returns the
// result of each, in order. Before each batch it tells progress how many it has
// dealt with. When ctx ends it stops between batches; records that were not
// sent have its error.
func (s *Indicators) SubmitAll(ctx context.Context, items []Indicator, progress func(done int)) []Submitted {
	results := make([]Submitted, 0, len(items))
	for batch := range slices.Chunk(items, maxBatch) {
		progress(len(results))
		results = append(results, allOr(ctx, batch, s.submitMany)...)
	}
	return results
}

// DeleteAll removes many records of one caller, 500 a batch delete, and returns
// the error of each, in order. Progress, the end of ctx and what is left alone
// are as with [Indicators.SubmitAll] and [Indicators.Delete].
func (s *Indicators) DeleteAll(ctx context.Context, items []Indicator, progress func(done int)) []error {
	errs := make([]error, 0, len(items))
	for batch := range slices.Chunk(items, maxBatch) {
		progress(len(errs))
		for i, result := range allOr(ctx, batch, s.deleteMany) {
			if errs = append(errs, result.Err); result.Err != nil {
				s.written.keep(batch[i].Key())
			}
		}
	}
	return errs
}

// allOr runs a batch, unless ctx has ended.
func allOr[Out any](ctx context.Context, batch []Indicator, run func(context.Context, []Indicator) []coalesce.Result[Out]) []coalesce.Result[Out] {
	err := ctx.Err()
	if err == nil {
		return run(ctx, batch)
	}
	results := make([]coalesce.Result[Out], len(batch))
	for i := range results {
		results[i].Err = err
	}
	return results
}

// Claim marks a key as written or adopted by one resource of this apply. The
// second claim of a key is [ErrClaimed]. The returned function takes the claim
// back, for a write that failed.
func (s *Indicators) Claim(key IndicatorKey) (release func(), err error) {
	return s.written.claim(key, "") // A write answers the id.
}

// Claimed tells whether this apply has written or adopted a record of that key.
func (s *Indicators) Claimed(key IndicatorKey) bool {
	_, ok := s.written.get(key)
	return ok
}

// submitMany writes a batch: one item by POST, whose answer is the whole
// record, more by import. Items of one value travel in different imports, for
// the answer names nothing else.
func (s *Indicators) submitMany(ctx context.Context, items []Indicator) []coalesce.Result[Indicator] {
	results := make([]coalesce.Result[Indicator], len(items))
	for _, round := range rounds(items) {
		s.submitRound(ctx, items, round, results)
	}
	for i, result := range results {
		if result.Err == nil {
			s.remember(result.Value)
			s.written.name(items[i].Key(), result.Value.ID)
		}
	}
	return results
}

// rounds parts the items' positions so that no value comes twice in a round.
func rounds(items []Indicator) [][]int {
	var parts [][]int
	next := map[string]int{}
	for i, item := range items {
		// Whatever the type: a SHA-1 and a thumbprint can be the same digits.
		key := strings.ToLower(sentValue(item.IndicatorType, item.IndicatorValue))
		n := next[key]
		next[key]++
		if n == len(parts) {
			parts = append(parts, nil)
		}
		parts[n] = append(parts[n], i)
	}
	return parts
}

// submitRound writes the items at the given positions, again as long as their
// outcome is open and reading shows that they are not there.
func (s *Indicators) submitRound(ctx context.Context, items []Indicator, round []int, results []coalesce.Result[Indicator]) {
	for attempt := 1; ; attempt++ {
		s.send(ctx, items, round, results)
		round = s.settle(ctx, items, round, results)
		if len(round) == 0 || attempt == maxAttempts || transport.Sleep(ctx, resendPause) != nil {
			return
		}
	}
}

func (s *Indicators) send(ctx context.Context, items []Indicator, round []int, results []coalesce.Result[Indicator]) {
	if len(round) == 1 {
		i := round[0]
		results[i].Value, results[i].Err = s.post(ctx, items[i])
		return
	}
	err := s.importSome(ctx, items, round, results)
	switch {
	case err == nil:
	case errors.Is(err, ErrInvalid) && !errors.Is(err, ErrFull):
		// The service has refused the whole: find the one that it means.
		half := len(round) / 2
		s.send(ctx, items, round[:half], results)
		s.send(ctx, items, round[half:], results)
	default:
		for _, i := range round {
			results[i].Err = err
		}
	}
}

func (s *Indicators) post(ctx context.Context, item Indicator) (Indicator, error) {
	var got indicatorAnswer
	if err := s.client.do(ctx, call{op: "submit indicator", method: http.MethodPost, path: indicatorPath(), body: item, traits: transport.Traits{Finish: true}}, &got); err != nil {
		return Indicator{}, err
	}
	if got.ID == "" {
		return Indicator{}, &Error{Op: "submit indicator", Err: fmt.Errorf("%w: the answer names no id", ErrOutcomeUnknown)}
	}
	return got.indicator(), nil
}

// importResult is the answer for one item of an import.
type importResult struct {
	ID            opaque `json:"id"`
	Indicator     string `json:"indicator"`
	IsFailed      bool   `json:"isFailed"`
	FailureReason string `json:"failureReason"`
}

// importSome sends the items at the given positions in one call.
// https://learn.microsoft.com/en-us/defender-endpoint/api/import-ti-indicators
func (s *Indicators) importSome(ctx context.Context, items []Indicator, round []int, results []coalesce.Result[Indicator]) error {
	var body struct {
		Indicators []Indicator `json:"Indicators"`
	}
	for _, i := range round {
		body.Indicators = append(body.Indicators, items[i])
	}
	var got struct {
		Value []importResult `json:"value"`
	}
	send := call{op: "import indicators", method: http.MethodPost, path: indicatorPath("import"), body: body, traits: transport.Traits{Family: transport.FamilyImport, Finish: true}}
	if err := s.client.do(ctx, send, &got); err != nil {
		return err
	}
	find := matcher(got.Value, len(round))
	for n, i := range round {
		one, ok := find(n, items[i])
		one.FailureReason = s.client.masked(one.FailureReason)
		results[i].Value, results[i].Err = one.record(items[i], ok)
	}
	return nil
}

// matcher returns a function that finds the answer for an item, the nth of those
// that were sent. Answers may come in another order, and with the values spelled
// in the service's own way.
func matcher(answers []importResult, sent int) func(n int, item Indicator) (importResult, bool) {
	unnamed := len(answers) == sent
	spelled := make(map[string]importResult, len(answers))
	for _, one := range answers {
		unnamed = unnamed && one.Indicator == ""
		spelled[strings.ToLower(one.Indicator)] = one
	}
	alike := sync.OnceValue(func() map[string][]importResult {
		all := map[string][]importResult{}
		for _, one := range answers {
			all[loose(one.Indicator)] = append(all[loose(one.Indicator)], one)
		}
		return all
	})
	return func(n int, item Indicator) (importResult, bool) {
		if unnamed {
			return answers[n], true
		}
		value := sentValue(item.IndicatorType, item.IndicatorValue)
		if one, ok := spelled[strings.ToLower(value)]; ok {
			return one, true
		}
		if like := alike()[loose(value)]; len(like) == 1 {
			return like[0], true
		}
		return importResult{}, false
	}
}

// record is the caller's result: what was sent, under the service's id.
func (r importResult) record(item Indicator, answered bool) (Indicator, error) {
	switch {
	case r.IsFailed:
		return Indicator{}, &Error{Op: "submit indicator", Message: fmt.Sprintf("the service refuses %s: %s", item.IndicatorValue, first(r.FailureReason, "it gives no reason"))}
	case !answered || r.ID == "":
		return Indicator{}, &Error{Op: "submit indicator", Err: fmt.Errorf("%w: the answer does not name %s", ErrOutcomeUnknown, item.IndicatorValue)}
	}
	item.ID = string(r.ID)
	return item, nil
}

// settle reads what became of the items whose outcome is open, and returns the
// positions of those that the service does not hold.
func (s *Indicators) settle(ctx context.Context, items []Indicator, round []int, results []coalesce.Result[Indicator]) []int {
	open := slices.DeleteFunc(slices.Clone(round), func(i int) bool { return !errors.Is(results[i].Err, ErrOutcomeUnknown) })
	if len(open) == 0 {
		return nil
	}
	ctx, cancel := settleContext(ctx)
	defer cancel()
	wanted := make([]Indicator, len(open))
	for n, i := range open {
		wanted[n] = items[i]
	}
	stored, err := s.stored(ctx, wanted)
	if err != nil {
		return nil // The first error stays: it says what was attempted.
	}
	return slices.DeleteFunc(open, func(i int) bool {
		for _, record := range stored.find(keyOf(items[i].IndicatorType, items[i].IndicatorValue), time.Now()) {
			if record.Key() == items[i].Key() && record.Holds(items[i]) {
				results[i] = coalesce.Result[Indicator]{Value: record}
				return true
			}
		}
		return false
	})
}

// stored reads the records of the values of items, past every snapshot.
func (s *Indicators) stored(ctx context.Context, items []Indicator) (*index, error) {
	var spelled []string
	for _, item := range items {
		spelled = append(spelled, spellings(item.IndicatorType, item.IndicatorValue)...)
	}
	filter := anyOf("indicatorValue", spelled)
	if len(filter) > maxFilter {
		filter = ""
	}
	records, err := collect(s.List(ctx, filter))
	if err != nil {
		return nil, err
	}
	return newIndex(records), nil
}

// Holds tells whether the record has every setting of want that a write sets.
// The application is left out: only a creation sets it.
func (i Indicator) Holds(want Indicator) bool {
	return i.Title == want.Title && i.Description == want.Description && strings.EqualFold(i.Severity, want.Severity) &&
		i.RecommendedActions == want.RecommendedActions && i.EducateURL == want.EducateURL && i.GenerateAlert == want.GenerateAlert &&
		sameInstant(i.ExpirationTime, want.ExpirationTime) && sameSet(i.RBACGroupNames, want.RBACGroupNames)
}

// sameInstant compares to the second, which is what a write sends.
func sameInstant(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Truncate(time.Second).Equal(b.Truncate(time.Second))
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Compact(slices.Sorted(slices.Values(a))), slices.Compact(slices.Sorted(slices.Values(b))))
}
