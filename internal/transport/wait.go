package transport

import (
	"context"
	"fmt"
	"time"
)

// WaitError is the error of a wait that would outlast the caller's deadline.
// It is returned when the wait would begin, not when the time is up.
type WaitError struct {
	// Reason says what for: "a place in the quota of 100 calls per minute".
	Reason string
	// Wait is how long it would take.
	Wait time.Duration
}

// Error implements error.
func (e *WaitError) Error() string {
	return fmt.Sprintf("waiting for %s would take %s, longer than the time that is left", e.Reason, e.Wait.Round(time.Second))
}

// Is matches [ErrNotSent]: what waits has had no effect.
func (e *WaitError) Is(target error) bool { return target == ErrNotSent }

// Unwrap makes the error match context.DeadlineExceeded.
func (e *WaitError) Unwrap() error { return context.DeadlineExceeded }

// affordable refuses a wait that would outlast the deadline of ctx.
func affordable(ctx context.Context, wait time.Duration, reason string) error {
	if deadline, ok := ctx.Deadline(); ok && wait > 0 && time.Now().Add(wait).After(deadline) {
		return &WaitError{Reason: reason, Wait: wait}
	}
	return nil
}

// Sleep waits, or returns the context's error as soon as it ends.
func Sleep(ctx context.Context, wait time.Duration) error {
	if err := ctx.Err(); err != nil || wait <= 0 {
		return err
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
