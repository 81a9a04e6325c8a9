package mde

import (
	"sync"
	"time"
)

// valueKey is what the readers of indicators ask for: all actions of a value.
type valueKey struct{ indicatorType, value string }

func keyOf(indicatorType, value string) valueKey {
	return valueKey{indicatorType: indicatorType, value: NormalizeValue(indicatorType, value)}
}

// Records are the tenant's active indicators as one read saw them and this
// process has changed them since.
type Records struct{ index *index }

// Get returns the record with that id.
func (r Records) Get(id string) (Indicator, bool) { return r.index.get(id) }

// Find returns the records of a value, whatever their action.
func (r Records) Find(indicatorType, value string) []Indicator {
	return r.index.find(keyOf(indicatorType, value), time.Now())
}

// Len is their number.
func (r Records) Len() int { return r.index.len() }

// index finds indicators by id and by value. It is safe for concurrent use.
type index struct {
	mu      sync.RWMutex
	byID    map[string]Indicator
	byValue map[valueKey][]string
}

func newIndex(records []Indicator) *index {
	x := &index{byID: make(map[string]Indicator, len(records)), byValue: make(map[valueKey][]string, len(records))}
	for _, record := range records {
		x.put(record)
	}
	return x
}

func (x *index) put(record Indicator) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.drop(record.ID)
	key := keyOf(record.IndicatorType, record.IndicatorValue)
	x.byID[record.ID] = record
	x.byValue[key] = append(x.byValue[key], record.ID)
}

func (x *index) remove(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.drop(id)
}

// drop removes a record; the caller holds the lock.
func (x *index) drop(id string) {
	record, ok := x.byID[id]
	if !ok {
		return
	}
	delete(x.byID, id)
	key := keyOf(record.IndicatorType, record.IndicatorValue)
	var left []string
	for _, other := range x.byValue[key] {
		if other != id {
			left = append(left, other)
		}
	}
	x.byValue[key] = left
}

func (x *index) get(id string) (Indicator, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	record, ok := x.byID[id]
	return record, ok
}

// any returns some record, if there is one.
func (x *index) any() (Indicator, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	for _, record := range x.byID {
		return record, true
	}
	return Indicator{}, false
}

// find returns the records of a value that have not expired at now.
func (x *index) find(key valueKey, now time.Time) []Indicator {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var found []Indicator
	for _, id := range x.byValue[key] {
		if record := x.byID[id]; record.ExpirationTime == nil || record.ExpirationTime.After(now) {
			found = append(found, record)
		}
	}
	return found
}

func (x *index) len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.byID)
}

// recent are this process's own writes of the last minutes. The service's list
// may lag behind a write; what a list says is corrected by them.
type recent struct {
	mu     sync.Mutex
	writes map[string]write // by id
}

type write struct {
	record *Indicator // nil: deleted
	at     time.Time
}

// lag is how long a list is expected to lag behind a write at most.
const lag = 5 * time.Minute

// add takes a record that was written, or nil for one that was deleted.
func (r *recent) add(id string, record *Indicator) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes[id] = write{record: record, at: time.Now()}
}

// has tells whether this process has written the record in the last minutes.
func (r *recent) has(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	w, ok := r.writes[id]
	return ok && w.record != nil && time.Since(w.at) < lag
}

// correct returns what a list says, with the own writes that it does not show
// yet.
func (r *recent) correct(listed []Indicator, wanted func(Indicator) bool) []Indicator {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.writes) == 0 {
		return listed
	}
	seen := make(map[string]bool, len(listed))
	var out []Indicator
	for _, record := range listed {
		seen[record.ID] = true
		if w, ok := r.writes[record.ID]; ok && w.record == nil && time.Since(w.at) < lag {
			continue
		}
		out = append(out, record)
	}
	for id, w := range r.writes {
		if w.record != nil && !seen[id] && time.Since(w.at) < lag && wanted(*w.record) {
			out = append(out, *w.record)
		}
	}
	return out
}
