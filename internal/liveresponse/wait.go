package liveresponse

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

const (
	firstInterval   = 2 * time.Second
	longestInterval = 15 * time.Second
	// longestRefusal is the longest pause between two starts that are refused.
	longestRefusal = time.Minute
	// visibilityLag is how long an action that is there may be invisible to
	// reads.
	visibilityLag = 2 * time.Minute
	// cancelSettles is how long a cancelled action may take to end.
	cancelSettles = 30 * time.Second

	statusPending = "Pending"
)

var (
	errTooLong    = errors.New("the run did not end in time")
	errNotStarted = errors.New("the machine did not start the run in time")
	errVanished   = errors.New("the service no longer knows the action")
)

// bounds limit a wait; a pending of 0 is no limit.
type bounds struct{ pending, total time.Duration }

// wait returns the action when it has ended, or as it was last seen with the
// reason why the wait was given up: [errTooLong], [errNotStarted],
// [errVanished], [errInterrupted], or a failure that repeating does not mend.
func (e engine) wait(ctx context.Context, action mde.MachineAction, limit bounds) (mde.MachineAction, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit.total, errTooLong)
	defer cancel()
	begin := time.Now()
	var interval time.Duration
	var missing time.Time
	for !action.Done() {
		interval = longer(interval, longestInterval)
		pause := interval
		if limit.pending > 0 && strings.EqualFold(action.Status, statusPending) {
			left := limit.pending - time.Since(begin)
			if left <= 0 {
				return action, errNotStarted
			}
			pause = min(pause, left)
		}
		next, err := e.poll(ctx, action.ID, pause, &missing)
		switch {
		case err == nil:
			action = next
		case ctx.Err() != nil && errors.Is(context.Cause(ctx), errTooLong):
			return action, errTooLong
		case ctx.Err() != nil:
			return action, errInterrupted
		case errors.Is(err, mde.ErrForbidden), errors.Is(err, mde.ErrUnauthorized), errors.Is(err, errVanished):
			return action, err
		}
	}
	return action, nil
}

// poll reads the action after the interval. One that has been missing for
// longer than reads may lag is asked for by its id, which lists may know less
// of than the service, before it counts as gone.
func (e engine) poll(ctx context.Context, id string, interval time.Duration, missing *time.Time) (mde.MachineAction, error) {
	action, err := e.actions.Poll(ctx, id, interval)
	switch {
	case err == nil:
		*missing = time.Time{}
	case !errors.Is(err, mde.ErrNotFound):
	case missing.IsZero():
		*missing = time.Now()
	case time.Since(*missing) > visibilityLag:
		if action, err = e.actions.ByID(ctx, id); errors.Is(err, mde.ErrNotFound) {
			err = errVanished
		}
	}
	return action, err
}

// cancel stops the action and returns it as it ended. One that can no longer
// be cancelled is left to end by itself.
func (e engine) cancel(ctx context.Context, action mde.MachineAction, comment string) (mde.MachineAction, error) {
	cancelled, err := e.actions.Cancel(ctx, action.ID, comment)
	switch {
	case errors.Is(err, mde.ErrInvalid):
	case err != nil:
		return action, err
	default:
		action = cancelled
	}
	return e.wait(ctx, action, bounds{total: cancelSettles})
}

// longer is the next interval of a wait that grows from 2 seconds on.
func longer(interval, longest time.Duration) time.Duration {
	if interval == 0 {
		return firstInterval
	}
	return min(interval*3/2, longest)
}

// sleep waits for d or the end of the context.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
