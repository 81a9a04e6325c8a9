package indicator

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// memory is what must be remembered of an indicator beside its state. It
// travels in the private state.
type memory struct {
	// ID is the record's, where the state has the one before, which the plan had
	// promised: the service has answered a write with another record.
	ID string `json:"id,omitempty"`
	// WrittenAt is when this resource last wrote the record.
	WrittenAt time.Time `json:"written_at,omitzero"`
	// Expires is the expiry that expires_in has fixed.
	Expires time.Time `json:"expires,omitzero"`
	// TakenOver says that the record is somebody else's, met unseen: it is not
	// deleted on destroy unless adopt_existing says so.
	TakenOver bool `json:"taken_over,omitempty"`
	// Spared says that another resource keeps the record.
	Spared bool `json:"spared,omitempty"`
	// Rewrite says that the plan found another resource that is to delete the
	// record which this one keeps.
	Rewrite bool `json:"rewrite,omitempty"`
	// Successors are records that are to go beside the one in the state: one that
	// is to follow it and was written while it could not be deleted, or one that
	// was taken over.
	Successors []successor `json:"successors,omitempty"`
}

// successor names a record of the indicator's value.
type successor struct {
	ID     string `json:"id"`
	Action string `json:"action"`
}

func (s successor) String() string { return fmt.Sprintf("%s with the action %s", s.ID, s.Action) }

// id is that of the record that belongs to the state.
func (m memory) id(state *model) string { return cmp.Or(m.ID, state.ID.ValueString()) }

// shown notes that the state shows the record with that id, and tells whether
// this changes what is remembered.
func (m *memory) shown(id string) bool {
	forgotten := m.forget(id)
	renamed := m.ID != ""
	m.ID = ""
	return forgotten || renamed
}

// succeed remembers a successor.
func (m *memory) succeed(record mde.Indicator) {
	m.forget(record.ID)
	m.Successors = append(m.Successors, successor{ID: record.ID, Action: record.Action})
}

// forget drops the successor with that id and tells whether there was one.
func (m *memory) forget(id string) bool {
	before := len(m.Successors)
	m.Successors = slices.DeleteFunc(m.Successors, func(s successor) bool { return s.ID == id })
	return len(m.Successors) < before
}

const memoryKey = "record"

// privateReader and privateWriter are the framework's private state, whose own
// type has no name outside of it.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func recall(ctx context.Context, private privateReader) (memory, diag.Diagnostics) {
	return recallAs[memory](ctx, private)
}

func recallAs[T any](ctx context.Context, private privateReader) (T, diag.Diagnostics) {
	var m T
	data, diags := private.GetKey(ctx, memoryKey)
	if len(data) == 0 || diags.HasError() {
		return m, diags
	}
	if err := json.Unmarshal(data, &m); err != nil {
		diags.AddError("Unreadable private state", "What the provider remembers of the indicator cannot be read: "+err.Error()+".")
	}
	return m, diags
}

func (m memory) save(ctx context.Context, private privateWriter) diag.Diagnostics {
	return saveAs(ctx, m, private)
}

func saveAs[T any](ctx context.Context, m T, private privateWriter) diag.Diagnostics {
	data, err := json.Marshal(m)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Private state cannot be written", err.Error())}
	}
	return private.SetKey(ctx, memoryKey, data)
}

// settled is the record as the state shows it: of a record that was taken over
// the application stays as configured, for it can neither be changed nor, being
// somebody else's, be created again.
func (m memory) settled(record mde.Indicator, configured *model) mde.Indicator {
	if m.TakenOver {
		record.Application = configured.Application.ValueString()
	}
	return record
}
