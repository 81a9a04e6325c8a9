package indicator

import (
	"cmp"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// task is one value of a set on its way from what is there to what is wanted.
// It keeps one whole record and not several: there may be 15,000.
type task struct {
	value string
	note  types.String
	want  mde.Indicator

	// known says that the set holds the value already, as held says, under the
	// action heldAction and with the note heldNote.
	known      bool
	held       held
	heldAction string
	heldNote   types.String
	// fixed says that want keeps the expiry that the value has had so far.
	fixed bool

	// What the survey of the tenant finds: what becomes of the record that has
	// the wanted key, its id, whether there is nothing to write, whether it has
	// to be deleted first because the service sets the application at creation
	// only, and in what it differs if it is the set's own; or that the value has
	// expired. Met is a record that is not the set's.
	verdict   verdict
	id        string
	settled   bool
	recreates bool
	differs   string
	expired   bool
	met       *mde.Indicator
	// metGone says that met is not there any more.
	metGone bool

	// What came of it: the id of the wanted record, and whether it turned out to
	// be somebody else's; or why it is not there.
	got     string
	foreign bool
	err     error
	release func()
}

// occupies tells whether the task takes a key that the set does not hold.
func (t *task) occupies() bool { return !t.known || t.changesAction() }

func (t *task) changesAction() bool {
	return t.known && mde.CanonicalAction(t.heldAction) != mde.CanonicalAction(t.want.Action)
}

// survey judges the task by the records that there are of its value.
func (t *task) survey(w write, found []mde.Indicator, now time.Time) {
	existing, v := w.judge(found)
	t.verdict, t.id, t.settled, t.recreates, t.differs, t.met, t.metGone = v, existing.ID, false, false, "", nil, false
	if v == vacant {
		t.expired = t.mayHaveExpired(now)
		return
	}
	if v != own {
		t.want, t.met = w.asFound(existing), &existing
	}
	t.recreates = existing.Application != t.want.Application
	t.settled = !t.recreates && !t.held.Rewrite && existing.Holds(t.want)
	if v == own && !t.settled {
		t.differs = drift(existing, t.want)
	}
}

// mayHaveExpired tells whether the value's record can be missing because it
// expired, and is not to be renewed.
func (t *task) mayHaveExpired(now time.Time) bool {
	return t.fixed && t.want.ExpirationTime != nil && !t.want.ExpirationTime.After(now.Add(clockSkew))
}

// old are the records of the value that go once the wanted one is there: the
// set's own, and one that was taken over. Once it is there its id tells them, and
// not the settings: what the service keys a record by is known in part only.
func (t *task) old() []mde.Indicator {
	kept := cmp.Or(t.got, t.id)
	var all []mde.Indicator
	add := func(id, action string) {
		if id != "" && id != kept {
			record := t.want
			record.ID, record.Action = id, action
			all = append(all, record)
		}
	}
	if t.got != "" || t.changesAction() {
		add(t.held.ID, t.heldAction)
	}
	for _, s := range t.held.Left {
		add(s.ID, s.Action)
	}
	if t.displaces() {
		add(t.met.ID, t.met.Action)
	}
	return all
}

// displaces tells whether a record that was taken over is there still, beside the
// one that its write was answered with.
func (t *task) displaces() bool {
	return t.got != "" && t.got != t.id && (t.verdict == moved || t.verdict == adopted) && !t.metGone
}

// fail says why the wanted record is not there, and lets others have its key.
func (t *task) fail(err error) {
	t.err = err
	t.unclaim()
}

func (t *task) unclaim() {
	if t.release != nil {
		t.release()
		t.release = nil
	}
}

// record is the one with the wanted key and that id.
func (t *task) record(id string) mde.Indicator {
	record := t.want
	record.ID = id
	return record
}

// existsError is the refusal of a record that somebody else has.
type existsError struct{ existing mde.Indicator }

// Error implements error.
func (e existsError) Error() string {
	return fmt.Sprintf("exists already, as %s", describe(e.existing))
}

// tasksOf returns the tasks that lead from the prior state, which is nil at
// creation, to the plan, and what the set holds of values that it gives up.
func tasksOf(prior, plan *setModel, remembered setMemory, now time.Time) (tasks, removed []*task) {
	notes, toAPI := plan.notes(), plan.toAPI()
	holds := newHoldings(prior, remembered)
	for _, value := range inOrder(notes) {
		t := &task{value: value, note: notes[value], want: toAPI(value, notes[value])}
		holds.give(t)
		t.expiry(prior, plan, now)
		tasks = append(tasks, t)
	}
	return tasks, holds.rest()
}

// expiry completes what is wanted by the expiry of the value's own record.
func (t *task) expiry(prior, plan *setModel, now time.Time) {
	life := plan.lifetime()
	if life.in == 0 {
		t.fixed = t.known && sameInstant(t.want.ExpirationTime, instant(prior.ExpirationTime))
		return
	}
	if t.known && prior.lifetime().in == life.in {
		if expires := t.held.expires(&plan.settings); expires != nil && !life.due(*expires, now) {
			t.fixed, t.want.ExpirationTime = true, expires
			return
		}
	}
	expires := life.from(now)
	t.want.ExpirationTime = &expires
}

// holdings are what a set holds, by value as the service compares it.
type holdings struct {
	prior   *setModel
	notes   map[string]types.String
	toAPI   func(string, types.String) mde.Indicator
	records map[string]held
	values  map[mde.IndicatorKey]string
}

func newHoldings(prior *setModel, remembered setMemory) *holdings {
	if prior == nil {
		return &holdings{}
	}
	toAPI := prior.toAPI()
	// How old a record is tells whether a list must show it.
	dated := func(value string, note types.String) mde.Indicator {
		record := toAPI(value, note)
		record.LastUpdateTime = remembered.WrittenAt
		return record
	}
	h := &holdings{prior: prior, notes: prior.notes(), toAPI: dated, records: remembered.Records, values: make(map[mde.IndicatorKey]string, len(remembered.Records))}
	for value := range prior.holds(remembered) {
		h.values[anyAction(prior.typeOf(value), value)] = value
	}
	return h
}

// anyAction is the key of a value, whatever the action.
func anyAction(indicatorType, value string) mde.IndicatorKey {
	key := mde.Indicator{IndicatorType: indicatorType, IndicatorValue: value}.Key()
	key.Action = ""
	return key
}

// give lets the task have what is held of its value.
func (h *holdings) give(t *task) {
	key := anyAction(t.want.IndicatorType, t.want.IndicatorValue)
	value, ok := h.values[key]
	if !ok {
		return
	}
	delete(h.values, key)
	t.known, t.held = true, h.records[value]
	t.heldNote = t.held.note(h.notes[value])
	t.heldAction = h.prior.Action.ValueString()
	if t.held.Action != "" {
		t.heldAction = t.held.Action
	}
}

// rest are the values that no task has been given: what is to be removed.
func (h *holdings) rest() []*task {
	left := make(map[string]bool, len(h.values))
	for _, value := range h.values {
		left[value] = true
	}
	var removed []*task
	for _, value := range inOrder(left) {
		t := &task{value: value, want: h.toAPI(value, types.StringNull())}
		h.values = map[mde.IndicatorKey]string{anyAction(t.want.IndicatorType, value): value}
		h.give(t)
		t.note = t.heldNote
		removed = append(removed, t)
	}
	return removed
}

// records are all that the set has of the value.
func (t *task) records() []mde.Indicator {
	record := t.want
	var all []mde.Indicator
	if t.held.ID != "" {
		record.ID, record.Action = t.held.ID, t.heldAction
		all = append(all, record)
	}
	for _, s := range t.held.Left {
		record.ID, record.Action = s.ID, s.Action
		all = append(all, record)
	}
	return all
}
