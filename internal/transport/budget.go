package transport

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"
)

// grace is added to every window: the service counts a call when it arrives,
// which may be a little later than it left.
const grace = time.Second

// budget is the quota governor. All callers share it, and every attempt takes
// a place. Those who find none free are served in the order in which they came.
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
	if err := b.wait(req, q); err != nil {
		return unsent(req, err)
	}
	if traits.Ready != nil {
		if err := traits.Ready(req.Context()); err != nil {
			return unsent(req, err)
		}
	}
	resp, err := b.next.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		q.pause(RetryAfter(resp))
	}
	return resp, err
}

// wait returns when it is the request's turn. A wait that the deadline does
// not allow is refused when that is known.
func (b *budget) wait(req *http.Request, q *queue) error {
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return err
	}
	p := q.enter()
	announced := false
	for {
		wait, reason := q.remaining(p)
		if wait <= 0 {
			return nil
		}
		if err := affordable(ctx, wait, reason); err != nil {
			q.leave(p)
			return err
		}
		if !announced {
			b.log.LogAttrs(ctx, slog.LevelInfo, "Waiting for "+reason, slog.Duration("wait", wait), slog.String("method", req.Method), slog.String("path", req.URL.Path))
			announced = true
		}
		if err := Sleep(ctx, wait); err != nil {
			q.leave(p)
			return fmt.Errorf("waiting for %s: %w", reason, err)
		}
	}
}

// window is one quota: at most limit calls in any length of time. A window that
// slides keeps a service content that counts by the clock, and one that slides.
type window struct {
	limit  int
	length time.Duration
	reason string
}

// place is the right to one call.
type place struct {
	at     time.Time
	reason string
}

// queue gives the places of one family.
type queue struct {
	windows []window

	mu     sync.Mutex
	paused time.Time
	// places holds, in order of time, those taken within the longest window
	// and those given to callers who wait.
	places []*place
}

func newQueues(l Limits) map[Family]*queue {
	quota := func(f Family, perMinute, perHour int) *queue {
		q := &queue{}
		q.limit(f, perMinute, time.Minute, "minute")
		q.limit(f, perHour, time.Hour, "hour")
		return q
	}
	return map[Family]*queue{
		FamilyRequests:    quota(FamilyRequests, l.RequestsPerMinute, l.RequestsPerHour),
		FamilyImport:      quota(FamilyImport, l.ImportsPerMinute, 0),
		FamilyBatchDelete: quota(FamilyBatchDelete, l.ImportsPerMinute, l.RequestsPerHour),
		FamilyRun:         quota(FamilyRun, l.LiveResponseRunsPerMinute, 0),
	}
}

func (q *queue) limit(f Family, limit int, length time.Duration, name string) {
	if limit <= 0 {
		return
	}
	kind := "call"
	if f != FamilyRequests {
		kind = string(f)
	}
	q.windows = append(q.windows, window{limit: limit, length: length + grace, reason: fmt.Sprintf("a place in the quota of %d %ss per %s", limit, kind, name)})
}

// enter gives the next place, which may lie in the future.
func (q *queue) enter() *place {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	q.forget(now)
	p := &place{}
	q.places = append(q.places, p)
	q.schedule(len(q.places)-1, now)
	return p
}

// remaining returns how long p has to wait, and what for.
func (q *queue) remaining(p *place) (time.Duration, string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return time.Until(p.at), p.reason
}

// leave gives a place back. Those behind keep theirs: who leaves is mostly the
// whole queue.
func (q *queue) leave(p *place) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.places, p); i >= 0 {
		q.places = slices.Delete(q.places, i, i+1)
	}
}

// pause makes the family wait, those included who have a place but have not
// set out yet.
func (q *queue) pause(wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	if until := now.Add(wait); until.After(q.paused) {
		q.paused = until
	}
	for i, p := range q.places {
		if p.at.After(now) {
			q.schedule(i, now)
		}
	}
}

// schedule sets the time of place i after those before it.
func (q *queue) schedule(i int, now time.Time) {
	p := q.places[i]
	p.at = now
	if q.paused.After(p.at) {
		p.at, p.reason = q.paused, "the end of the pause that the service asked for"
	}
	if i > 0 && q.places[i-1].at.After(p.at) {
		p.at, p.reason = q.places[i-1].at, q.places[i-1].reason
	}
	for _, w := range q.windows {
		if i < w.limit {
			continue
		}
		if free := q.places[i-w.limit].at.Add(w.length); free.After(p.at) {
			p.at, p.reason = free, w.reason
		}
	}
}

// forget drops the places that no window counts any more.
func (q *queue) forget(now time.Time) {
	var longest time.Duration
	for _, w := range q.windows {
		longest = max(longest, w.length)
	}
	gone := 0
	for gone < len(q.places) && !q.places[gone].at.Add(longest).After(now) {
		gone++
	}
	q.places = slices.Delete(q.places, 0, gone)
}
