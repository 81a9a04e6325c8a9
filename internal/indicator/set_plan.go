package indicator

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// ModifyPlan refuses what the service would refuse and warns of what the plan
// will meet in the tenant, as far as it is new or changed. It goes through the
// values once and leaves the plan as it is.
func (r *setResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if resp.Diagnostics.Append(r.checkTenant(ctx, req.Identity)...); resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.planDestroy(ctx, req, resp)...)
		return
	}
	var plan setModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	var prior *setModel
	if !req.State.Raw.IsNull() {
		prior = &setModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	}
	remembered, diags := recallAs[setMemory](ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if prior != nil && r.Ready() {
		resp.Diagnostics.Append(r.hold(ctx, resp, &plan, prior, &remembered)...)
	}
	resp.Diagnostics.Append(r.planDeletions(ctx, resp.Private, &plan, prior, remembered)...)
	if prior != nil && plan.equal(prior) {
		return
	}
	resp.Diagnostics.Append(r.guard(&plan, prior)...)
	resp.Diagnostics.Append(plan.check(prior, time.Now())...)
	if !r.Ready() || resp.Diagnostics.HasError() || plan.isOpen() {
		return
	}
	resp.Diagnostics.Append(r.preflight(ctx, &plan, prior, remembered)...)
}

// equal tells whether nothing has changed that the service stores.
func (m *setModel) equal(prior *setModel) bool {
	return !m.hasUnknown() && m.Indicators.Equal(prior.Indicators) && m.IndicatorType.Equal(prior.IndicatorType) &&
		m.sameSettings(prior) && m.lifetime() == prior.lifetime()
}

// sameSettings tells whether the shared settings mean what they meant.
func (m *setModel) sameSettings(prior *setModel) bool {
	before, now := prior.settings.toAPI(), m.settings.toAPI()
	return before.Key() == now.Key() && before.Application == now.Application && before.Holds(now)
}

// isOpen tells whether something that the service stores is unknown as yet.
func (m *setModel) isOpen() bool {
	return m.hasUnknown() || m.IndicatorType.IsUnknown() || m.Indicators.IsUnknown() || m.ExpiresIn.IsUnknown() || m.RenewBefore.IsUnknown() ||
		slices.ContainsFunc(elements(m.Indicators), func(note attr.Value) bool { return note.IsUnknown() })
}

func elements(m types.Map) []attr.Value {
	var all []attr.Value
	for _, element := range m.Elements() {
		all = append(all, element)
	}
	return all
}

// check is the part of the checks that needs no look at the tenant.
func (m *setModel) check(prior *setModel, now time.Time) diag.Diagnostics {
	before := &setModel{}
	if prior != nil {
		before = prior
	}
	diags := m.settings.check(&before.settings, now)
	if m.Indicators.IsUnknown() || m.IndicatorType.IsUnknown() {
		return diags
	}
	notes := m.notes()
	if len(notes) > limit && !m.Indicators.Equal(before.Indicators) {
		diags.AddError("Too many indicators", fmt.Sprintf("The set has %s values, and a tenant can have %s active indicators in all. Leave out what has lost its worth: the oldest, and what is blocked by a domain or a certificate already.", grouped(len(notes)), grouped(limit)))
	}
	added := notes
	if m.IndicatorType.Equal(before.IndicatorType) {
		added = without(notes, before.notes())
	}
	diags.Append(m.checkValues(added)...)
	diags.Append(m.checkDuplicates(notes, added)...)
	diags.Append(m.checkNotice(prior, notes, added)...)
	if expires := instant(m.ExpirationTime); expires != nil && !expires.After(now) && len(added) > 0 && sameInstant(expires, instant(before.ExpirationTime)) {
		diags.AddAttributeError(path.Root("expiration_time"), "Indicators have expired", fmt.Sprintf("The indicators of this set expired at %s, so that none can be added. Set expiration_time to a time to come, or leave it out.", m.ExpirationTime.ValueString()))
	}
	return diags
}

// without are the values that are not among the others.
func without(notes, others map[string]types.String) map[string]types.String {
	left := map[string]types.String{}
	for value, note := range notes {
		if _, ok := others[value]; !ok {
			left[value] = note
		}
	}
	return left
}

// checkValues refuses values that do not fit their type.
func (m *setModel) checkValues(added map[string]types.String) diag.Diagnostics {
	var bad failures
	for _, value := range inOrder(added) {
		indicatorType := m.typeOf(value)
		err := checkValue(indicatorType, value)
		if err == nil && indicatorType == "" {
			err = fmt.Errorf("%q has the form of no hash, address, URL or domain: correct it, or set indicator_type", value)
		}
		if err != nil {
			bad = append(bad, failure{value, err})
		}
	}
	return badValues("Invalid indicator value", bad)
}

// checkDuplicates refuses two spellings of one value.
func (m *setModel) checkDuplicates(notes, added map[string]types.String) diag.Diagnostics {
	if len(added) == 0 {
		return nil
	}
	var bad failures
	spelled := make(map[mde.IndicatorKey]string, len(notes))
	for _, value := range inOrder(notes) {
		key := anyAction(m.typeOf(value), value)
		if other, ok := spelled[key]; ok {
			bad = append(bad, failure{value, fmt.Errorf("%q and %q are the same value to the service: remove one of the two", other, value)})
			continue
		}
		spelled[key] = value
	}
	return badValues("Duplicate indicator value", bad)
}

// checkNotice refuses an educate_url that some of the values would not show.
func (m *setModel) checkNotice(prior *setModel, notes, added map[string]types.String) diag.Diagnostics {
	if m.EducateURL.ValueString() == "" || m.Action.IsUnknown() {
		return nil
	}
	concerned := added
	if prior == nil || !m.EducateURL.Equal(prior.EducateURL) || !m.Action.Equal(prior.Action) {
		concerned = notes
	}
	for _, value := range inOrder(concerned) {
		if indicatorType := m.typeOf(value); !showsNotice(indicatorType, m.Action.ValueString()) {
			return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("educate_url"), "No effect", fmt.Sprintf("educate_url has an effect for indicators of type %s that warn or block, and %s is of type %s with the action %s. Remove educate_url, or have a set of its own for the URLs.", mde.TypeURL, value, indicatorType, m.Action.ValueString()))}
		}
	}
	return nil
}

// badValues is one error for all of them, without a path: under a path Terraform
// would print the whole map, which may have 15,000 lines, with each.
func badValues(summary string, bad failures) diag.Diagnostics {
	if len(bad) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic(summary, "In indicators:\n"+bad.Error())}
}
