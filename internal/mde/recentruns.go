package mde

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/snapshot"
)

const (
	// recentRunsLife is how long one list of runs serves all that look for
	// theirs.
	recentRunsLife = 10 * time.Second
	// clockSkew is how far the service's clock may be from ours.
	clockSkew = 10 * time.Minute
)

// recentRuns are the live-response runs of the tenant, by how far back they
// reach.
type recentRuns struct {
	mu    sync.Mutex
	reach map[time.Duration]*snapshot.Snapshot[[]MachineAction]
}

// RecentRuns returns the live-response actions that were created within that
// time, the newest first, and perhaps some older ones. One list call serves
// all callers for a few seconds; a fresh one lists anew.
func (s *MachineActions) RecentRuns(ctx context.Context, within time.Duration) ([]MachineAction, error) {
	return s.recent.of(within, s.listRuns).Get(ctx)
}

// FreshRuns is [MachineActions.RecentRuns] as of now.
func (s *MachineActions) FreshRuns(ctx context.Context, within time.Duration) ([]MachineAction, error) {
	runs := s.recent.of(within, s.listRuns)
	runs.Drop()
	return runs.Get(ctx)
}

func (r *recentRuns) of(within time.Duration, load func(context.Context, time.Duration) ([]MachineAction, error)) *snapshot.Snapshot[[]MachineAction] {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reach == nil {
		r.reach = map[time.Duration]*snapshot.Snapshot[[]MachineAction]{}
	}
	if r.reach[within] == nil {
		r.reach[within] = snapshot.New(recentRunsLife, func(ctx context.Context) ([]MachineAction, error) { return load(ctx, within) })
	}
	return r.reach[within]
}

func (s *MachineActions) listRuns(ctx context.Context, within time.Duration) ([]MachineAction, error) {
	since := time.Now().Add(-within - clockSkew).UTC().Truncate(time.Second)
	var runs []MachineAction
	for action, err := range s.List(ctx, fmt.Sprintf("type eq '%s' and creationDateTimeUtc ge %s", ActionTypeLiveResponse, since.Format(time.RFC3339))) {
		if err != nil {
			return nil, err
		}
		runs = append(runs, action)
	}
	slices.SortStableFunc(runs, func(a, b MachineAction) int { return b.CreationDateTimeUTC.Compare(a.CreationDateTimeUTC) })
	return runs, nil
}
