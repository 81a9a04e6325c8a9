package leanserver

import (
	"context"
	"sync"
	"time"
)

// scope is a context that forgets its parent when its RPC returns. Whoever
// keeps it longer keeps a few words, not the request's loggers.
type scope struct {
	done chan struct{}

	mu     sync.Mutex
	parent context.Context // nil once released
	err    error
	stop   func() bool
}

// newScope returns a context that ends with parent or with release.
func newScope(parent context.Context) (ctx context.Context, release func()) {
	s := &scope{done: make(chan struct{}), parent: parent}
	s.mu.Lock()
	s.stop = context.AfterFunc(parent, func() { s.end(parent.Err()) })
	s.mu.Unlock()
	return s, func() {
		s.end(context.Canceled)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.parent, s.stop = nil, nil
	}
}

func (s *scope) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return
	}
	s.err = err
	s.stop()
	close(s.done)
}

// Deadline implements context.Context.
func (s *scope) Deadline() (time.Time, bool) {
	if parent := s.held(); parent != nil {
		return parent.Deadline()
	}
	return time.Time{}, false
}

// Done implements context.Context.
func (s *scope) Done() <-chan struct{} { return s.done }

// Err implements context.Context.
func (s *scope) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Value implements context.Context.
func (s *scope) Value(key any) any {
	if parent := s.held(); parent != nil {
		return parent.Value(key)
	}
	return nil
}

func (s *scope) held() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.parent
}
