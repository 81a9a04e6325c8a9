// Package tfduration is the provider's one notion of a duration: a custom
// string type that takes days as well, and the timeouts attribute made of it.
// It exists because the framework's timeouts module refuses "7d".
package tfduration

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

const day = 24 * time.Hour

// Parse reads a positive duration such as 30s, 10m, 2h, 1h30m, 7d or 1d12h.
func Parse(text string) (time.Duration, error) {
	var total time.Duration
	rest := text
	if days, after, ok := strings.Cut(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 32)
		if err != nil || n > uint64(math.MaxInt64/day) {
			return 0, fmt.Errorf("%q is not a duration: use a number and a unit, such as 30s, 10m, 2h or 7d", text)
		}
		total, rest = time.Duration(n)*day, after
	}
	if rest != "" {
		d, err := time.ParseDuration(rest)
		if err != nil || d < 0 || total > math.MaxInt64-d {
			return 0, fmt.Errorf("%q is not a duration: use a number and a unit, such as 30s, 10m, 2h or 7d", text)
		}
		total += d
	}
	if total <= 0 {
		return 0, fmt.Errorf("%q is not a positive duration: use a number and a unit, such as 30s, 10m, 2h or 7d", text)
	}
	return total, nil
}

// Type is the attribute type of a duration.
type Type struct{ basetypes.StringType }

var (
	_ basetypes.StringTypable                    = Type{}
	_ basetypes.StringValuableWithSemanticEquals = Value{}
	_ xattr.ValidateableAttribute                = Value{}
)

// String names the type.
func (t Type) String() string { return "tfduration.Type" }

// Equal implements attr.Type.
func (t Type) Equal(o attr.Type) bool {
	other, ok := o.(Type)
	return ok && t.StringType.Equal(other.StringType)
}

// ValueType implements attr.Type.
func (t Type) ValueType(context.Context) attr.Value { return Value{} }

// ValueFromString implements basetypes.StringTypable.
func (t Type) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return Value{StringValue: in}, nil
}

// ValueFromTerraform implements attr.Type.
func (t Type) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	text, ok := value.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("unexpected value type %T", value)
	}
	return Value{StringValue: text}, nil
}

// Value is a duration in an attribute. Two spellings of one length are equal.
type Value struct{ basetypes.StringValue }

// Type implements attr.Value.
func (v Value) Type(context.Context) attr.Type { return Type{} }

// Equal implements attr.Value.
func (v Value) Equal(o attr.Value) bool {
	other, ok := o.(Value)
	return ok && v.StringValue.Equal(other.StringValue)
}

// StringSemanticEquals implements basetypes.StringValuableWithSemanticEquals.
func (v Value) StringSemanticEquals(_ context.Context, o basetypes.StringValuable) (bool, diag.Diagnostics) {
	other, ok := o.(Value)
	if !ok {
		return false, nil
	}
	a, errA := Parse(v.ValueString())
	b, errB := Parse(other.ValueString())
	return errA == nil && errB == nil && a == b, nil
}

// ValidateAttribute implements xattr.ValidateableAttribute.
func (v Value) ValidateAttribute(_ context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse) {
	if v.IsNull() || v.IsUnknown() || v.ValueString() == "" {
		return
	}
	if _, err := Parse(v.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration", fmt.Sprintf("The value %s.", err))
	}
}

// Or returns the duration, or fallback when the attribute is null, unknown or
// empty.
func (v Value) Or(fallback time.Duration) time.Duration {
	if d, err := Parse(v.ValueString()); err == nil {
		return d
	}
	return fallback
}
