// Package snapshot keeps one loaded value for many readers: concurrent readers
// share one load, a write edits or drops what it falsifies, and a load that
// began before a write is never published without it. It knows nothing of
// Defender.
package snapshot

import (
	"context"
	"sync"
	"time"
)

// Snapshot holds a value of type T for a while. Its zero value is not usable;
// see [New]. It is safe for concurrent use.
type Snapshot[T any] struct {
	life time.Duration
	load func(context.Context) (T, error)

	mu       sync.Mutex
	value    T
	loadedAt time.Time // zero: nothing is held
	flight   *flight[T]
}

// flight is a load under way.
type flight[T any] struct {
	done    chan struct{}
	began   time.Time
	edits   []func(T) T
	waiting int
	cancel  context.CancelFunc
	value   T
	err     error
}

// New returns a snapshot that serves a loaded value for life.
func New[T any](life time.Duration, load func(context.Context) (T, error)) *Snapshot[T] {
	return &Snapshot[T]{life: life, load: load}
}

// Get returns the value, loading it when none is held. A load goes on while
// anyone waits for it, whoever began it.
func (s *Snapshot[T]) Get(ctx context.Context) (T, error) {
	s.mu.Lock()
	if s.held() {
		defer s.mu.Unlock()
		return s.value, nil
	}
	f := s.flight
	if f == nil {
		loadCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		f = &flight[T]{done: make(chan struct{}), began: time.Now(), cancel: cancel}
		s.flight = f
		go s.run(loadCtx, f)
	}
	f.waiting++
	s.mu.Unlock()

	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		s.leave(f)
		var zero T
		return zero, ctx.Err()
	}
}

// Held returns the value if one is held, without loading.
func (s *Snapshot[T]) Held() (T, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value, s.held()
}

// Edit applies a write to the held value and to the value that a load under
// way will publish. The edit must not mind that the value has it already.
func (s *Snapshot[T]) Edit(edit func(T) T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held() {
		s.value = edit(s.value)
	}
	if s.flight != nil {
		s.flight.edits = append(s.flight.edits, edit)
	}
}

// Drop forgets the value. A load under way still answers those who wait for
// it, but is not held.
func (s *Snapshot[T]) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loadedAt = time.Time{}
	s.flight = nil
}

// DropBefore is Drop for what began to load before t.
func (s *Snapshot[T]) DropBefore(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loadedAt.Before(t) {
		s.loadedAt = time.Time{}
	}
	if s.flight != nil && s.flight.began.Before(t) {
		s.flight = nil
	}
}

func (s *Snapshot[T]) held() bool {
	return !s.loadedAt.IsZero() && time.Since(s.loadedAt) < s.life
}

func (s *Snapshot[T]) run(ctx context.Context, f *flight[T]) {
	defer f.cancel()
	value, err := s.load(ctx)

	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		for _, edit := range f.edits {
			value = edit(value)
		}
	}
	f.value, f.err = value, err
	if s.flight == f {
		s.flight = nil
		if err == nil {
			s.value, s.loadedAt = value, f.began
		}
	}
	close(f.done)
}

func (s *Snapshot[T]) leave(f *flight[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.waiting--
	if f.waiting > 0 {
		return
	}
	f.cancel()
	if s.flight == f {
		s.flight = nil
	}
}
