// Package tfconv converts between Go values and framework values, null, empty
// and unknown included. It refuses to validate.
package tfconv

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// String returns what the service says, in the spelling of prior: null, "" and
// absent mean the same to the service, so an empty answer keeps a prior null
// or "".
func String(prior types.String, got string) types.String {
	if got != "" {
		return types.StringValue(got)
	}
	if !prior.IsUnknown() && prior.ValueString() == "" {
		return prior
	}
	return types.StringNull()
}

// Instant returns a time as RFC 3339 in UTC, null where there is none.
func Instant(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339))
}

// StringSet returns what the service says as a set, in the spelling of prior:
// an empty answer keeps a prior null or [].
func StringSet(prior types.Set, got []string) types.Set {
	if len(got) == 0 {
		if !prior.IsUnknown() && len(prior.Elements()) == 0 {
			return prior
		}
		return types.SetNull(types.StringType)
	}
	elements := make([]attr.Value, len(got))
	for i, s := range got {
		elements[i] = types.StringValue(s)
	}
	return types.SetValueMust(types.StringType, elements)
}
