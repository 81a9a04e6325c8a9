package indicator

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// ModifyPlan makes the computed attributes known, decides between update and
// replacement by what the service takes for the same, and refuses what it would
// refuse. All checks of form are made here and none while validating: what is
// in the state already must not stand in the way of destroying it.
func (r *indicatorResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if resp.Diagnostics.Append(r.checkTenant(ctx, req.Identity)...); resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.planDestroy(ctx, req, resp)...)
		return
	}
	var config, plan model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	prior := decodePrior(ctx, req, &resp.Diagnostics)
	remembered, diags := recall(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	now := time.Now()
	if prior != nil {
		prior.showExpiry(remembered)
	}
	resp.RequiresReplace = plan.replaces(prior)
	kept := prior
	if len(resp.RequiresReplace) > 0 {
		kept = nil
	}
	plan.ExpirationTime = plan.planExpiry(config.ExpirationTime, kept, remembered, now)
	resp.Diagnostics.Append(plan.check(prior, now)...)
	resp.Diagnostics.Append(r.guard(&plan, prior)...)
	plan.complete(prior, len(resp.RequiresReplace) > 0)
	if prior != nil && len(remembered.Successors) > 0 && plan.sameAction(prior) {
		// Terraform calls Update only for a difference.
		plan.ID = types.StringUnknown()
		resp.Diagnostics.AddWarning("Unfinished change", fmt.Sprintf("An earlier apply was interrupted while it changed the record of this indicator and left %v beside it. This apply deletes what is not wanted.", remembered.Successors))
	}
	if prior != nil && len(resp.RequiresReplace) == 0 && plan.sameAction(prior) {
		resp.Diagnostics.Append(r.keep(ctx, resp.Private, &plan, prior, &remembered)...)
	}
	planned := plan
	if isBlank(config.ExpirationTime) {
		planned.ExpirationTime = config.ExpirationTime
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &planned)...)
	if r.Ready() && !resp.Diagnostics.HasError() {
		if plan.ExpirationTime.IsUnknown() && plan.lifetime().in > 0 {
			plan.fixExpiry(kept, remembered, now) // As it would be if it were applied now.
		}
		resp.Diagnostics.Append(r.preflight(ctx, &plan, prior, remembered)...)
	}
	var gives []mde.Indicator
	if prior != nil && plan.anotherValue(prior) {
		resp.Diagnostics.Append(r.spare(ctx, resp.Private, prior, &remembered)...)
		gives = prior.gives(remembered)
	}
	resp.Diagnostics.Append(planDeletions(ctx, r.Guardrails, resp.Private, gives, plan.keeps())...)
}

// planDestroy counts a destroy, which nothing else than the number of deletions
// can forbid.
func (r *indicatorResource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) diag.Diagnostics {
	var diags diag.Diagnostics
	prior := decodePrior(ctx, req, &diags)
	remembered, recalled := recall(ctx, req.Private)
	diags.Append(recalled...)
	if diags.HasError() || prior == nil {
		return diags
	}
	diags.Append(r.spare(ctx, resp.Private, prior, &remembered)...)
	return append(diags, planDeletions(ctx, r.Guardrails, resp.Private, prior.gives(remembered), nil)...)
}

// spare lets a resource that is to give its record up remember that another one
// keeps it.
func (r *indicatorResource) spare(ctx context.Context, private privateWriter, prior *model, remembered *memory) diag.Diagnostics {
	if !r.Ready() {
		return nil
	}
	kept, _ := r.Client.Indicators.Hold(ctx, "", mde.Holding{Gives: []string{remembered.id(prior)}})
	if len(kept) == 0 {
		return nil
	}
	remembered.Spared = true
	return append(remembered.save(ctx, private), leaves("This resource leaves alone", []string{prior.name()}))
}

// keep plans to write the record of the state anew where another resource is to
// delete it: a deletion leaves alone what the same apply has written.
func (r *indicatorResource) keep(ctx context.Context, private privateWriter, plan, prior *model, remembered *memory) diag.Diagnostics {
	if !r.Ready() || prior.Expired.ValueBool() {
		return nil
	}
	_, given := r.Client.Indicators.Hold(ctx, "", mde.Holding{Keeps: []string{remembered.id(prior)}, WrittenAt: remembered.WrittenAt})
	if len(given) == 0 {
		return nil
	}
	remembered.Rewrite = true
	plan.Expired = types.BoolUnknown() // Terraform calls Update only for a difference.
	return append(remembered.save(ctx, private), rewrites("This resource keeps", []string{prior.name()}))
}

// decodePrior returns the prior state, nil when there is none.
func decodePrior(ctx context.Context, req resource.ModifyPlanRequest, diags *diag.Diagnostics) *model {
	if req.State.Raw.IsNull() {
		return nil
	}
	var prior model
	diags.Append(req.State.Get(ctx, &prior)...)
	return &prior
}

// replaces returns the attributes whose change makes another record of it. A
// change of mere spelling does not.
func (m *model) replaces(prior *model) path.Paths {
	if prior == nil {
		return nil
	}
	var paths path.Paths
	indicatorType := prior.IndicatorType.ValueString()
	if m.IndicatorType.IsUnknown() || m.IndicatorType.ValueString() != indicatorType {
		paths.Append(path.Root("indicator_type"))
	}
	if m.IndicatorValue.IsUnknown() || mde.NormalizeValue(indicatorType, m.IndicatorValue.ValueString()) != mde.NormalizeValue(indicatorType, prior.IndicatorValue.ValueString()) {
		paths.Append(atValue())
	}
	if m.Application.IsUnknown() || m.Application.ValueString() != prior.Application.ValueString() {
		paths.Append(path.Root("application"))
	}
	return paths
}

