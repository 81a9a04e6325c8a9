package indicator

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/mde-as-code/terraform-provider-mde/internal/guardrail"
	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// guarded returns the values as far as the guardrails bind them: what is new or
// changed.
func (m *setModel) guarded(prior *setModel) []guardrail.Indicator {
	before := &setModel{}
	if prior != nil {
		before = prior
	}
	there := map[mde.IndicatorKey]bool{}
	for value := range before.Indicators.Elements() {
		there[anyAction(before.typeOf(value), value)] = true
	}
	added, kept := m.settings.guarded(&before.settings, true), m.settings.guarded(&before.settings, false)
	var all []guardrail.Indicator
	for _, value := range inOrder(m.Indicators.Elements()) {
		indicatorType := m.typeOf(value)
		bound := added
		if there[anyAction(indicatorType, value)] {
			bound = kept
		}
		bound.Type, bound.Value = indicatorType, value
		all = append(all, bound)
	}
	return all
}

// guard holds a plan against the guardrails. What they say of values has no
// path, under which Terraform would print the whole map.
func (r *setResource) guard(plan, prior *setModel) diag.Diagnostics {
	if r.Guardrails == nil {
		return nil
	}
	var diags diag.Diagnostics
	for _, refusal := range r.Guardrails.Check(plan.guarded(prior)) {
		switch refusal.Rule {
		case guardrail.AllowedActions:
			diags.AddAttributeError(path.Root("action"), refusal.Summary(), refusal.Error())
		case guardrail.RequireExpiration:
			diags.AddAttributeError(path.Root("expiration_time"), refusal.Summary(), refusal.Error())
		default:
			diags.AddError(refusal.Summary(), "In indicators: "+refusal.Error())
		}
	}
	return diags
}

// planDeletions counts what a plan gives up, which is nil for a destroy, and
// what it keeps. A map that is not known yet is counted by the apply's own
// plan.
func (r *setResource) planDeletions(ctx context.Context, private privateWriter, plan, prior *setModel, remembered setMemory) diag.Diagnostics {
	if _, ok := r.Guardrails.CountsDeletions(); !ok || plan != nil && (plan.Indicators.IsUnknown() || plan.IndicatorType.IsUnknown()) {
		return nil
	}
	var keeps []mde.Indicator
	kept := map[mde.IndicatorKey]bool{}
	if plan != nil {
		for value := range plan.Indicators.Elements() {
			record := mde.Indicator{IndicatorType: plan.typeOf(value), IndicatorValue: value}
			keeps = append(keeps, record)
			kept[record.Key()] = true
		}
	}
	var gives []mde.Indicator
	for _, record := range prior.gives(remembered) {
		if !kept[anyAction(record.IndicatorType, record.IndicatorValue)] {
			gives = append(gives, record)
		}
	}
	return planDeletions(ctx, r.Guardrails, private, gives, keeps)
}

// gives are the records that the set holds.
func (m *setModel) gives(remembered setMemory) []mde.Indicator {
	if m == nil {
		return nil
	}
	var all []mde.Indicator
	for value, held := range m.holds(remembered) {
		if held.ID == "" || held.Foreign && !m.AdoptExisting.ValueBool() {
			continue // It has expired, is gone, or stays.
		}
		action := m.Action.ValueString()
		if held.Action != "" {
			action = held.Action
		}
		all = append(all, mde.Indicator{IndicatorType: m.typeOf(value), IndicatorValue: value, Action: action})
	}
	return all
}

// planDestroy counts a destroy, which nothing else than the number of deletions
// can forbid, and finds what it has to leave alone.
func (r *setResource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) diag.Diagnostics {
	var prior setModel
	diags := req.State.Get(ctx, &prior)
	remembered, recalled := recallAs[setMemory](ctx, req.Private)
	diags.Append(recalled...)
	if diags.HasError() {
		return diags
	}
	if r.Ready() {
		diags.Append(r.hold(ctx, resp, nil, &prior, &remembered)...)
	}
	return append(diags, r.planDeletions(ctx, resp.Private, nil, &prior, remembered)...)
}
