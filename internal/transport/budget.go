package transport

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

const (
	// grace is added to every window: the service counts a call when it
	// arrives, which may be a little later than it left.
	grace = time.Second
	// slowAnswer is how long a call whose answer does not come keeps the turn.
	slowAnswer = 5 * time.Second
)

// budget is the quota governor. All callers share it, and every attempt takes
// a place. Those who find none free are served in the order in which they came.
// Starts of live-response runs set out one after the other: few are admitted,
// and one that is refused keeps the others from being refused as well.
type budget struct {
	next   http.RoundTripper
	queues map[Family]*queue
	log    *slog.Logger
}

// RoundTrip implements http.RoundTripper.
func (b *budget) RoundTrip(req *http.Request) (*http.Response, error) {
	traits := TraitsOf(req.Context())
	q := b.queues[traits.Family]
	if q == nil {
		q = b.queues[FamilyRequests]
	}
	p := q.enter()
	yield, err := b.wait(req, q, p)
	if err != nil {
		q.leave(p)
		return unsent(req, err)
	}
	defer yield()
	if traits.Ready != nil {
		if err := traits.Ready(req.Context()); err != nil {
			q.leave(p)
			return unsent(req, err)
		}
	}
	defer time.AfterFunc(slowAnswer, yield).Stop()
	resp, err := b.next.RoundTrip(req)
	switch {
	case err != nil:
	case resp.StatusCode == http.StatusTooManyRequests:
		q.refuse(p, RetryAfter(resp))
	default:
		q.admit()
	}
	return resp, err
}

// wait returns when it is the request's turn. A wait that the deadline does
// not allow is refused when that is known.
func (b *budget) wait(req *http.Request, q *queue, p *place) (yield func(), err error) {
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	announced := false
	for {
		wait, reason := q.remaining(p)
		if err := affordable(ctx, wait, reason); err != nil {
			return nil, err
		}
		if wait > 0 && !announced {
			b.log.LogAttrs(ctx, slog.LevelInfo, "Waiting for "+reason, slog.Duration("wait", wait), slog.String("method", req.Method), slog.String("path", req.URL.Path))
			announced = true
		}
		if wait > 0 {
			if err := Sleep(ctx, wait); err != nil {
				return nil, fmt.Errorf("waiting for %s: %w", reason, err)
			}
		}
		if yield, err = q.take(ctx); err != nil {
			return nil, fmt.Errorf("waiting for the starts before this one: %w", err)
		}
		if q.setOut(p) {
			return yield, nil
		}
		yield()
	}
}
