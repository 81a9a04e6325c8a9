package mde

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/coalesce"
	"github.com/mde-as-code/terraform-provider-mde/internal/snapshot"
	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

const (
	// handful is how many values are asked for by filter before the whole list
	// is read instead: Terraform works on ten objects at a time, so ten at once
	// mean that there are more to come.
	handful = 9
	// maxFilter bounds the filter of one call, so that with its escapes the
	// URL stays below what proxies take.
	maxFilter = 2_000
	// readLag is how long a read by id is expected to lag behind a write.
	readLag = 5 * time.Second
)

// Indicators are the tenant's threat indicators. Reads of many callers travel
// in shared calls, writes of many callers in import and batch-delete calls.
type Indicators struct {
	*Holders

	client  *Client
	all     *snapshot.Snapshot[*index]
	size    *snapshot.Snapshot[int]
	lookups *coalesce.Group[Lookup, []Indicator]
	submits *coalesce.Group[Indicator, Indicator]
	deletes *coalesce.Group[Indicator, struct{}]
	written *claims[IndicatorKey]
	recent  recent
	asked   asked
	doubts  doubts
	// shown are the records of which a read by id has found what a list shows.
	shown atomic.Int32
}

// asked are the answers of filtered reads.
type asked struct {
	mu      sync.Mutex
	records map[valueKey]*index
	at      map[valueKey]time.Time
	// calls is 0 or 1: a second filtered read costs more than it saves, for a
	// third would read the whole list all the same.
	calls int
}

func newIndicators(c *Client) *Indicators {
	s := &Indicators{client: c, written: newClaims[IndicatorKey](), recent: recent{writes: map[string]write{}}, Holders: newHolders()}
	// Terraform hands over the objects of one apply some 150 ms apart when it has
	// many: a batch that closed sooner would hold one or two.
	writeBatch := coalesce.Options{Idle: 300 * time.Millisecond, Longest: 3 * time.Second, Size: maxBatch, Grace: transport.FinishTime}
	s.asked.reset()
	s.all = snapshot.New(snapshotLife, s.load)
	s.size = snapshot.New(snapshotLife, s.count)
	// A handful that came in two parts would cost the whole list.
	s.lookups = coalesce.New(coalesce.Options{Idle: 100 * time.Millisecond, Longest: 500 * time.Millisecond, Size: 10_000}, s.lookMany)
	s.submits = coalesce.New(writeBatch, s.submitStamped)
	s.deletes = coalesce.New(writeBatch, s.deleteMany)
	return s
}

func indicatorPath(more ...string) []string {
	return append([]string{"api", "indicators"}, more...)
}

// Lookup names the record that [Indicators.Get] is after.
type Lookup struct {
	ID string
	// Type and Value, when known, let the read be a small filtered call.
	Type, Value string
	// WrittenAt is when the caller last wrote the record (zero: unknown or
	// long ago). A record written less than five minutes ago that a list lacks
	// is asked for by its id before it counts as gone.
	WrittenAt time.Time
}

// Get returns the record with that id, or an error that is [ErrNotFound], or
// [ErrUnseen] where nobody can tell as yet.
func (s *Indicators) Get(ctx context.Context, lookup Lookup) (Indicator, error) {
	records, err := s.look(ctx, lookup)
	if err != nil {
		return Indicator{}, err
	}
	for _, record := range records {
		if record.ID == lookup.ID {
			return record, nil
		}
	}
	_, listed := s.all.Held()
	var absent error
	missed, recent := ErrNotFound, time.Since(lookup.WrittenAt) < lag
	if listed && recent && s.doubts.settled() {
		missed = ErrUnseen
	} else if !listed || recent {
		record, err := s.getPatiently(ctx, lookup)
		s.doubts.add(err)
		switch {
		case errors.Is(err, ErrUnseen) && recent:
			missed = ErrUnseen
		case !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrUnseen):
			return record, err
		}
		absent = err
	}
	if recent && errors.Is(missed, ErrNotFound) {
		s.all.DropBefore(lookup.WrittenAt.Add(min(readLag, time.Since(lookup.WrittenAt)))) // It has had time to show.
	}
	// The call by id is undocumented: what it misses the list may have, under a
	// spelling of the value that the filter does not match.
	whole, err := s.all.Get(ctx)
	if err != nil {
		return Indicator{}, err
	}
	if record, ok := whole.get(lookup.ID); ok {
		return record, nil
	}
	if recent && errors.Is(missed, ErrNotFound) && !s.readsByID(ctx, whole, absent) {
		missed = ErrUnseen
	}
	return Indicator{}, &Error{Op: "read indicator", Err: fmt.Errorf("id %s is %w among the tenant's active indicators", lookup.ID, missed)}
}

