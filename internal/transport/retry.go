package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	// maxAttempts bounds the attempts after failures whose end is not known:
	// network errors and 5xx.
	maxAttempts = 5
	// patience bounds the attempts after refusals when the caller sets no
	// deadline.
	patience = 10 * time.Minute
	// The back-off doubles from the first wait to the longest.
	firstFailureWait = time.Second
	firstRefusalWait = 2 * time.Second
	longestWait      = time.Minute
)

// retry sends a request again as far as its traits allow: after refusals (429
// and 503) until the deadline, after failures a few times.
type retry struct {
	next http.RoundTripper
	log  *slog.Logger
}

// RoundTrip implements http.RoundTripper.
func (r *retry) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	start := time.Now()
	for attempt := 1; ; attempt++ {
		resp, err := r.next.RoundTrip(req.WithContext(withAttempt(ctx, attempt)))
		if ctx.Err() != nil || !repeatable(req) {
			return resp, marked(err)
		}
		wait, reason, worthwhile := verdict(TraitsOf(ctx).Replay, attempt, resp, err)
		if !worthwhile || outOfPatience(ctx, start, wait) {
			return resp, marked(err)
		}
		repeated, bodyErr := again(req)
		if bodyErr != nil {
			return resp, marked(err)
		}
		if resp != nil {
			discard(resp)
		}
		if err := affordable(ctx, wait, reason); err != nil {
			return unsent(repeated, err)
		}
		r.log.LogAttrs(ctx, slog.LevelInfo, "Waiting for "+reason, slog.Duration("wait", wait), slog.String("method", req.Method), slog.String("path", req.URL.Path), slog.Int("attempt", attempt))
		if err := Sleep(ctx, wait); err != nil {
			return unsent(repeated, fmt.Errorf("waiting for %s: %w", reason, err))
		}
		req = repeated
	}
}

// verdict tells whether another attempt is worthwhile, after which wait and why.
func verdict(replay Replay, attempt int, resp *http.Response, err error) (wait time.Duration, reason string, worthwhile bool) {
	switch {
	case replay == ReplayNever:
		return 0, "", false
	case err != nil:
		worthwhile = replay == ReplaySafe && attempt < maxAttempts && transient(err)
		return backOff(firstFailureWait, attempt), "another attempt after a network error", worthwhile
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusServiceUnavailable:
		reason = fmt.Sprintf("another attempt after the service answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
		if wait = RetryAfter(resp); wait == 0 {
			wait = backOff(firstRefusalWait, attempt)
		}
		return wait, reason, true
	case resp.StatusCode >= http.StatusInternalServerError && resp.StatusCode != http.StatusNotImplemented:
		reason = fmt.Sprintf("another attempt after the service answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
		return backOff(firstFailureWait, attempt), reason, replay == ReplaySafe && attempt < maxAttempts
	}
	return 0, "", false
}

// transient tells whether a second attempt may end otherwise. What was decided
// before anything was sent stays as it is, and so does an untrusted
// certificate.
func transient(err error) bool {
	return !errors.Is(err, ErrNotSent) && !untrusted(err)
}

// outOfPatience ends what no deadline ends.
func outOfPatience(ctx context.Context, start time.Time, wait time.Duration) bool {
	_, bounded := ctx.Deadline()
	return !bounded && time.Since(start)+wait > patience
}

// backOff is exponential with full jitter.
func backOff(first time.Duration, attempt int) time.Duration {
	ceiling := first << min(attempt-1, 10)
	return rand.N(min(ceiling, longestWait)) + 1
}

// marked makes the errors of connections that never came about match
// [ErrNotSent].
func marked(err error) error {
	if err != nil && unconnected(err) {
		return notSent{err}
	}
	return err
}
