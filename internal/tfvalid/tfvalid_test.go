package tfvalid_test

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

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
