package guardrail

import (
	"fmt"
	"strings"
	"sync"
)

// runs counts runs: those that are planned, each once in whichever number of
// passes, and those that are started.
type runs struct {
	limit *int64

	mu      sync.Mutex
	planned map[string]bool
	started int64
}

// PlanRun counts a run that a plan starts. The key tells it from others; two
// passes of a plan over one object have the same.
func (r *Rules) PlanRun(key, machine string) *Refusal {
	if r == nil || r.runs.limit == nil {
		return nil
	}
	r.runs.mu.Lock()
	defer r.runs.mu.Unlock()
	if !r.runs.planned[key] && int64(len(r.runs.planned)) >= *r.runs.limit {
		return r.runs.refusal(machine)
	}
	r.runs.planned[key] = true
	return nil
}

// StartRun counts a run that is about to be started.
func (r *Rules) StartRun(machine string) *Refusal {
	if r == nil || r.runs.limit == nil {
		return nil
	}
	r.runs.mu.Lock()
	defer r.runs.mu.Unlock()
	if r.runs.started >= *r.runs.limit {
		return r.runs.refusal(machine)
	}
	r.runs.started++
	return nil
}

func (r *runs) refusal(machine string) *Refusal {
	refusal := &Refusal{Rule: MaxRuns, what: fmt.Sprintf("is beyond the %s that one apply may start", count(*r.limit, "run")), remedy: "Start fewer runs at a time, for example with -target, or raise max_runs for an apply that was reviewed for it."}
	refusal.add("a run on machine "+strings.ToLower(machine), "")
	return refusal
}

func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
