package mdesim

import (
	"encoding/json"
	"fmt"
	"time"
)

// saved is what a restart keeps: the tenant and how far its clock is ahead.
type saved struct {
	Ahead time.Duration `json:"ahead"`
	state
}

// Save returns the tenant's state, for [Server.Load] of a later process. Faults
// and the journal are not part of it.
func (s *Server) Save() ([]byte, error) {
	_, leave := s.tenant.enter()
	defer leave()
	return json.Marshal(saved{Ahead: s.clock.lead(), state: s.tenant.state})
}

// Load replaces the tenant's state by a saved one.
func (s *Server) Load(data []byte) error {
	from := saved{state: newState()}
	if err := json.Unmarshal(data, &from); err != nil {
		return fmt.Errorf("reading the saved state: %w", err)
	}
	t := s.tenant
	t.mu.Lock()
	defer t.mu.Unlock()
	s.clock.reset()
	s.clock.advance(from.Ahead)
	t.state = from.state
	t.keys = map[indicatorKey]string{}
	t.nextExpiry = time.Time{}
	for id, i := range t.Indicators {
		t.keys[t.options.keyOf(i)] = id
		t.watchExpiry(i)
	}
	return nil
}
