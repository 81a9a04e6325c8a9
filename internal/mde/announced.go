package mde

import "sync"

// announced are the runs that somebody means to start.
type announced struct {
	// limit is how many start within a minute, 0 for no limit.
	limit int

	mu   sync.Mutex
	keys map[string]bool
	told bool
}

// Announce counts a run that is to be started later, each key once. It tells,
// a single time, that there are more than the quota of a minute lets start.
func (s *LiveResponse) Announce(key string) (perMinute int, tooMany bool) {
	a := &s.announced
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keys[key] = true
	if a.told || a.limit == 0 || len(a.keys) <= a.limit {
		return a.limit, false
	}
	a.told = true
	return a.limit, true
}
