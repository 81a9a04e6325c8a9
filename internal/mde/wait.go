package mde

import (
	"context"
	"sync"
	"time"
)

// polls are the callers that wait for the next state of their action. Whoever
// is due first reads for all of them, so that however many wait there is at
// most one list call per interval.
type polls struct {
	mu      sync.Mutex
	waiting map[*poll]bool
}

type poll struct {
	id     string
	action MachineAction
	err    error
	done   chan struct{}
}

// Poll returns the state of the action after interval, or sooner when another
// caller's poll brings it along.
func (s *MachineActions) Poll(ctx context.Context, id string, interval time.Duration) (MachineAction, error) {
	p := &poll{id: id, done: make(chan struct{})}
	s.polls.add(p)
	defer s.polls.remove(p)
	due := time.NewTimer(interval)
	defer due.Stop()
	select {
	case <-p.done:
		return p.action, p.err
	case <-ctx.Done():
		return MachineAction{}, ctx.Err()
	case <-due.C:
	}
	if s.polls.has(p) {
		s.answer(ctx, s.polls.take())
	}
	select {
	case <-p.done:
		return p.action, p.err
	case <-ctx.Done():
		return MachineAction{}, ctx.Err()
	}
}

// answer reads the actions of all polls, a filter at a time.
func (s *MachineActions) answer(ctx context.Context, due []*poll) {
	go func() {
		// The reader may leave; the others wait on.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), snapshotLife)
		defer cancel()
		for len(due) > 0 {
			n := min(len(due), actionsPerFilter)
			ids := make([]string, n)
			for i, p := range due[:n] {
				ids[i] = p.id
			}
			for i, result := range s.getMany(ctx, ids) {
				due[i].action, due[i].err = result.Value, result.Err
				close(due[i].done)
			}
			due = due[n:]
		}
	}()
}

func (p *polls) add(one *poll) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting[one] = true
}

func (p *polls) remove(one *poll) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiting, one)
}

func (p *polls) has(one *poll) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting[one]
}

// take removes all polls: the caller answers them.
func (p *polls) take() []*poll {
	p.mu.Lock()
	defer p.mu.Unlock()
	due := make([]*poll, 0, len(p.waiting))
	for one := range p.waiting {
		due = append(due, one)
	}
	clear(p.waiting)
	return due
}
