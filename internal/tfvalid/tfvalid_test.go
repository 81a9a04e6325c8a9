package tfvalid_test

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mde-as-code/terraform-provider-mde/internal/tfvalid"
)

func TestRFC3339(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		value types.String
		valid bool
	}{
		"null":          {types.StringNull(), true},
		"unknown":       {types.StringUnknown(), true},
		"empty":         {types.StringValue(""), true},
		"utc":           {types.StringValue("2027-01-31T00:00:00Z"), true},
		"offset":        {types.StringValue("2027-01-31T01:00:00+01:00"), true},
		"fraction":      {types.StringValue("2027-01-31T00:00:00.5Z"), true},
		"no zone":       {types.StringValue("2027-01-31T00:00:00"), false},
		"date":          {types.StringValue("2027-01-31"), false},
		"no such day":   {types.StringValue("2027-02-30T00:00:00Z"), false},
		"space around":  {types.StringValue(" 2027-01-31T00:00:00Z"), false},
		"not a time":    {types.StringValue("tomorrow"), false},
		"space for a T": {types.StringValue("2027-01-31 00:00:00Z"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp := &validator.StringResponse{}
			tfvalid.RFC3339().ValidateString(context.Background(), validator.StringRequest{Path: path.Root("at"), ConfigValue: tc.value}, resp)
			if got := !resp.Diagnostics.HasError(); got != tc.valid {
				t.Errorf("valid = %t, want %t: %v", got, tc.valid, resp.Diagnostics)
			}
		})
	}
}

func TestCombinations(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		one, other          any
		conflicts, required bool
	}{
		"both set":               {"a", "b", true, false},
		"the other null":         {"a", nil, false, true},
		"the other empty":        {"a", "", false, true},
		"the other unknown":      {"a", tftypes.UnknownValue, false, false},
		"null":                   {nil, "b", false, false},
		"empty":                  {"", "b", false, false},
		"empty and null":         {"", nil, false, false},
		"unknown":                {tftypes.UnknownValue, "b", false, false},
		"unknown beside nothing": {tftypes.UnknownValue, nil, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := tfsdk.Config{
				Schema: schema.Schema{Attributes: map[string]schema.Attribute{"one": schema.StringAttribute{Optional: true}, "other": schema.StringAttribute{Optional: true}}},
				Raw: tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"one": tftypes.String, "other": tftypes.String}}, map[string]tftypes.Value{
					"one": tftypes.NewValue(tftypes.String, tc.one), "other": tftypes.NewValue(tftypes.String, tc.other),
				}),
			}
			req := validator.StringRequest{Path: path.Root("one"), Config: config}
			if diags := config.GetAttribute(t.Context(), req.Path, &req.ConfigValue); diags.HasError() {
				t.Fatal(diags)
			}
			refuses := func(v validator.String) bool {
				resp := &validator.StringResponse{}
				v.ValidateString(t.Context(), req, resp)
				return resp.Diagnostics.HasError()
			}
			if got := refuses(tfvalid.ConflictsWith(path.Root("other"))); got != tc.conflicts {
				t.Errorf("conflicts: %t", got)
			}
			if got := refuses(tfvalid.AlsoRequires(path.Root("other"))); got != tc.required {
				t.Errorf("requires: %t", got)
			}
		})
	}
}
