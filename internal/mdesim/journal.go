package mdesim

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// Call is one request that reached the server, without its secrets.
type Call struct {
	Op     Op     `json:"op"`
	Method string `json:"method"`
	Path   string `json:"path"`
	// Query is the raw query; the signature of a result link is masked.
	Query string `json:"query"`
	// Header holds "Bearer ***" for an Authorization header.
	Header http.Header `json:"header"`
	// Body is the JSON sent. An upload is recorded as JSON too: its fields, and
	// for the file its name, size and SHA-256. A token request is recorded as
	// grant, client, scope and kind of credential.
	Body []byte `json:"body"`
	// Status is what was answered, 0 when the connection was cut before.
	Status int       `json:"status"`
	At     time.Time `json:"at"`
}

// journal records calls in order of arrival.
type journal struct {
	mu    sync.Mutex
	calls []*Call
}

// open adds a call whose status is not known yet.
func (j *journal) open(call Call) *Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	entry := &call
	j.calls = append(j.calls, entry)
	return entry
}

// answered fills in the status of a recorded call and returns a copy of it.
func (j *journal) answered(entry *Call, status int) Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	entry.Status = status
	return *entry
}

func (j *journal) list() []Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	calls := make([]Call, len(j.calls))
	for i, call := range j.calls {
		calls[i] = *call
	}
	return calls
}

func (j *journal) count(ops []Op) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for _, call := range j.calls {
		if len(ops) == 0 || slices.Contains(ops, call.Op) {
			n++
		}
	}
	return n
}

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls = nil
}

// Journal returns every call so far, in order of arrival.
func (s *Server) Journal() []Call { return s.journal.list() }

// Count returns how many calls of these operations arrived, refused ones
// included; of all operations when none is named.
func (s *Server) Count(ops ...Op) int { return s.journal.count(ops) }

// ResetJournal forgets the calls so far.
func (s *Server) ResetJournal() { s.journal.reset() }
