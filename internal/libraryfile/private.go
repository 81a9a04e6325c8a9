package libraryfile

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// privateReader and privateWriter are the framework's private state, whose own
// type has no name outside of it.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// readPrivate reads a record of the private state, the zero value when there is
// none. What it is about is for the error.
func readPrivate[T any](ctx context.Context, private privateReader, key, about string) (T, diag.Diagnostics) {
	var record T
	data, diags := private.GetKey(ctx, key)
	if len(data) == 0 {
		return record, diags
	}
	if err := json.Unmarshal(data, &record); err != nil {
		diags.AddError("Damaged private state", "The record of "+about+" cannot be read: "+err.Error())
	}
	return record, diags
}
