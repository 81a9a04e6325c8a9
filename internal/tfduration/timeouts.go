package tfduration

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// Timeouts is the model of the timeouts attribute. A resource declares the
// attribute with [TimeoutsAttribute] and has a field
// `Timeouts *tfduration.Timeouts` with the tag `tfsdk:"timeouts"`.
type Timeouts struct {
	Create Value `tfsdk:"create"`
	Read   Value `tfsdk:"read"`
	Update Value `tfsdk:"update"`
	Delete Value `tfsdk:"delete"`
}

// Defaults are the timeouts that hold where the configuration names none.
type Defaults struct{ Create, Read, Update, Delete time.Duration }

// Of returns the timeouts in force.
func (d Defaults) Of(t *Timeouts) Defaults {
	if t == nil {
		return d
	}
	return Defaults{Create: t.Create.Or(d.Create), Read: t.Read.Or(d.Read), Update: t.Update.Or(d.Update), Delete: t.Delete.Or(d.Delete)}
}

// OfObject is Of for a model that holds the attribute as an object. That is what
// a resource with ValidateConfig or ModifyPlan needs, where the whole attribute
// may still be unknown.
func (d Defaults) OfObject(ctx context.Context, object types.Object) (Defaults, diag.Diagnostics) {
	if object.IsNull() || object.IsUnknown() {
		return d, nil
	}
	var t Timeouts
	diags := object.As(ctx, &t, basetypes.ObjectAsOptions{})
	return d.Of(&t), diags
}

// TimeoutsAttribute is the timeouts attribute of a resource.
func TimeoutsAttribute(defaults Defaults) schema.SingleNestedAttribute {
	one := func(verb string, d time.Duration) schema.StringAttribute {
		return schema.StringAttribute{
			CustomType:          Type{},
			Optional:            true,
			MarkdownDescription: fmt.Sprintf("How long %s may take, waiting for the API's quotas included, such as `30s`, `10m`, `2h` or `7d`. Defaults to `%s`.", verb, Format(d)),
		}
	}
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Bounds of the operations. What does not end in time fails with an error that says what it was waiting for.",
		Attributes: map[string]schema.Attribute{
			"create": one("creating", defaults.Create),
			"read":   one("reading", defaults.Read),
			"update": one("updating", defaults.Update),
			"delete": one("deleting", defaults.Delete),
		},
	}
}

// Format writes a duration as people do: 10m instead of 10m0s, 7d instead of
// 168h0m0s.
func Format(d time.Duration) string {
	switch {
	case d >= day && d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	case d >= time.Hour && d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d >= time.Minute && d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}
