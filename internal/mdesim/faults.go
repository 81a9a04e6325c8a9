package mdesim

import (
	"sync"
	"time"
)

// Cut says where a connection is closed on the client.
type Cut string

// Where a connection can be cut.
const (
	CutNone Cut = ""
	// CutBeforeEffect closes it before the request has any effect.
	CutBeforeEffect Cut = "before effect"
	// CutAfterEffect closes it after the effect, without an answer.
	CutAfterEffect Cut = "after effect"
	// CutBody closes it after the effect and half of the answer.
	CutBody Cut = "body"
)

// Fault is a rule that spoils calls of one operation. Rules are tried in the
// order in which they were added; the first one that applies is used up.
type Fault struct {
	Op Op `json:"op"`
	// Skip lets that many matching calls through first.
	Skip int `json:"skip"`
	// Times is how many calls are spoiled: 0 means one, -1 all.
	Times int `json:"times"`
	// Status, Code and Message make an error answer of the usual shape.
	Status  int    `json:"status"`
	Code    string `json:"code"`
	Message string `json:"message"`
	// Body is answered as it is, for example an HTML page of a gateway.
	Body string `json:"body"`
	// RetryAfter is the header of that name.
	RetryAfter string `json:"retryAfter"`
	// Delay is waited before the effect, or after it with AfterEffect.
	Delay time.Duration `json:"delay"`
	Cut   Cut           `json:"cut"`
	// AfterEffect answers Status or Body although the effect took place.
	AfterEffect bool `json:"afterEffect"`
	// Match, if set, chooses among the operation's calls.
	Match func(Call) bool `json:"-"`
}

// replaces tells whether the fault answers in the handler's place.
func (f Fault) replaces() bool { return f.Status != 0 || f.Body != "" }

// faults are the rules still in force.
type faults struct {
	mu    sync.Mutex
	rules []*Fault
}

func (f *faults) add(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fault.Times == 0 {
		fault.Times = 1
	}
	f.rules = append(f.rules, &fault)
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
}

// take returns the fault that spoils this call, if any, and counts it.
func (f *faults) take(call Call) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rule := range f.rules {
		if rule.Op != call.Op || rule.Times == 0 || rule.Match != nil && !rule.Match(call) {
			continue
		}
		if rule.Skip > 0 {
			rule.Skip--
			continue
		}
		if rule.Times > 0 {
			rule.Times--
		}
		return *rule
	}
	return Fault{}
}

// AddFault adds a rule after those already there.
func (s *Server) AddFault(fault Fault) { s.faults.add(fault) }

// ClearFaults drops every rule.
func (s *Server) ClearFaults() { s.faults.clear() }