// Find returns every record of that type and value, whatever its action.
// It may answer from the process's snapshot; see [Indicators.Fresh].
func (s *Indicators) Find(ctx context.Context, indicatorType, value string) ([]Indicator, error) {
	return s.look(ctx, Lookup{Type: indicatorType, Value: value})
}

// Gone tells whether a record that a list shows is gone: a list may lag behind a
// deletion. A service that cannot be asked by id is believed, and so is a list of
// which enough was there.
func (s *Indicators) Gone(ctx context.Context, record Indicator) (bool, error) {
	if s.shown.Load() >= enoughDoubts {
		return false, nil
	}
	_, err := s.getByID(ctx, record.ID)
	switch {
	case err == nil:
		s.shown.Add(1)
		return false, nil
	case errors.Is(err, ErrNotFound):
		s.forget(record)
		return true, nil
	case errors.Is(err, ErrUnseen):
		return false, nil
	}
	return false, err
}

// All returns every record that the token can see, in as many list calls as
// there are pages, shared by all callers of the process.
func (s *Indicators) All(ctx context.Context) (Records, error) {
	whole, err := s.all.Get(ctx)
	return Records{index: whole}, err
}

// Held returns every record, as [Indicators.All] does, if the process has read
// them already. It makes no call.
func (s *Indicators) Held() (Records, bool) {
	whole, ok := s.all.Held()
	return Records{index: whole}, ok
}

// Count returns how many records the token can see: of what was read already,
// else by one small call that all callers of the process share.
func (s *Indicators) Count(ctx context.Context) (int, error) {
	if whole, ok := s.all.Held(); ok {
		return whole.len(), nil
	}
	return s.size.Get(ctx)
}

func (s *Indicators) count(ctx context.Context) (int, error) {
	var got struct {
		Count *int `json:"@odata.count"`
	}
	query := url.Values{"$top": {"1"}, "$count": {"true"}}
	err := s.client.do(ctx, call{op: "count indicators", method: http.MethodGet, path: indicatorPath(), query: query, traits: safe}, &got)
	if err == nil && got.Count == nil {
		err = &Error{Op: "count indicators", Err: errors.New("the answer has no count")}
	}
	if err != nil {
		return 0, err
	}
	return *got.Count, nil
}

// Fresh forgets what was read before, so that the next read asks the service.
func (s *Indicators) Fresh() {
	s.all.Drop()
	s.size.Drop()
	s.asked.reset()
}

// List yields the records that match the OData filter, straight from the
// service, all of them when the filter is empty.
// https://learn.microsoft.com/en-us/defender-endpoint/api/get-ti-indicators-collection
func (s *Indicators) List(ctx context.Context, filter string) iter.Seq2[Indicator, error] {
	return func(yield func(Indicator, error) bool) {
		for answer, err := range list[indicatorAnswer](ctx, s.client, "list indicators", indicatorPath(), filter) {
			if !yield(answer.indicator(), err) {
				return
			}
		}
	}
}

// look answers from what is held, else joins the next shared read.
func (s *Indicators) look(ctx context.Context, lookup Lookup) ([]Indicator, error) {
	if records, ok := s.held(lookup); ok {
		return records, nil
	}
	return s.lookups.Do(ctx, lookup)
}

