package liveresponse

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// memory is what the private state keeps beside the attributes.
type memory struct {
	// Accepted is when the service accepted the run, by the service's clock.
	// An older run with the marker of a later start is no lost start.
	Accepted time.Time `json:"accepted"`
	// Imported tells that the state came from an import and does not know what
	// triggered the run. An update ends it.
	Imported bool `json:"imported,omitempty"`
}

const memoryKey = "run"

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func recall(ctx context.Context, private privateReader, diags *diag.Diagnostics) memory {
	var m memory
	data, read := private.GetKey(ctx, memoryKey)
	diags.Append(read...)
	if len(data) == 0 {
		return m
	}
	if err := json.Unmarshal(data, &m); err != nil {
		diags.AddError("Could not read the private state", "The private state of the live response run is damaged: "+err.Error())
	}
	return m
}

func (m memory) save(ctx context.Context, private privateWriter, diags *diag.Diagnostics) {
	data, err := json.Marshal(m)
	if err != nil {
		diags.AddError("Could not write the private state", err.Error())
		return
	}
	diags.Append(private.SetKey(ctx, memoryKey, data)...)
}
