package indicator

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// hold says what the plan, which is nil for a destroy, does with the records of
// the set. The set forgets those that it gives up and another resource keeps,
// and plans to write those anew that it keeps and another resource is to delete:
// a deletion leaves alone what the same apply has written.
func (r *setResource) hold(ctx context.Context, resp *resource.ModifyPlanResponse, plan, prior *setModel, remembered *setMemory) diag.Diagnostics {
	kept, given := r.Client.Indicators.Hold(ctx, prior.ID.ValueString(), prior.holding(plan, *remembered))
	if len(kept)+len(given) == 0 {
		return nil
	}
	var forgotten, rewritten []string
	for _, value := range inOrder(remembered.Records) {
		h := remembered.Records[value]
		switch {
		case kept[h.ID]:
			delete(remembered.Records, value)
			forgotten = append(forgotten, value)
		case given[h.ID]:
			h.Rewrite = true
			remembered.Records[value] = h
			rewritten = append(rewritten, value)
		}
	}
	diags := saveAs(ctx, *remembered, resp.Private)
	if len(forgotten) > 0 {
		diags.Append(leaves("This set leaves alone", forgotten))
	}
	if len(rewritten) > 0 {
		// Terraform calls Update only for a difference.
		diags.Append(resp.Plan.SetAttribute(ctx, path.Root("expired_count"), types.Int64Unknown())...)
		diags.Append(rewrites("This set keeps", rewritten))
	}
	return diags
}

// holding is what a plan does with the records of the prior state. Those of
// another action it replaces by itself.
func (m *setModel) holding(plan *setModel, remembered setMemory) mde.Holding {
	holding := mde.Holding{WrittenAt: remembered.WrittenAt}
	keeps := plan.keeps(m)
	replaced := plan != nil && mde.CanonicalAction(plan.Action.ValueString()) != mde.CanonicalAction(m.Action.ValueString())
	for value, h := range m.holds(remembered) {
		switch {
		case h.ID == "":
		case !keeps(value):
			holding.Gives = append(holding.Gives, h.ID)
		case !replaced:
			holding.Keeps = append(holding.Keeps, h.ID)
		}
	}
	return holding
}

// keeps tells which values of the prior state a plan has. One that is not known
// yet is taken to have all.
func (m *setModel) keeps(prior *setModel) func(value string) bool {
	switch {
	case m == nil:
		return func(string) bool { return false }
	case m.Indicators.IsUnknown() || m.IndicatorType.IsUnknown():
		return func(string) bool { return true }
	}
	planned := m.Indicators.Elements()
	spelled := sync.OnceValue(func() map[mde.IndicatorKey]bool {
		keys := make(map[mde.IndicatorKey]bool, len(planned))
		for value := range planned {
			keys[anyAction(m.typeOf(value), value)] = true
		}
		return keys
	})
	sameTypes := m.IndicatorType.Equal(prior.IndicatorType)
	return func(value string) bool {
		_, same := planned[value]
		return same && sameTypes || spelled()[anyAction(prior.typeOf(value), value)]
	}
}
