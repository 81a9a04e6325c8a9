package mde

import (
	"context"
	"sync"
	"time"
)

// planFollows is how long after the beginning of its refresh, at the latest, a
// resource is expected to be planned: Terraform does so at once, unless
// something fails.
const planFollows = 15 * time.Second

// Holders know, within one plan or one apply, who keeps an object of the tenant
// and who gives it up. Two resources hold the same one when an earlier apply let
// one of them take it over and ended before the other gave it up. Whoever speaks
// second learns of the other, in whichever order Terraform works: who gives the
// object up leaves it alone, or else who keeps it writes it anew.
//
// Objects are named by what the service tells them apart by: indicators by id,
// library files by name.
type Holders struct {
	mu sync.Mutex
	// kept gives when one that keeps the object has last written it.
	kept  map[string]time.Time
	given map[string]bool
	// undecided are those that were refreshed and not planned yet, by name.
	undecided map[string]undecided
}

func newHolders() *Holders {
	return &Holders{kept: map[string]time.Time{}, given: map[string]bool{}, undecided: map[string]undecided{}}
}

// undecided is a resource whose plan is expected.
type undecided struct {
	since   time.Time
	decided chan struct{}
}

// Holding is what the plan of a resource does with the objects of its state.
type Holding struct {
	Keeps, Gives []string
	// WrittenAt is when the resource has last written. One that never did, as
	// after an import, holds its objects since now.
	WrittenAt time.Time
}

// Refreshed says that a resource is about to decide what it does with its
// objects. Others wait for its [Holders.Hold] of the same name.
func (h *Holders) Refreshed(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.undecided[name]; !ok {
		h.undecided[name] = undecided{since: time.Now(), decided: make(chan struct{})}
	}
}

// Hold says what the plan of a resource does with its objects, and returns
// which of those it gives up another resource keeps, and which of those it keeps
// another one gives up. It waits for the undecided before it keeps anything, so
// that these need not learn of it: an update of theirs could not remember. The
// wait ends with ctx.
func (h *Holders) Hold(ctx context.Context, name string, holding Holding) (kept, given map[string]bool) {
	kept = h.give(name, holding.Gives)
	if len(holding.Keeps) > 0 {
		h.await(ctx)
	}
	return kept, h.keep(holding)
}

// GiveUp says that an object is about to be deleted, and tells whether another
// resource keeps it.
func (h *Holders) GiveUp(id string) (kept bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.giveUp(id)
}

// KeptSince tells whether a resource that has written after that moment keeps
// the object.
func (h *Holders) KeptSince(id string, written time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.kept[id].After(written)
}

// give is the decision of a resource.
func (h *Holders) give(name string, ids []string) (kept map[string]bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	kept = map[string]bool{}
	for _, id := range ids {
		if h.giveUp(id) {
			kept[id] = true
		}
	}
	if u, ok := h.undecided[name]; ok {
		close(u.decided)
		delete(h.undecided, name)
	}
	return kept
}

func (h *Holders) keep(holding Holding) (given map[string]bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	given = map[string]bool{}
	since := holding.WrittenAt
	if since.IsZero() {
		since = time.Now()
	}
	for _, id := range holding.Keeps {
		if since.After(h.kept[id]) {
			h.kept[id] = since
		}
		if h.given[id] {
			given[id] = true
		}
	}
	return given
}

// giveUp is [Holders.GiveUp] for a caller that holds the lock.
func (h *Holders) giveUp(id string) (kept bool) {
	if _, kept = h.kept[id]; !kept {
		h.given[id] = true
	}
	return kept
}

// await waits for the decisions that are expected by now.
func (h *Holders) await(ctx context.Context) {
	h.mu.Lock()
	var all []undecided
	for _, u := range h.undecided {
		all = append(all, u)
	}
	h.mu.Unlock()
	for _, u := range all {
		select {
		case <-u.decided:
		case <-time.After(planFollows - time.Since(u.since)):
		case <-ctx.Done():
		}
	}
}
