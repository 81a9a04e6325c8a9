package indicator

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// modify runs the plan hook as Terraform does for a configuration and a prior
// state, nil at creation.
func modify(t *testing.T, config model, before *model) (model, *resource.ModifyPlanResponse) {
	t.Helper()
	ctx := context.Background()
	s := resourceSchema()
	config.ID, config.Expired = types.StringNull(), types.BoolNull()
	proposed := config
	proposed.ID, proposed.Expired = types.StringUnknown(), types.BoolUnknown()
	state := tfsdk.State{Schema: s}
	state.RemoveResource(ctx)
	if before != nil {
		if config.ExpirationTime.IsNull() {
			proposed.ExpirationTime = before.ExpirationTime // It is computed as well.
		}
		if diags := state.Set(ctx, before); diags.HasError() {
			t.Fatal(diags)
		}
	}
	written, plan := tfsdk.Plan{Schema: s}, tfsdk.Plan{Schema: s}
	if diags := written.Set(ctx, &config); diags.HasError() {
		t.Fatal(diags)
	}
	if diags := plan.Set(ctx, &proposed); diags.HasError() {
		t.Fatal(diags)
	}
	resp := &resource.ModifyPlanResponse{Plan: plan}
	(&indicatorResource{}).ModifyPlan(ctx, resource.ModifyPlanRequest{Config: tfsdk.Config{Schema: s, Raw: written.Raw}, Plan: plan, State: state}, resp)
	var got model
	if diags := resp.Plan.Get(ctx, &got); diags.HasError() {
		t.Fatal(diags)
	}
	return got, resp
}

func text(s string) types.String { return types.StringValue(s) }

func TestModifyPlan_update(t *testing.T) {
	t.Parallel()
	known, unknown := text("17"), types.StringUnknown()
	alive, dead := types.BoolValue(false), types.BoolValue(true)
	for name, tc := range map[string]struct {
		before  func(*model)
		config  func(*model)
		id      types.String
		expired types.Bool
		replace path.Paths
	}{
		"nothing":                        {id: known, expired: alive},
		"description":                    {config: func(m *model) { m.Description = text("new") }, id: known, expired: alive},
		"unknown description":            {config: func(m *model) { m.Description = types.StringUnknown() }, id: known, expired: alive},
		"action":                         {config: func(m *model) { m.Action = text("Warn") }, id: unknown, expired: alive},
		"unknown action":                 {config: func(m *model) { m.Action = types.StringUnknown() }, id: unknown, expired: alive},
		"alias of the action":            {before: func(m *model) { m.Action = text("BlockAndRemediate") }, config: func(m *model) { m.Action = text("AlertAndBlock") }, id: known, expired: alive},
		"value":                          {config: func(m *model) { m.IndicatorValue = text("https://other.example/") }, id: unknown, expired: alive, replace: path.Paths{path.Root("indicator_value")}},
		"unknown value":                  {config: func(m *model) { m.IndicatorValue = types.StringUnknown() }, id: unknown, expired: alive, replace: path.Paths{path.Root("indicator_value")}},
		"case of the host":               {config: func(m *model) { m.IndicatorValue = text("https://EVIL.example/x") }, id: known, expired: alive},
		"case of the path":               {config: func(m *model) { m.IndicatorValue = text("https://evil.example/X") }, id: unknown, expired: alive, replace: path.Paths{path.Root("indicator_value")}},
		"application":                    {config: func(m *model) { m.Application = text("other") }, id: unknown, expired: alive, replace: path.Paths{path.Root("application")}},
		"empty for no application":       {before: func(m *model) { m.Application = types.StringNull() }, config: func(m *model) { m.Application = text("") }, id: known, expired: alive},
		"spelling of what has expired":   {before: func(m *model) { m.Expired = dead }, config: func(m *model) { m.IndicatorValue = text("https://EVIL.example/x") }, id: known, expired: dead},
		"expired, nothing":               {before: func(m *model) { m.Expired = dead }, id: known, expired: dead},
		"expired, renewed":               {before: func(m *model) { m.Expired = dead }, config: func(m *model) { m.ExpirationTime = text("2999-01-01T00:00:00Z") }, id: unknown, expired: alive},
		"expired, renewed by a mystery":  {before: func(m *model) { m.Expired = dead }, config: func(m *model) { m.ExpirationTime = types.StringUnknown() }, id: unknown, expired: types.BoolUnknown()},
		"expired, renewed for ever":      {before: func(m *model) { m.Expired = dead }, config: func(m *model) { m.ExpirationTime = types.StringNull() }, id: unknown, expired: alive},
		"expiry in the past, no change":  {before: func(m *model) { m.ExpirationTime = text("2020-01-01T00:00:00Z") }, config: func(m *model) { m.ExpirationTime = text("2020-01-01T01:00:00+01:00") }, id: known, expired: alive},
		"bad value that is there before": {before: func(m *model) { m.IndicatorValue = text("no-url") }, config: func(m *model) { m.IndicatorValue = text("no-url") }, id: known, expired: alive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := full()
			if tc.before != nil {
				tc.before(&before)
			}
			config := before
			if tc.config != nil {
				tc.config(&config)
			}
			got, resp := modify(t, config, &before)
			if resp.Diagnostics.HasError() {
				t.Fatal(resp.Diagnostics)
			}
			if !got.ID.Equal(tc.id) || !got.Expired.Equal(tc.expired) {
				t.Errorf("planned id %s, expired %s; want %s, %s", got.ID, got.Expired, tc.id, tc.expired)
			}
			if diff := cmp.Diff(tc.replace.String(), resp.RequiresReplace.String()); diff != "" {
				t.Errorf("replacement (-want +got):\n%s", diff)
			}
			if !got.ExpirationTime.Equal(config.ExpirationTime) {
				t.Errorf("planned expiration_time %s, configured %s", got.ExpirationTime, config.ExpirationTime)
			}
		})
	}
}