// sameAction tells whether the action means what it meant.
func (m *model) sameAction(prior *model) bool {
	return !m.Action.IsUnknown() && mde.CanonicalAction(m.Action.ValueString()) == mde.CanonicalAction(prior.Action.ValueString())
}

// writes tells whether an update has anything to send: a change of spelling,
// or of what the provider alone looks at, has not.
func (m *model) writes(prior *model) bool {
	return m.hasUnknown() || !m.sameAction(prior) || !prior.toAPI().Holds(m.toAPI())
}

// complete plans id and expired. They are known whenever the inputs are, so
// that an edited description moves nothing else.
func (m *model) complete(prior *model, replaced bool) {
	m.ID, m.Expired = types.StringUnknown(), types.BoolValue(false)
	switch {
	case prior == nil || replaced:
	case !m.writes(prior):
		m.ID, m.Expired = prior.ID, prior.Expired
	case prior.Expired.ValueBool():
		// The service has to make a new record, if it comes to a write.
		if m.hasUnknown() {
			m.Expired = types.BoolUnknown()
		}
	case m.sameAction(prior):
		m.ID = prior.ID
	}
}

// check refuses what the service would refuse, as far as it is new or changed.
func (m *model) check(prior *model, now time.Time) diag.Diagnostics {
	if prior == nil {
		prior = &model{}
	}
	var diags diag.Diagnostics
	indicatorType, value := m.IndicatorType.ValueString(), m.IndicatorValue.ValueString()
	typeKnown, typeChanged := !m.IndicatorType.IsUnknown(), !m.IndicatorType.Equal(prior.IndicatorType)
	if typeKnown && !m.IndicatorValue.IsUnknown() && (typeChanged || !m.IndicatorValue.Equal(prior.IndicatorValue)) {
		if err := checkValue(indicatorType, value); err != nil {
			diags.AddAttributeError(atValue(), "Invalid indicator value", sentence(err))
		}
	}
	if typeKnown && !m.Action.IsUnknown() && (typeChanged || !m.Action.Equal(prior.Action) || !m.EducateURL.Equal(prior.EducateURL)) {
		if m.EducateURL.ValueString() != "" && !showsNotice(indicatorType, m.Action.ValueString()) {
			diags.AddAttributeError(path.Root("educate_url"), "No effect", fmt.Sprintf("educate_url has an effect for an indicator of type %s that warns or blocks, and this one is of type %s with the action %s. Remove educate_url.", mde.TypeURL, indicatorType, m.Action.ValueString()))
		}
	}
	diags.Append(m.settings.check(&prior.settings, now)...)
	if m.writesExpired(prior, now) {
		diags.Append(expiredError(prior))
	}
	return diags
}

// check is the part of the checks that the records of a set share. The prior
// settings are empty at creation.
func (s *settings) check(prior *settings, now time.Time) diag.Diagnostics {
	var diags diag.Diagnostics
	for name, text := range map[string][2]types.String{"title": {s.Title, prior.Title}, "description": {s.Description, prior.Description}} {
		if !text[0].IsUnknown() && text[0].ValueString() == "" && !text[0].Equal(text[1]) {
			diags.AddAttributeError(path.Root(name), "Empty text", fmt.Sprintf("The service wants a %s, and this one is empty.", name))
		}
	}
	if !s.EducateURL.Equal(prior.EducateURL) {
		if text := s.EducateURL.ValueString(); text != "" && checkURL(text) != nil {
			diags.AddAttributeError(path.Root("educate_url"), "Invalid URL", fmt.Sprintf("%q is not a complete URL, such as \"https://example.com/help\".", text))
		}
	}
	if !s.GenerateAlert.Equal(prior.GenerateAlert) || !s.Action.Equal(prior.Action) {
		if !s.GenerateAlert.IsNull() && !s.GenerateAlert.IsUnknown() && !s.GenerateAlert.ValueBool() && mde.DemandsAlert(s.Action.ValueString()) {
			diags.AddAttributeError(path.Root("generate_alert"), "Action without its alert", fmt.Sprintf("The action %s always raises an alert: set generate_alert to true or leave it out.", s.Action.ValueString()))
		}
	}
	diags.Append(s.lifetime().check(prior.lifetime())...)
	if expires := instant(s.ExpirationTime); expires != nil && !expires.After(now) && !sameInstant(expires, instant(prior.ExpirationTime)) {
		diags.AddAttributeError(path.Root("expiration_time"), "Expiry in the past", fmt.Sprintf("%s has passed, and the service takes no record that is expired already. Set expiration_time to a time to come, or leave it out for an indicator that never expires.", s.ExpirationTime.ValueString()))
	}
	return diags
}

// writesExpired tells whether the plan would write a record that has expired
// without renewing it.
func (m *model) writesExpired(prior *model, now time.Time) bool {
	expires := instant(prior.ExpirationTime)
	expired := prior.Expired.ValueBool() || expires != nil && !expires.After(now)
	return expired && !m.hasUnknown() && sameInstant(expires, instant(m.ExpirationTime)) && m.writes(prior)
}

func expiredError(prior *model) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("expiration_time"), "Indicator has expired", fmt.Sprintf("The indicator expired at %s and the service has removed it, so that it cannot be changed. Set expiration_time to a time to come, or leave it out, to create it again with the change; or remove the resource.", prior.ExpirationTime.ValueString()))
}

// sentence makes a sentence of an error.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
