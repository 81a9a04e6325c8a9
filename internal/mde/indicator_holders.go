package mde

import (
	"context"
	"sync"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

// rollCall is how long after the first of them, in a process, all resources are
// expected to have said what they hold. Reading a real tenant takes as long.
const rollCall = 500 * time.Millisecond

// holders are the resources that have said, when they were refreshed or are to
// be destroyed, that they hold a record: by its id, the latest moment of those
// at which one of them has last written. It tells two resources apart of which
// an earlier apply let one take over what the other has not given up yet.
type holders struct {
	mu     sync.Mutex
	called time.Time
	latest map[string]int64
}

// Hold says that a resource that has last written then holds the record with
// that id.
func (s *Indicators) Hold(id string, written time.Time) {
	if id == "" || written.IsZero() {
		return
	}
	s.holders.mu.Lock()
	defer s.holders.mu.Unlock()
	s.holders.call()
	s.holders.latest[id] = max(s.holders.latest[id], written.UnixNano())
}

// call begins the roll call, and returns how much of it is left. The caller
// holds the lock.
func (h *holders) call() time.Duration {
	if h.called.IsZero() {
		h.called = time.Now()
	}
	return rollCall - time.Since(h.called)
}

// AwaitHolders waits until all resources have had the time to say what they
// hold, which those beyond Terraform's parallelism have not. It ends with ctx.
func (s *Indicators) AwaitHolders(ctx context.Context) {
	s.holders.mu.Lock()
	left := s.holders.call()
	s.holders.mu.Unlock()
	_ = transport.Sleep(ctx, left)
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
