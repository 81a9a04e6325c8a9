package mde

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// sessionInterval is how often those who wait for a session look whether one
// has ended, unless somebody's poll tells them sooner.
const sessionInterval = 5 * time.Second

// sessions count the live-response sessions of this provider: the starts under
// way and the actions that have not ended. The service refuses a start beyond
// its limit, and counts the refused one against the quota of starts.
type sessions struct {
	// limit is the highest count, 0 for none.
	limit int

	mu       sync.Mutex
	starting int
	// going holds the ids of the actions that are not seen to have ended.
	going map[string]bool
}

// Reserve takes a place among the sessions that may go on at once, and waits
// for one if need be. The place is for one start; free gives it back, after
// [MachineActions.Occupy] where the start led to an action.
func (s *MachineActions) Reserve(ctx context.Context) (free func(), waited bool, err error) {
	for !s.sessions.enter() {
		if !waited {
			s.client.log.LogAttrs(ctx, slog.LevelInfo, "Waiting for a live response session to end", slog.Int("sessions", s.sessions.limit))
		}
		waited = true
		if err := s.await(ctx, &poll{ids: s.sessions.ids()}, sessionInterval); err != nil {
			return nil, waited, err
		}
	}
	return sync.OnceFunc(s.sessions.leave), waited, nil
}

// Occupy counts an action among the sessions until it is seen to have ended.
func (s *MachineActions) Occupy(action MachineAction) {
	if action.Done() {
		return
	}
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	s.sessions.going[strings.ToLower(action.ID)] = true
}

// Vacate stops counting an action whose end nobody will see.
func (s *MachineActions) Vacate(id string) {
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	delete(s.sessions.going, strings.ToLower(id))
}

// see takes note of a state of an action, whoever asked for it.
func (s *MachineActions) see(action MachineAction) {
	if action.Done() {
		s.Vacate(action.ID)
	}
}

func (s *sessions) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limit > 0 && s.starting+len(s.going) >= s.limit {
		return false
	}
	s.starting++
	return true
}

func (s *sessions) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.starting--
}

func (s *sessions) ids() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.going))
}
