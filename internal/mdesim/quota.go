package mdesim

import (
	"sync"
	"time"
)

// Quotas are the limits of the service. Zero means no limit.
type Quotas struct {
	RequestsPerMinute     int `json:"requestsPerMinute"`
	RequestsPerHour       int `json:"requestsPerHour"`
	ImportsPerMinute      int `json:"importsPerMinute"`
	BatchDeletesPerMinute int `json:"batchDeletesPerMinute"`
	BatchDeletesPerHour   int `json:"batchDeletesPerHour"`
	RunsPerMinute         int `json:"runsPerMinute"`
	// ConcurrentRuns bounds the unfinished live-response runs of the tenant.
	ConcurrentRuns int `json:"concurrentRuns"`
}

// DocumentedQuotas are the limits that the API pages name.
func DocumentedQuotas() Quotas {
	return Quotas{
		RequestsPerMinute:     100,
		RequestsPerHour:       1500,
		ImportsPerMinute:      30,
		BatchDeletesPerMinute: 30,
		BatchDeletesPerHour:   1500,
		RunsPerMinute:         10,
		ConcurrentRuns:        25,
	}
}

// window admits at most limit calls in any span of its length. A refused call
// does not count.
type window struct {
	limit int
	span  time.Duration
	calls []time.Time
}

// wait returns how long until the next call fits, 0 when one fits now.
func (w *window) wait(now time.Time) time.Duration {
	if w.limit == 0 {
		return 0
	}
	gone := 0
	for gone < len(w.calls) && !w.calls[gone].After(now.Add(-w.span)) {
		gone++
	}
	w.calls = w.calls[gone:]
	if len(w.calls) < w.limit {
		return 0
	}
	return w.calls[len(w.calls)-w.limit].Add(w.span).Sub(now)
}

// governor keeps the windows of every quota family.
type governor struct {
	mu      sync.Mutex
	windows map[quotaFamily][]*window
}

// quotaFamily groups the operations that share their windows.
type quotaFamily string

const (
	familyNone        quotaFamily = ""
	familyRequests    quotaFamily = "requests"
	familyImport      quotaFamily = "import"
	familyBatchDelete quotaFamily = "batch delete"
	familyRun         quotaFamily = "run"
)

func newGovernor(quotas Quotas, minute time.Duration) *governor {
	hour := 60 * minute
	return &governor{windows: map[quotaFamily][]*window{
		familyRequests:    {{limit: quotas.RequestsPerMinute, span: minute}, {limit: quotas.RequestsPerHour, span: hour}},
		familyImport:      {{limit: quotas.ImportsPerMinute, span: minute}},
		familyBatchDelete: {{limit: quotas.BatchDeletesPerMinute, span: minute}, {limit: quotas.BatchDeletesPerHour, span: hour}},
		familyRun:         {{limit: quotas.RunsPerMinute, span: minute}},
	}}
}

// admit counts a call, or returns how long it must wait.
func (g *governor) admit(family quotaFamily, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	var longest time.Duration
	for _, window := range g.windows[family] {
		longest = max(longest, window.wait(now))
	}
	if longest > 0 {
		return longest
	}
	for _, window := range g.windows[family] {
		if window.limit > 0 {
			window.calls = append(window.calls, now)
		}
	}
	return 0
}

func (g *governor) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, windows := range g.windows {
		for _, window := range windows {
			window.calls = nil
		}
	}
}