func TestModifyPlan_create(t *testing.T) {
	t.Parallel()
	got, resp := modify(t, bare(), nil)
	if resp.Diagnostics.HasError() {
		t.Fatal(resp.Diagnostics)
	}
	if !got.ID.IsUnknown() || !got.Expired.Equal(types.BoolValue(false)) || !got.ExpirationTime.IsNull() {
		t.Errorf("planned id %s, expired %s, expiration_time %s", got.ID, got.Expired, got.ExpirationTime)
	}
}

func TestModifyPlan_refuses(t *testing.T) {
	t.Parallel()
	expired := func(m *model) {
		m.Expired, m.ExpirationTime = types.BoolValue(true), text("2020-01-01T00:00:00Z")
	}
	for name, tc := range map[string]struct {
		before func(*model) // nil: at creation
		config func(*model)
		at     string
		says   string
	}{
		"bad value":             {nil, func(m *model) { m.IndicatorValue = text("evil.example") }, "indicator_value", "scheme and a host"},
		"value of another type": {func(*model) {}, func(m *model) { m.IndicatorType, m.EducateURL = text("FileSha1"), types.StringNull() }, "indicator_value", "hexadecimal"},
		"empty title":           {nil, func(m *model) { m.Title = text("") }, "title", "empty"},
		"emptied description":   {func(*model) {}, func(m *model) { m.Description = text("") }, "description", "empty"},
		"Audit without alert": {nil, func(m *model) {
			m.Action, m.GenerateAlert, m.EducateURL = text("Audit"), types.BoolValue(false), types.StringNull()
		}, "generate_alert", "true or leave it out"},
		"AlertAndBlock without":    {func(*model) {}, func(m *model) { m.Action, m.GenerateAlert = text("AlertAndBlock"), types.BoolValue(false) }, "generate_alert", "always raises"},
		"educate_url on Allowed":   {nil, func(m *model) { m.Action = text("Allowed") }, "educate_url", "warns or blocks"},
		"educate_url on a domain":  {nil, func(m *model) { m.IndicatorType, m.IndicatorValue = text("DomainName"), text("evil.example") }, "educate_url", "Remove educate_url"},
		"educate_url after change": {func(*model) {}, func(m *model) { m.Action = text("Audit") }, "educate_url", "No effect"},
		"educate_url is no URL":    {nil, func(m *model) { m.EducateURL = text("help") }, "educate_url", "complete URL"},
		"expiry in the past":       {nil, func(m *model) { m.ExpirationTime = text("2020-01-01T00:00:00Z") }, "expiration_time", "has passed"},
		"expiry moved to the past": {func(*model) {}, func(m *model) { m.ExpirationTime = text("2020-01-01T00:00:00Z") }, "expiration_time", "has passed"},
		"write to what expired":    {expired, func(m *model) { m.Description = text("new") }, "expiration_time", "cannot be changed"},
		"action of what expired":   {expired, func(m *model) { m.Action = text("Warn") }, "expiration_time", "cannot be changed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := full()
			var before *model
			if tc.before != nil {
				tc.before(&config)
				prior := config
				before = &prior
			}
			tc.config(&config)
			_, resp := modify(t, config, before)
			if resp.Diagnostics.ErrorsCount() != 1 {
				t.Fatalf("diagnostics: %v", resp.Diagnostics)
			}
			d := resp.Diagnostics.Errors()[0]
			at, ok := d.(interface{ Path() path.Path })
			if !ok || !at.Path().Equal(path.Root(tc.at)) || !strings.Contains(d.Summary()+" "+d.Detail(), tc.says) {
				t.Errorf("got %v, want an error at %s that says %q", d, tc.at, tc.says)
			}
		})
	}
}

func TestModifyPlan_unknownInputsPassWithoutAWord(t *testing.T) {
	t.Parallel()
	config := full()
	config.IndicatorValue, config.IndicatorType, config.Action = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	config.Title, config.EducateURL, config.ExpirationTime = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	config.GenerateAlert, config.RBACGroupNames = types.BoolUnknown(), types.SetUnknown(types.StringType)
	config.Timeouts = types.ObjectUnknown(config.Timeouts.AttributeTypes(context.Background()))
	if _, resp := modify(t, config, nil); len(resp.Diagnostics) > 0 {
		t.Errorf("diagnostics: %v", resp.Diagnostics)
	}
}

func TestLapsed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for expires, want := range map[string]bool{"2026-11-21T11:00:00Z": true, "2026-11-21T12:04:00Z": true, "2026-11-21T12:06:00Z": false, "": false} {
		if got := (model{settings: settings{ExpirationTime: text(expires)}}).lapsed(now); got != want {
			t.Errorf("expiry %q: lapsed = %t, want %t", expires, got, want)
		}
	}
}
