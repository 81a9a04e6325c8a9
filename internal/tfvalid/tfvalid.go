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

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
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

// ConflictsWith refuses a text beside another one. "" is as good as null, in
// which it differs from the validator of that name in the framework's library.
func ConflictsWith(other path.Path) validator.String {
	return combination{
		other: other, description: "excludes %s",
		refuses: func(text string, _ bool) bool { return text != "" },
		detail:  "%[1]s and %[2]s exclude each other: remove one of the two.",
	}
}

// AlsoRequires refuses a text that has no effect without another one. "" is as
// good as null, in which it differs from the validator of that name in the
// framework's library.
func AlsoRequires(other path.Path) validator.String {
	return combination{
		other: other, description: "requires %s",
		refuses: func(text string, known bool) bool { return known && text == "" },
		detail:  "%[1]s has an effect only beside %[2]s: set that too, or remove %[1]s.",
	}
}

// combination judges a text by another one, which may not be known as yet.
type combination struct {
	other               path.Path
	refuses             func(text string, known bool) bool
	description, detail string
}

// Description implements validator.Describer.
func (v combination) Description(context.Context) string {
	return fmt.Sprintf(v.description, v.other)
}

// MarkdownDescription implements validator.Describer.
func (v combination) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v combination) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.ValueString() != "" && v.refuses(textAt(ctx, req.Config, v.other)) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Attribute Combination", fmt.Sprintf(v.detail, req.Path, v.other))
	}
}

// textAt is a text of the configuration, empty when null or not known as yet.
func textAt(ctx context.Context, config tfsdk.Config, at path.Path) (text string, known bool) {
	var value attr.Value
	if config.GetAttribute(ctx, at, &value).HasError() {
		return "", false
	}
	if of, ok := value.(basetypes.StringValuable); ok {
		plain, _ := of.ToStringValue(ctx)
		text = plain.ValueString()
	}
	return text, !value.IsUnknown()
}
