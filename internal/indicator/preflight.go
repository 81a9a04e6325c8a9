package indicator

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// preflight warns of what the plan will meet in the tenant, as far as it is new
// or changed.
func (r *indicatorResource) preflight(ctx context.Context, plan, prior *model, remembered memory) diag.Diagnostics {
	if plan.IndicatorType.IsUnknown() || plan.IndicatorValue.IsUnknown() || plan.hasUnknown() {
		return nil
	}
	occupies := plan.occupies(prior)
	scoped := prior != nil && !slices.Equal(sorted(groupNames(plan.RBACGroupNames)), sorted(groupNames(prior.RBACGroupNames)))
	if !occupies && !scoped {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, plan.bounds(ctx).Read)
	defer cancel()
	want := plan.toAPI()
	diags := permitted(ctx, r.Client, operation("create", want.IndicatorValue))
	if diags.HasError() {
		return diags
	}
	found, err := r.Client.Indicators.Find(ctx, want.IndicatorType, want.IndicatorValue)
	if err != nil {
		return diag.Diagnostics{tfdiag.Error(operation("look for", want.IndicatorValue), err)}
	}
	w := plan.write(prior, remembered)
	if occupies {
		diags.Append(w.announce(found)...)
		diags.Append(r.announcePlaces(ctx, w, found, plan.swaps(prior))...)
	}
	diags.Append(w.conflicts(found)...)
	return diags
}

// announcePlaces warns when the tenant is full, or nearly so. Of a creation it
// tells from what was read already: with a call of its own, in the plan and in
// the apply, a creation would cost more than three lists.
func (r *indicatorResource) announcePlaces(ctx context.Context, w write, found []mde.Indicator, swaps bool) diag.Diagnostics {
	if _, v := w.judge(found); v != vacant {
		return nil
	}
	if swaps {
		return r.announceTrade(ctx, w.want.IndicatorValue)
	}
	all, held := r.Client.Indicators.Held()
	if !held {
		return nil
	}
	return places(1, limit-all.Len())
}

// swaps tells whether applying the plan writes a record of another action
// before it deletes the one that is there.
func (m *model) swaps(prior *model) bool {
	return prior != nil && !prior.Expired.ValueBool() && len(m.replaces(prior)) == 0 && !m.sameAction(prior)
}

// announceTrade warns of a change of action that cannot be without a gap.
func (r *indicatorResource) announceTrade(ctx context.Context, value string) diag.Diagnostics {
	count, err := r.Client.Indicators.Count(ctx)
	if err != nil || count < limit {
		return nil // A warning is not worth an error.
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("action"), "No place for a change of action", fmt.Sprintf("None of the tenant's %s places is free. The old record of %s will be deleted before the new one is written, and the value has none in between. Delete what is no longer needed to avoid that.", grouped(limit), value))}
}

// occupies tells whether applying the plan takes a key that this resource does
// not hold: at creation, for another action, and for one that has expired. A
// replacement counts by its first plan: Terraform drops the second's warnings.
func (m *model) occupies(prior *model) bool {
	return prior == nil || len(m.replaces(prior)) > 0 || !m.sameAction(prior) || prior.Expired.ValueBool() && m.writes(prior)
}

// write is what applying the plan sends.
func (m *model) write(prior *model, remembered memory) write {
	w := write{want: m.toAPI(), life: m.lifetime(), adopt: m.AdoptExisting.ValueBool()}
	if prior != nil {
		w.own = append(w.own, remembered.id(prior))
	}
	for _, s := range remembered.Successors {
		w.own = append(w.own, s.ID)
	}
	return w
}

// announce tells what becomes of a record that has the key already.
func (w write) announce(found []mde.Indicator) diag.Diagnostics {
	existing, v := w.judge(found)
	var summary, detail string
	switch {
	case v == equal:
		summary = "Indicator will be taken over"
		detail = fmt.Sprintf("The tenant already holds %s. It equals the configuration in everything, so that it will be taken into the state as it is.", describe(existing))
	case v == moved:
		summary = "Indicator will be taken over"
		detail = fmt.Sprintf("The tenant already holds %s. As it has the same application, it will be taken over and its settings overwritten.", describe(existing))
	case w.recreates(existing, v):
		summary = "Indicator will be taken over"
		detail = fmt.Sprintf("The tenant already holds %s. As adopt_existing is true, it will be taken over: deleted and at once created again, because the service cannot change its application to %q.", describe(existing), w.want.Application)
	case v == adopted:
		summary = "Indicator will be taken over"
		detail = fmt.Sprintf("The tenant already holds %s. As adopt_existing is true, it will be taken over and its settings overwritten.", describe(existing))
	case v == refused:
		summary = "Indicator exists already"
		detail = refusal(existing) + " If this plan replaces or destroys the resource that holds it, there is nothing to do."
	default:
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(atValue(), summary, detail)}
}

// conflicts warns of the value's other records that can meet this one on a
// device.
func (w write) conflicts(found []mde.Indicator) diag.Diagnostics {
	var diags diag.Diagnostics
	key, groups := w.want.Key(), w.want.RBACGroupNames
	for _, other := range found {
		if other.Key() == key || slices.Contains(w.own, other.ID) {
			continue
		}
		switch {
		case (len(groups) == 0) != (len(other.RBACGroupNames) == 0):
			diags.AddAttributeWarning(path.Root("rbac_group_names"), "All-devices rule beside a group rule",
				fmt.Sprintf("Another action exists for the same value: %s, for %s, while this indicator is for %s. On the devices of a group the group's rule wins, elsewhere the one for all devices.", describe(other), scope(other.RBACGroupNames), scope(groups)))
		case len(groups) == 0 || overlap(groups, other.RBACGroupNames):
			diags.AddAttributeWarning(path.Root("action"), "Another action exists for this value",
				fmt.Sprintf("The tenant also holds %s. %s", describe(other), precedence(w.want, other)))
		}
	}
	return diags
}

// overlap tells whether two lists share a group. A device is in one group, so
// that rules for different groups never meet.
func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(group string) bool { return slices.Contains(b, group) })
}

func scope(groups []string) string {
	if len(groups) == 0 {
		return "all devices"
	}
	return fmt.Sprintf("the device groups %q", groups)
}

// precedence says which of two actions for one value wins. For addresses,
// domains and URLs the service documents Allow, Warn, Block, in this order.
// https://learn.microsoft.com/en-us/defender-endpoint/indicator-manage
func precedence(want, other mde.Indicator) string {
	ours, theirs := rank(want.Action), rank(other.Action)
	if !isNetwork(want.IndicatorType) || ours == 0 || theirs == 0 || ours == theirs {
		return "The service decides by its own order of precedence which of the two wins; keep one of them to be sure."
	}
	winner, loser := want.Action, other.Action
	if theirs > ours {
		winner, loser = loser, winner
	}
	return fmt.Sprintf("%s wins over %s.", winner, loser)
}

// rank is an action's place in the documented order, 0 when it has none.
func rank(action string) int {
	switch mde.CanonicalAction(action) {
	case mde.ActionAllowed:
		return 3
	case mde.ActionWarn:
		return 2
	case mde.ActionBlock, mde.ActionBlockAndRemediate:
		return 1
	}
	return 0
}
