package indicator

import (
	"iter"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// setMemory is what must be remembered of a set beside its state. It travels in
// the private state. A value that is not in it is not the set's, whatever the
// state says: a creation that could not save a value has to leave it there.
type setMemory struct {
	// WrittenAt is when the set last wrote records.
	WrittenAt time.Time `json:"written_at,omitzero"`
	// Records by value, as the state spells it. Names are short because there
	// are thousands.
	Records map[string]held `json:"records,omitempty"`
}

// holds yields what a set holds, by value. The state alone knows what a refresh
// has found to be another's, for Terraform up to 1.11 plans to destroy what has
// left the configuration before it refreshes it: then the private state is older.
func (m *setModel) holds(remembered setMemory) iter.Seq2[string, held] {
	shown := m.Indicators.Elements()
	return func(yield func(string, held) bool) {
		for value, h := range remembered.Records {
			if _, ok := shown[value]; ok && !yield(value, h) {
				return
			}
		}
	}
}

// held is what a set holds of one value.
type held struct {
	// ID of the record, empty when it is known to be gone.
	ID string `json:"i,omitempty"`
	// Action of the record, when it is not the set's.
	Action string `json:"a,omitempty"`
	// Expires is the expiry that expires_in has fixed, in seconds since 1970.
	Expires int64 `json:"e,omitempty"`
	// Left are records beside that one which are still to be deleted.
	Left []successor `json:"l,omitempty"`
	// Foreign says that the record is somebody else's, met unseen: it is not
	// deleted unless adopt_existing says so.
	Foreign bool `json:"f,omitempty"`
	// Rewrite says that the plan found another resource that is to delete the
	// record which this set keeps.
	Rewrite bool `json:"w,omitempty"`
	// Marked says that the state shows something else in the place of the note,
	// which Note remembers; nil is null.
	Marked bool    `json:"m,omitempty"`
	Note   *string `json:"n,omitempty"`
}

// mark shows a mark in the state in the place of the note, none if it is empty.
func (h held) mark(note types.String, mark string) (held, types.String) {
	h.Marked, h.Note = false, nil
	if mark == "" {
		return h, note
	}
	h.Marked, h.Note = true, note.ValueStringPointer()
	return h, types.StringValue(mark)
}

// has tells whether the record with that id is the set's.
func (h held) has(id string) bool {
	return id != "" && (h.ID == id || slices.ContainsFunc(h.Left, func(s successor) bool { return s.ID == id }))
}

// note is the one that was configured, given what the state shows.
func (h held) note(shown types.String) types.String {
	if h.Marked {
		return types.StringPointerValue(h.Note)
	}
	return shown
}

// expires is the expiry of the value's record under a set's settings, nil if it
// has none.
func (h held) expires(s *settings) *time.Time {
	if s.lifetime().in == 0 {
		return instant(s.ExpirationTime)
	}
	if h.Expires == 0 {
		return nil
	}
	t := time.Unix(h.Expires, 0).UTC()
	return &t
}
