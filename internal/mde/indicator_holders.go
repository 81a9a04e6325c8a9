package mde

import (
	"context"
	"sync"
	"time"
)

// holders are the resources that have said, when they were refreshed or are to
// be destroyed, that they hold a record: by its id, the latest moment of those
// at which one of them has last written. It tells two resources apart of which
// an earlier apply let one take over what the other has not given up yet.
type holders struct {
	rollCall rollCall
	mu       sync.Mutex
	latest   map[string]int64
}

// Hold says that a resource that has last written then holds the record with
// that id.
func (s *Indicators) Hold(id string, written time.Time) {
	if id == "" || written.IsZero() {
		return
	}
	s.holders.rollCall.answer()
	s.holders.mu.Lock()
	defer s.holders.mu.Unlock()
	s.holders.latest[id] = max(s.holders.latest[id], written.UnixNano())
}

// AwaitHolders waits until all resources have had the time to say what they
// hold, which those beyond Terraform's parallelism have not. It ends with ctx.
func (s *Indicators) AwaitHolders(ctx context.Context) {
	s.holders.rollCall.await(ctx)
}

// TakenOver tells whether another resource holds the record, too, and has
// written later. What was never written is never judged.
func (s *Indicators) TakenOver(id string, written time.Time) bool {
	if written.IsZero() {
		return false
	}
	s.holders.mu.Lock()
	defer s.holders.mu.Unlock()
	return s.holders.latest[id] > written.UnixNano()
}
