// Package tfvalid holds the validators that the framework's library lacks. A
// validator sees the configuration alone and runs before every destroy as
// well, so it may refuse only what no version of the service has ever taken;
// what depends on the time or on the prior state is the resource's own plan
// hook to check.
package tfvalid

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// RFC3339 takes a time such as 2027-01-31T00:00:00Z; "" is as good as null.
func RFC3339() validator.String { return rfc3339{} }

type rfc3339 struct{}

// Description implements validator.Describer.
func (rfc3339) Description(context.Context) string {
	return "a time in RFC 3339 with its zone, such as 2027-01-31T00:00:00Z"
}

// MarkdownDescription implements validator.Describer.
func (v rfc3339) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v rfc3339) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	text := req.ConfigValue.ValueString() // Empty when null or unknown.
	if text == "" {
		return
	}
	if _, err := time.Parse(time.RFC3339, text); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid time", fmt.Sprintf("%q is not %s.", text, v.Description(ctx)))
	}
}
