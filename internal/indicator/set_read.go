package indicator

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// asked is how many records that a list lacks are asked for by id: because they
// were written only just now, or because the value was looked for by name and
// the service may spell it otherwise. If one is there, the list lags.
const asked = 20

// refresh brings a set's state to what the tenant holds.
type refresh struct {
	state      *setModel
	remembered *setMemory
	now        time.Time

	notes   map[string]types.String
	records map[string]held
	missing []missing
	expired int
	// lost are the values that another resource holds by now.
	lost []string
}

// missing is a value whose record the list lacks.
type missing struct {
	value string
	note  types.String
	held  held
	want  mde.Indicator
	// other is somebody else's record of the value, with another action.
	other mde.Indicator
}

// run returns whether the state has changed.
func (f *refresh) run(ctx context.Context, r *setResource) (changed bool, err error) {
	shown, toAPI := f.state.notes(), f.state.toAPI()
	f.notes, f.records = make(map[string]types.String, len(shown)), make(map[string]held, len(shown))
	var values []string
	var keys []mde.IndicatorKey
	for _, value := range inOrder(shown) {
		if _, ok := f.remembered.Records[value]; ok {
			values = append(values, value)
			keys = append(keys, mde.IndicatorKey{Type: f.state.typeOf(value), Value: value})
		}
	}
	seen, err := r.look(ctx, keys)
	if err != nil {
		return false, err
	}
	r.Client.Indicators.Refreshed(f.state.ID.ValueString()) // Before the look at who keeps what.
	for _, value := range values {
		h := f.remembered.Records[value]
		if r.Client.Indicators.KeptSince(h.ID, f.remembered.WrittenAt) {
			f.lost = append(f.lost, value)
			continue
		}
		note := h.note(shown[value])
		f.see(missing{value: value, note: note, held: h, want: toAPI(value, note)}, seen)
	}
	if err := f.settleMissing(ctx, r.Client.Indicators); err != nil {
		return false, err
	}
	f.remembered.Records = f.records
	count := types.Int64Value(int64(f.expired))
	changed = !sameNotes(f.notes, shown) || !count.Equal(f.state.ExpiredCount)
	if changed {
		f.state.setNotes(f.notes)
		f.state.ExpiredCount = count
	}
	return changed, nil
}

func sameNotes(a, b map[string]types.String) bool {
	if len(a) != len(b) {
		return false
	}
	for value, note := range a {
		if other, ok := b[value]; !ok || !note.Equal(other) {
			return false
		}
	}
	return true
}

// see looks at one value.
func (f *refresh) see(m missing, seen view) {
	value, note, h := m.value, m.note, m.held
	expires := h.expires(&f.state.settings)
	m.want.ExpirationTime = expires
	var there bool
	if m.other, there = f.take(m, seen.of(m.want, m.held)); there {
		return
	}
	switch {
	case expires != nil && !expires.After(f.now.Add(clockSkew)):
		f.expired++
		f.records[value], f.notes[value] = held{Expires: h.Expires}.mark(note, f.renewal(*expires, "expired"))
	case h.Foreign && h.ID != "":
		// The token could not see the record when it was written, nor can it now.
		f.records[value], f.notes[value] = h.mark(note, "")
	case h.ID != "" && (f.isRecent() || seen.size < 0):
		f.missing = append(f.missing, m)
	default:
		f.drop(m)
	}
}

// take takes the set's own record of a value into the state, if it is among
// those that were found. Else it returns somebody else's.
func (f *refresh) take(m missing, found []mde.Indicator) (other mde.Indicator, there bool) {
	record, same := pickRecord(found, m.want, m.held)
	switch {
	case same:
		f.records[m.value], f.notes[m.value] = f.compare(m.note, m.want, record, m.held, found)
	case m.held.has(record.ID):
		now := held{ID: record.ID, Action: record.Action, Expires: m.held.Expires, Left: f.left(m.held, record.ID, found)}
		f.records[m.value], f.notes[m.value] = now.mark(m.note, driftOfAction(record.Action))
	default:
		return record, false
	}
	return mde.Indicator{}, true
}