func (s *Indicators) held(lookup Lookup) ([]Indicator, bool) {
	if whole, ok := s.all.Held(); ok {
		return answer(whole, lookup), true
	}
	if lookup.Value == "" {
		return nil, false
	}
	return s.asked.find(keyOf(lookup.Type, lookup.Value))
}

// answer finds what a lookup is after: by its value, else by its id.
func answer(whole *index, lookup Lookup) []Indicator {
	if lookup.Value != "" {
		return whole.find(keyOf(lookup.Type, lookup.Value), time.Now())
	}
	if record, ok := whole.get(lookup.ID); ok {
		return []Indicator{record}
	}
	return nil
}

// lookMany serves the lookups that came together: a handful by filter, more by
// the whole list.
func (s *Indicators) lookMany(ctx context.Context, lookups []Lookup) []coalesce.Result[[]Indicator] {
	results := make([]coalesce.Result[[]Indicator], len(lookups))
	if len(lookups) == 1 && lookups[0].Value == "" {
		record, err := s.getByID(ctx, lookups[0].ID)
		if err == nil {
			results[0].Value = []Indicator{record}
			return results
		}
	}
	if _, loaded := s.all.Held(); !loaded {
		if filter, ok := s.smallFilter(lookups); ok {
			err := s.lookFiltered(ctx, lookups, filter)
			for i, lookup := range lookups {
				results[i].Value, _ = s.held(lookup)
				results[i].Err = err
			}
			return results
		}
	}
	whole, err := s.all.Get(ctx)
	for i, lookup := range lookups {
		if results[i].Err = err; err == nil {
			results[i].Value = answer(whole, lookup)
		}
	}
	return results
}

// smallFilter returns the filter for a handful of values, if they are one and
// filtered calls have not been spent already.
func (s *Indicators) smallFilter(lookups []Lookup) (filter string, ok bool) {
	values := map[valueKey]bool{}
	var spelled []string
	for _, lookup := range lookups {
		key := keyOf(lookup.Type, lookup.Value)
		if lookup.Value == "" || len(values) > handful {
			return "", false
		}
		if !values[key] {
			values[key] = true
			spelled = append(spelled, spellings(lookup.Type, lookup.Value)...)
		}
	}
	filter = anyOf("indicatorValue", spelled)
	return filter, len(filter) <= maxFilter && s.asked.may(values)
}

func (s *Indicators) lookFiltered(ctx context.Context, lookups []Lookup, filter string) error {
	records, err := collect(s.List(ctx, filter))
	if err != nil {
		return err
	}
	keys := map[valueKey]bool{}
	for _, lookup := range lookups {
		keys[keyOf(lookup.Type, lookup.Value)] = true
	}
	wanted := func(i Indicator) bool { return keys[keyOf(i.IndicatorType, i.IndicatorValue)] }
	s.asked.add(keys, newIndex(s.recent.correct(records, wanted)))
	return nil
}

// load reads the whole list.
func (s *Indicators) load(ctx context.Context) (*index, error) {
	records, err := collect(s.List(ctx, ""))
	if err != nil {
		return nil, err
	}
	return newIndex(s.recent.correct(records, func(Indicator) bool { return true })), nil
}

// doubts are the reads by id of records that a list lacks. After some of them it
// is clear that the list lags, so that hundreds of records are not worth a call
// each.
type doubts struct {
	mu           sync.Mutex
	asked, there int
	// supported and unsupported are both false as long as nobody knows.
	supported, unsupported bool
	// probe is held while the call by id is put to the test.
	probe sync.Mutex
}

// enoughDoubts is how many reads by id tell of the rest.
const enoughDoubts = 20

func (d *doubts) add(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	d.unsupported = d.unsupported || errors.Is(err, ErrUnseen)
	if err == nil {
		d.there++
	}
}

// learn takes what a record that is known to be there says of the call itself.
func (d *doubts) learn(works bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.supported, d.unsupported = d.supported || works, d.unsupported || !works
}

