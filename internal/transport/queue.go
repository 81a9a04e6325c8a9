package transport

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// learnedLife is how long a quota counts that a refusal has told of: it may be
// that of a moment in which others used the service, too.
const learnedLife = 5 * time.Minute

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
	// gone tells that the call has set out, refused that the service did not
	// admit it.
	gone, refused bool
}

// queue gives the places of one family.
type queue struct {
	windows []window
	// turn, which may be nil, lets calls set out one after the other.
	turn chan struct{}

	mu     sync.Mutex
	paused time.Time
	// refusals are those in a row.
	refusals int
	// learned is a quota that a refusal has told of, in force until forgotten.
	learned   window
	forgotten time.Time
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
	runs := quota(FamilyRun, l.LiveResponseRunsPerMinute, 0)
	runs.turn = make(chan struct{}, 1)
	return map[Family]*queue{
		FamilyRequests:    quota(FamilyRequests, l.RequestsPerMinute, l.RequestsPerHour),
		FamilyImport:      quota(FamilyImport, l.ImportsPerMinute, 0),
		FamilyBatchDelete: quota(FamilyBatchDelete, l.ImportsPerMinute, l.RequestsPerHour),
		FamilyRun:         runs,
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

// take waits for the turn, which yield gives back.
func (q *queue) take(ctx context.Context) (yield func(), err error) {
	if q.turn == nil {
		return func() {}, nil
	}
	select {
	case q.turn <- struct{}{}:
		return sync.OnceFunc(func() { <-q.turn }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// setOut tells whether the call may go now. It may not if a pause has come
// over it while it waited for its turn.
func (q *queue) setOut(p *place) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	if p.at.After(now) {
		return false
	}
	p.gone = true
	if q.turn != nil {
		p.at = now // Waiting for the turn may have taken a while.
		q.reschedule(now)
	}
	return true
}

// admit takes note of a call that the service did not refuse.
func (q *queue) admit() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.refusals = 0
}

// refuse makes the family wait after a refusal, those included who have a
// place but have not set out yet.
func (q *queue) refuse(p *place, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	p.refused = true
	q.refusals++
	if q.turn != nil {
		wait = q.learn(now, wait)
	}
	if until := now.Add(wait); until.After(q.paused) {
		q.paused = until
	}
	q.reschedule(now)
}

// learn takes from a refusal how many calls the service admits: as many as
// have set out since the last pause, in the time from the first of them until
// the service says to come back. It returns how long to pause, which grows
// while the service does not say.
func (q *queue) learn(now time.Time, wait time.Duration) time.Duration {
	if wait == 0 {
		return min(firstRefusalWait<<min(q.refusals-1, 10), longestWait)
	}
	wait += grace // Seconds are rounded.
	admitted := slices.DeleteFunc(slices.Clone(q.places), func(p *place) bool { return !p.gone || p.refused || p.at.Before(q.paused) })
	if len(admitted) > 0 {
		q.learned = window{limit: len(admitted), length: now.Add(wait).Sub(admitted[0].at), reason: "a place in the quota that the service keeps"}
		q.forgotten = now.Add(learnedLife)
	}
	return wait
}

// reschedule gives those who have not set out the earliest places again, after
// those who have.
func (q *queue) reschedule(now time.Time) {
	slices.SortStableFunc(q.places, func(a, b *place) int {
		switch {
		case a.gone && b.gone:
			return a.at.Compare(b.at)
		case a.gone:
			return -1
		case b.gone:
			return 1
		}
		return 0
	})
	for i, p := range q.places {
		if !p.gone {
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
	for _, w := range q.inForce(now) {
		if i < w.limit {
			continue
		}
		if free := q.places[i-w.limit].at.Add(w.length); free.After(p.at) {
			p.at, p.reason = free, w.reason
		}
	}
}

// inForce are the quotas that count.
func (q *queue) inForce(now time.Time) []window {
	if now.Before(q.forgotten) {
		return append(slices.Clone(q.windows), q.learned)
	}
	return q.windows
}

// forget drops the places that no window counts any more. Who sets out by turns
// remembers a minute, the length of the service's own window.
func (q *queue) forget(now time.Time) {
	var longest time.Duration
	if q.turn != nil {
		longest = time.Minute
	}
	for _, w := range q.inForce(now) {
		longest = max(longest, w.length)
	}
	old := 0
	for old < len(q.places) && q.places[old].gone && !q.places[old].at.Add(longest).After(now) {
		old++
	}
	q.places = slices.Delete(q.places, 0, old)
}
