package mde

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/coalesce"
	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

// few is how many records are deleted one by one where a batch of them is
// refused, and how many tell whether a batch took effect whose answer was lost.
const few = 20

// deleteMany removes a batch, but for what this apply has written or adopted.
func (s *Indicators) deleteMany(ctx context.Context, items []Indicator) []coalesce.Result[struct{}] {
	results := make([]coalesce.Result[struct{}], len(items))
	var due []int
	for i, item := range items {
		id, kept, done := s.written.leave(item.Key())
		defer func() { done(results[i].Err) }()
		if !kept || id != "" && id != item.ID {
			due = append(due, i)
		}
	}
	s.deleteSome(ctx, items, due, results)
	for _, i := range due {
		if results[i].Err == nil {
			s.forget(items[i])
		}
	}
	return results
}

// deleteSome removes the items at the given positions. A batch fails whole when
// one id is gone: then what is listed goes without the rest, which may be gone or
// only not be listed yet.
func (s *Indicators) deleteSome(ctx context.Context, items []Indicator, due []int, results []coalesce.Result[struct{}]) {
	due, err := s.deleteBatch(ctx, items, due, results)
	if !errors.Is(err, ErrNotFound) {
		s.deleteRest(ctx, items, due, results, err)
		return
	}
	listed, doubtful := s.listed(ctx, items, due)
	if len(listed) == len(due) {
		s.deleteHalves(ctx, items, due, results)
		return
	}
	s.deletePart(ctx, items, listed, results)
	s.deleteHalves(ctx, items, doubtful, results)
}

// deletePart removes the items at the given positions without a look at the list.
func (s *Indicators) deletePart(ctx context.Context, items []Indicator, due []int, results []coalesce.Result[struct{}]) {
	due, err := s.deleteBatch(ctx, items, due, results)
	s.deleteRest(ctx, items, due, results, err)
}

// deleteRest goes on after a batch: what the service has refused as a whole goes
// in parts, so that each item gets its own result.
func (s *Indicators) deleteRest(ctx context.Context, items []Indicator, due []int, results []coalesce.Result[struct{}], err error) {
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrForbidden) || errors.Is(err, ErrInvalid) {
		s.deleteHalves(ctx, items, due, results)
		return
	}
	for _, i := range due {
		results[i].Err = err
	}
}

func (s *Indicators) deleteHalves(ctx context.Context, items []Indicator, due []int, results []coalesce.Result[struct{}]) {
	if len(due) <= few {
		for _, i := range due {
			_, results[i].Err = s.deleteOne(ctx, items[i].ID)
		}
		return
	}
	half := len(due) / 2
	s.deletePart(ctx, items, due[:half], results)
	s.deletePart(ctx, items, due[half:], results)
}

// deleteBatch removes the items at the given positions in one call, again as long
// as its answer is lost and it has had no effect. It returns those of which the
// error tells.
func (s *Indicators) deleteBatch(ctx context.Context, items []Indicator, due []int, results []coalesce.Result[struct{}]) ([]int, error) {
	for attempt := 1; len(due) > 1; attempt++ {
		err := s.batchDelete(ctx, items, due)
		if !errors.Is(err, ErrOutcomeUnknown) || attempt == maxAttempts || transport.Sleep(ctx, resendPause) != nil {
			return due, err
		}
		due = s.undone(ctx, items, due)
	}
	for _, i := range due {
		_, results[i].Err = s.deleteOne(ctx, items[i].ID)
	}
	return nil, nil
}

// undone deletes some of a batch one by one and returns the rest if one of these
// was there, for a batch takes effect as a whole or not at all.
func (s *Indicators) undone(ctx context.Context, items []Indicator, due []int) []int {
	step := max(len(due)/few, 1)
	there := false
	var rest []int
	for n, i := range due {
		if n%step != 0 || there {
			rest = append(rest, i)
			continue
		}
		var err error
		if there, err = s.deleteOne(ctx, items[i].ID); err != nil {
			return slices.Concat(rest, due[n:])
		}
	}
	if !there {
		return nil
	}
	return rest
}

// deleteOne tells whether the record was there. One that is gone is no error.
func (s *Indicators) deleteOne(ctx context.Context, id string) (there bool, err error) {
	err = s.client.do(ctx, call{op: "delete indicator", method: http.MethodDelete, path: indicatorPath(id), traits: transport.Traits{Replay: transport.ReplaySafe, Finish: true}}, nil)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// batchDelete removes the items at the given positions in one call, all of them
// or none.
// https://learn.microsoft.com/en-us/defender-endpoint/api/batch-delete-ti-indicators
func (s *Indicators) batchDelete(ctx context.Context, items []Indicator, due []int) error {
	var body struct {
		IndicatorIDs []string `json:"IndicatorIds"`
	}
	for _, i := range due {
		body.IndicatorIDs = append(body.IndicatorIDs, items[i].ID)
	}
	traits := transport.Traits{Family: transport.FamilyBatchDelete, Finish: true}
	return s.client.do(ctx, call{op: "delete indicators", method: http.MethodPost, path: indicatorPath("BatchDelete"), body: body, traits: traits}, nil)
}

// listed parts the positions by whether the service lists their records. Those
// that it can no longer hold are in neither part. When that cannot be read, all
// are in doubt.
func (s *Indicators) listed(ctx context.Context, items []Indicator, due []int) (listed, doubtful []int) {
	records, err := collect(s.List(ctx, ""))
	if err != nil {
		return nil, due
	}
	held, now := newIndex(records), time.Now()
	for _, i := range due {
		if _, ok := held.get(items[i].ID); ok {
			listed = append(listed, i)
		} else if !s.shows(items[i], now) {
			doubtful = append(doubtful, i)
		}
	}
	return listed, doubtful
}

// shows tells whether a list must show the record if it is there: it was written
// so long ago that no list lags behind that, or has expired meanwhile.
func (s *Indicators) shows(record Indicator, now time.Time) bool {
	if s.recent.has(record.ID) {
		return false
	}
	written := !record.LastUpdateTime.IsZero() && now.Sub(record.LastUpdateTime) > lag
	expired := record.ExpirationTime != nil && now.Sub(*record.ExpirationTime) > lag
	return written || expired
}