// known tells whether the call by id works, if that is known.
func (d *doubts) known() (works, known bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.supported, d.supported || d.unsupported
}

// settled tells whether a further read would say nothing new.
func (d *doubts) settled() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.unsupported || d.asked >= enoughDoubts && d.there > 0
}

// readsByID tells whether the call by id is known to work, so that a 404 means
// that the record is not there: it is the answer to an unknown URL, too. What
// the list shows puts it to the test, once; where it shows nothing, the code of
// the 404 tells.
func (s *Indicators) readsByID(ctx context.Context, whole *index, absent error) bool {
	s.doubts.probe.Lock()
	defer s.doubts.probe.Unlock()
	if works, known := s.doubts.known(); known {
		return works
	}
	record, ok := whole.any()
	if !ok {
		var refused *Error
		return errors.As(absent, &refused) && refused.Code == codeNoEntity
	}
	_, err := s.getByID(ctx, record.ID)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrUnseen) {
		s.doubts.learn(false)
	}
	return err == nil
}

// getPatiently asks once more for what was written a moment ago: a read by id
// may lag behind a write, too.
func (s *Indicators) getPatiently(ctx context.Context, lookup Lookup) (Indicator, error) {
	record, err := s.getByID(ctx, lookup.ID)
	wait := min(readLag-time.Since(lookup.WrittenAt), readLag) // Clocks may differ.
	if !errors.Is(err, ErrNotFound) || wait <= 0 || transport.Sleep(ctx, wait) != nil {
		return record, err
	}
	return s.getByID(ctx, lookup.ID)
}

// getByID is undocumented, but recorded. Where the service does not have it, the
// error is [ErrUnseen].
func (s *Indicators) getByID(ctx context.Context, id string) (Indicator, error) {
	var got indicatorAnswer
	err := s.client.do(ctx, call{op: "read indicator", method: http.MethodGet, path: indicatorPath(id), traits: safe}, &got)
	var refused *Error
	if errors.As(err, &refused) && slices.Contains([]int{http.StatusBadRequest, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotImplemented}, refused.Status) {
		err = fmt.Errorf("%w: %w", ErrUnseen, err)
	}
	if err == nil {
		s.doubts.learn(true)
	}
	return got.indicator(), err
}

// remember lets later reads of this process see a write.
func (s *Indicators) remember(record Indicator) {
	s.recent.add(record.ID, &record)
	s.size.Drop()
	s.all.Edit(func(whole *index) *index {
		whole.put(record)
		return whole
	})
	s.asked.edit(record, func(x *index) { x.put(record) })
}

// forget lets later reads of this process see a deletion.
func (s *Indicators) forget(record Indicator) {
	s.recent.add(record.ID, nil)
	s.size.Drop()
	s.all.Edit(func(whole *index) *index {
		whole.remove(record.ID)
		return whole
	})
	s.asked.edit(record, func(x *index) { x.remove(record.ID) })
}

func (a *asked) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.records, a.at, a.calls = map[valueKey]*index{}, map[valueKey]time.Time{}, 0
}

// may tells whether these values may be asked for by filter, and counts the call
// unless it asks again, after a while, for what it has asked for before.
func (a *asked) may(values map[valueKey]bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	more := 0
	for key := range values {
		if _, ok := a.records[key]; !ok {
			more++
		}
	}
	if more == 0 {
		return true
	}
	if len(a.records)+more > handful || a.calls > 0 {
		return false
	}
	a.calls++
	return true
}

func (a *asked) find(key valueKey) ([]Indicator, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	x, ok := a.records[key]
	if !ok || time.Since(a.at[key]) > snapshotLife {
		return nil, false
	}
	return x.find(key, time.Now()), true
}

func (a *asked) add(keys map[valueKey]bool, x *index) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for key := range keys {
		a.records[key], a.at[key] = x, time.Now()
	}
}

func (a *asked) edit(record Indicator, edit func(*index)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if x, ok := a.records[keyOf(record.IndicatorType, record.IndicatorValue)]; ok {
		edit(x)
	}
}
