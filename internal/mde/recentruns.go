package mde

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/coalesce"
	"github.com/mde-as-code/terraform-provider-mde/internal/snapshot"
)

// recentRunsLife is how long one list of runs serves all that look for theirs.
const recentRunsLife = 10 * time.Second

// ClockSkew is how far the service's clock may be from ours.
const ClockSkew = 10 * time.Minute

// recentRuns are the live-response runs of the tenant, by how far back they
// reach.
type recentRuns struct {
	load  func(ctx context.Context, within time.Duration) ([]MachineAction, error)
	fresh *coalesce.Group[time.Duration, []MachineAction]

	mu    sync.Mutex
	reach map[time.Duration]*snapshot.Snapshot[[]MachineAction]
}

func newRecentRuns(load func(context.Context, time.Duration) ([]MachineAction, error)) *recentRuns {
	r := &recentRuns{load: load, reach: map[time.Duration]*snapshot.Snapshot[[]MachineAction]{}}
	r.fresh = coalesce.New(coalesce.Options{Idle: 50 * time.Millisecond, Longest: 500 * time.Millisecond, Size: 1000}, r.loadFor)
	return r
}

// RecentRuns returns the live-response actions that were created within that
// time, the newest first, and perhaps some older ones. One list call serves
// all callers for a few seconds.
func (s *MachineActions) RecentRuns(ctx context.Context, within time.Duration) ([]MachineAction, error) {
	return s.recent.of(within).Get(ctx)
}

// FreshRuns is [MachineActions.RecentRuns] as of now. Concurrent calls share
// one list call, which is sent after the last of them has asked.
func (s *MachineActions) FreshRuns(ctx context.Context, within time.Duration) ([]MachineAction, error) {
	return s.recent.fresh.Do(ctx, within)
}

// loadFor lists as far back as the one who looks the furthest, and gives nobody
// more than they have asked for: it would seem to have happened since their last
// look.
func (r *recentRuns) loadFor(ctx context.Context, within []time.Duration) []coalesce.Result[[]MachineAction] {
	runs, err := r.load(ctx, slices.Max(within))
	results := make([]coalesce.Result[[]MachineAction], len(within))
	for i := range results {
		since := reach(within[i])
		older := func(a MachineAction) bool { return a.CreationDateTimeUTC.Before(since) }
		results[i] = coalesce.Result[[]MachineAction]{Value: slices.DeleteFunc(slices.Clone(runs), older), Err: err}
	}
	return results
}

func (r *recentRuns) of(within time.Duration) *snapshot.Snapshot[[]MachineAction] {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reach[within] == nil {
		r.reach[within] = snapshot.New(recentRunsLife, func(ctx context.Context) ([]MachineAction, error) { return r.load(ctx, within) })
	}
	return r.reach[within]
}

// reach is the oldest time at which an action can have been created within that
// time, whatever the clocks say.
func reach(within time.Duration) time.Time {
	return time.Now().Add(-within - ClockSkew).UTC().Truncate(time.Second)
}

func (s *MachineActions) listRuns(ctx context.Context, within time.Duration) ([]MachineAction, error) {
	var runs []MachineAction
	for action, err := range s.List(ctx, fmt.Sprintf("type eq '%s' and creationDateTimeUtc ge %s", ActionTypeLiveResponse, reach(within).Format(time.RFC3339))) {
		if err != nil {
			return nil, err
		}
		runs = append(runs, action)
	}
	slices.SortStableFunc(runs, func(a, b MachineAction) int { return b.CreationDateTimeUTC.Compare(a.CreationDateTimeUTC) })
	return runs, nil
}