// drop lets a value leave the state, unless there is a record of it, if only
// somebody else's.
func (f *refresh) drop(m missing) {
	if m.other.ID != "" {
		f.records[m.value], f.notes[m.value] = held{Expires: m.held.Expires}.mark(m.note, driftOfAction(m.other.Action))
	}
}

// isRecent tells whether the list may lack what the set has written.
func (f *refresh) isRecent() bool { return f.now.Sub(f.remembered.WrittenAt) < clockSkew }

// pickRecord returns the record that has the wanted key, the remembered one if
// there are several, else the remembered one, else any.
func pickRecord(found []mde.Indicator, want mde.Indicator, h held) (record mde.Indicator, same bool) {
	key := want.Key()
	for _, one := range found {
		isSame := one.Key() == key
		if record.ID == "" || isSame && !same || isSame == same && one.ID == h.ID {
			record, same = one, isSame
		}
	}
	return record, same
}

// compare tells what the set holds of a value that has the wanted record, and
// what the state shows of it.
func (f *refresh) compare(note types.String, want, record mde.Indicator, h held, found []mde.Indicator) (held, types.String) {
	now := held{ID: record.ID, Expires: h.Expires, Foreign: h.Foreign && h.ID == record.ID, Left: f.left(h, record.ID, found)}
	if life := f.state.lifetime(); life.in > 0 && (want.ExpirationTime == nil || !want.ExpirationTime.After(f.now)) {
		// It has outlived the end that expires_in had fixed, by somebody else's
		// hand: a later end is as good, none is not.
		now.Expires = 0
		expires := life.from(f.now)
		want.ExpirationTime = &expires
		if record.ExpirationTime != nil {
			now.Expires, want.ExpirationTime = record.ExpirationTime.Unix(), record.ExpirationTime
		}
	}
	return now.mark(note, f.markOf(record, want, now))
}

// left are the set's own records of a value beside the one with that id.
func (f *refresh) left(h held, id string, found []mde.Indicator) []successor {
	var left []successor
	for _, one := range found {
		if one.ID != id && h.has(one.ID) {
			left = append(left, successor{ID: one.ID, Action: one.Action})
		}
	}
	if !f.isRecent() {
		return left
	}
	for _, s := range h.Left { // The list may lack them as yet.
		if s.ID != id && !slices.Contains(left, s) {
			left = append(left, s)
		}
	}
	return left
}

// markOf is what stands in the place of the note of a value that has the wanted
// record, empty when all is well.
func (f *refresh) markOf(record, want mde.Indicator, h held) string {
	if text := drift(record, want); text != "" {
		return text
	}
	if len(h.Left) > 0 {
		return driftOfLeft(h.Left[0], want)
	}
	if want.ExpirationTime != nil {
		return f.renewal(*want.ExpirationTime, "expires")
	}
	return ""
}

// renewal is the mark of a value that is to be renewed, empty when it is not.
func (f *refresh) renewal(expires time.Time, verb string) string {
	life := f.state.lifetime()
	if life.in == 0 || !life.due(expires, f.now) {
		return ""
	}
	return "to be renewed: " + verb + " " + expires.Format(time.RFC3339)
}

// settleMissing decides about values whose record was not found where it should
// be: the list may lag behind. So do those beyond the first few, if these do.
func (f *refresh) settleMissing(ctx context.Context, indicators *mde.Indicators) error {
	lags := false
	for i, m := range f.missing {
		if i >= asked {
			if lags {
				f.records[m.value], f.notes[m.value] = m.held.mark(m.note, "")
			} else {
				f.drop(m)
			}
			continue
		}
		record, err := indicators.Get(ctx, mde.Lookup{ID: m.held.ID, Type: m.want.IndicatorType, Value: m.want.IndicatorValue, WrittenAt: f.remembered.WrittenAt})
		switch {
		case err == nil:
			lags = true
			f.take(m, []mde.Indicator{asSpelled(record, m.want)})
		case errors.Is(err, mde.ErrUnseen):
			lags = true
			f.records[m.value], f.notes[m.value] = m.held.mark(m.note, "")
		case errors.Is(err, mde.ErrNotFound):
			f.drop(m)
		default:
			return err
		}
	}
	return nil
}
