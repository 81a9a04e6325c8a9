package indicator

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// ImportState implements resource.ResourceWithImportState. It takes an id, the
// key of a record as type/value/action, or an identity.
func (r *indicatorResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	// Ids are numbers; no id has a slash.
	if !strings.Contains(req.ID, "/") {
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
		return
	}
	key, err := parseKey(req.ID)
	if err != nil {
		resp.Diagnostics.AddError("Invalid import id", err.Error())
		return
	}
	record, err := findByKey(ctx, r.Client.Indicators, key)
	if err != nil {
		resp.Diagnostics.Append(tfdiag.Error(operation("import", key.IndicatorValue), err))
		return
	}
	resp.Diagnostics.Append(importAs(ctx, key, record, resp)...)
}

// importAs begins the state of a record in the spelling of the import id, which
// is likely the configuration's too. The read that follows does the rest.
func importAs(ctx context.Context, key, record mde.Indicator, resp *resource.ImportStateResponse) diag.Diagnostics {
	diags := resp.State.SetAttribute(ctx, path.Root("id"), record.ID)
	diags.Append(resp.State.SetAttribute(ctx, path.Root("indicator_type"), record.IndicatorType)...)
	diags.Append(resp.State.SetAttribute(ctx, path.Root("indicator_value"), key.IndicatorValue)...)
	diags.Append(resp.State.SetAttribute(ctx, path.Root("action"), key.Action)...)
	if record.GenerateAlert {
		diags.Append(resp.State.SetAttribute(ctx, path.Root("generate_alert"), true)...)
	}
	return diags
}

// parseKey reads type/value/action. The value may have slashes of its own, type
// and action have none.
func parseKey(id string) (mde.Indicator, error) {
	indicatorType, rest, _ := strings.Cut(id, "/")
	last := strings.LastIndex(rest, "/")
	if last < 0 {
		return mde.Indicator{}, fmt.Errorf("%q is neither the id of a record, such as \"5142\", nor its type, value and action, such as \"DomainName/evil.example/Block\"", id)
	}
	value, action := rest[:last], rest[last+1:]
	switch {
	case !slices.Contains(indicatorTypes(), indicatorType):
		return mde.Indicator{}, fmt.Errorf("%q begins with %q, which is no indicator type: use one of %s", id, indicatorType, strings.Join(indicatorTypes(), ", "))
	case !slices.Contains(actions(), action):
		return mde.Indicator{}, fmt.Errorf("%q ends with %q, which is no action: use one of %s", id, action, strings.Join(actions(), ", "))
	case value == "":
		return mde.Indicator{}, fmt.Errorf("%q has no value between its type and its action", id)
	}
	return mde.Indicator{IndicatorType: indicatorType, IndicatorValue: value, Action: action}, nil
}
