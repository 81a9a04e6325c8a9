package indicator

import (
	"context"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/mde-as-code/terraform-provider-mde/internal/guardrail"
	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// guarded returns the indicator as far as the guardrails bind it: what is new,
// in the place of another too, or changed.
func (m *model) guarded(prior *model) guardrail.Indicator {
	isNew := prior == nil || len(m.replaces(prior)) > 0
	if isNew {
		prior = &model{}
	}
	bound := m.settings.guarded(&prior.settings, isNew)
	bound.Type, bound.Value = m.IndicatorType.ValueString(), m.IndicatorValue.ValueString()
	return bound
}

// guarded is the part of it that the records of a set share.
func (s *settings) guarded(prior *settings, isNew bool) guardrail.Indicator {
	bound := guardrail.Indicator{Action: s.Action.ValueString(), Expires: s.expires() || !isNew && !prior.expires()}
	if !isNew && mde.CanonicalAction(bound.Action) == mde.CanonicalAction(prior.Action.ValueString()) {
		bound.Action = ""
	}
	return bound
}

// expires tells whether the settings give an expiry, or may still.
func (s *settings) expires() bool {
	return s.ExpirationTime.IsUnknown() || s.ExpirationTime.ValueString() != "" || s.ExpiresIn.IsUnknown() || s.lifetime().in > 0
}

// anotherValue tells whether the record is one of another value.
func (m *model) anotherValue(prior *model) bool {
	return m.IndicatorValue.IsUnknown() || m.IndicatorType.IsUnknown() || anyAction(m.IndicatorType.ValueString(), m.IndicatorValue.ValueString()) != anyAction(prior.IndicatorType.ValueString(), prior.IndicatorValue.ValueString())
}

// guard holds a plan against the guardrails.
func (r *indicatorResource) guard(plan, prior *model) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, refusal := range r.Guardrails.Check([]guardrail.Indicator{plan.guarded(prior)}) {
		at := map[guardrail.Rule]path.Path{guardrail.AllowedActions: path.Root("action"), guardrail.RequireExpiration: path.Root("expiration_time")}
		where, ok := at[refusal.Rule]
		if !ok {
			where = atValue()
		}
		diags.AddAttributeError(where, refusal.Summary(), refusal.Error())
	}
	return diags
}

// gives is what the tenant loses with a state: no record of somebody else's or
// of another resource, and none that has expired.
func (m *model) gives(remembered memory) []mde.Indicator {
	if m.Expired.ValueBool() || remembered.Spared || remembered.TakenOver && !m.AdoptExisting.ValueBool() {
		return nil
	}
	return []mde.Indicator{m.toAPI()}
}

// keeps is what the tenant has after an apply of the plan, as far as known.
func (m *model) keeps() []mde.Indicator {
	if m.IndicatorType.IsUnknown() || m.IndicatorValue.IsUnknown() {
		return nil
	}
	return []mde.Indicator{m.toAPI()}
}

// countedKey holds, in the private state that a plan hands to its apply, the
// limit under which the plan counted its deletions.
const countedKey = "deletions"

// planDeletions counts what a plan gives up and keeps.
func planDeletions(ctx context.Context, rules *guardrail.Rules, private privateWriter, gives, keeps []mde.Indicator) diag.Diagnostics {
	if rules == nil {
		return nil
	}
	diags := private.SetKey(ctx, countedKey, counted(rules))
	return append(diags, asDiagnostics(rules.PlanDeletions(ctx, gives, keeps))...)
}

// checkDeletions counts what is about to be deleted, unless the plan has: it
// alone can tell a deletion from a move, whatever the order of the apply.
func checkDeletions(ctx context.Context, rules *guardrail.Rules, private privateReader, gives []mde.Indicator) diag.Diagnostics {
	if rules == nil {
		return nil
	}
	planned, diags := private.GetKey(ctx, countedKey)
	if string(planned) == string(counted(rules)) {
		return diags
	}
	return append(diags, asDiagnostics(rules.CountDeletions(gives))...)
}

// counted is what the private state says of the limit, in JSON.
func counted(rules *guardrail.Rules) []byte {
	if limit, ok := rules.CountsDeletions(); ok {
		return strconv.AppendInt(nil, limit, 10)
	}
	return []byte("null")
}

func asDiagnostics(refusal *guardrail.Refusal) diag.Diagnostics {
	if refusal == nil {
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic(refusal.Summary(), refusal.Error())}
}
