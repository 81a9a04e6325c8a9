package mde

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/coalesce"
)

// polls are the callers that wait for the next state of actions. Whoever is
// due first reads for all of them, so that however many wait there is at most
// one list call per interval.
type polls struct {
	mu      sync.Mutex
	waiting map[*poll]bool
}

type poll struct {
	ids []string
	// result is that of the first id, valid once done is closed.
	result coalesce.Result[MachineAction]
	done   chan struct{}
}

// Poll returns the state of the action after interval, or sooner when another
// caller's poll brings it along.
func (s *MachineActions) Poll(ctx context.Context, id string, interval time.Duration) (MachineAction, error) {
	p := &poll{ids: []string{id}}
	if err := s.await(ctx, p, interval); err != nil {
		return MachineAction{}, err
	}
	return p.result.Value, p.result.Err
}

// await returns when the actions of p were read.
func (s *MachineActions) await(ctx context.Context, p *poll, interval time.Duration) error {
	p.done = make(chan struct{})
	s.polls.add(p)
	defer s.polls.remove(p)
	due := time.NewTimer(interval)
	defer due.Stop()
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-due.C:
	}
	if all := s.polls.take(p); len(all) > 0 {
		go s.answer(ctx, all)
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answer reads the actions of all polls, a filter at a time. The one who was
// due may leave; the others wait on.
func (s *MachineActions) answer(ctx context.Context, due []*poll) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), snapshotLife)
	defer cancel()
	var ids []string
	for _, p := range due {
		for _, id := range p.ids {
			ids = append(ids, strings.ToLower(id))
		}
	}
	slices.Sort(ids)
	states := map[string]coalesce.Result[MachineAction]{}
	for some := range slices.Chunk(slices.Compact(ids), actionsPerFilter) {
		for i, state := range s.getMany(ctx, some) {
			states[some[i]] = state
		}
	}
	for _, p := range due {
		if len(p.ids) > 0 {
			p.result = states[strings.ToLower(p.ids[0])]
		}
		close(p.done)
	}
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

// take removes all polls, which the caller answers; none when somebody else is
// answering that of the caller already.
func (p *polls) take(due *poll) []*poll {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.waiting[due] {
		return nil
	}
	all := make([]*poll, 0, len(p.waiting))
	for one := range p.waiting {
		all = append(all, one)
	}
	clear(p.waiting)
	return all
}
