package liveresponse

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// change says what new values do to a run.
type change int

const (
	// unchanged values run nothing.
	unchanged change = iota
	// undecided values are not known yet: the update decides.
	undecided
	// differing values run again.
	differing
)

// changeFrom compares what makes a run a run. Nothing else ever runs again.
func (m *model) changeFrom(prior *model, memory memory) change {
	result := compare(prior.MachineID, m.MachineID, strings.EqualFold)
	// What triggered an imported run is not known.
	if !memory.Imported || !prior.Triggers.IsNull() {
		result = max(result, compareTriggers(prior.Triggers, m.Triggers))
	}
	return max(result, compareCommands(prior.Commands, m.Commands))
}

func compareTriggers(prior, planned types.Map) change {
	if planned.IsUnknown() {
		return undecided
	}
	before, after := prior.Elements(), planned.Elements()
	result := unchanged
	for key, value := range after {
		switch old, ok := before[key]; {
		case !ok:
			result = differing
		case value.IsUnknown():
			result = max(result, undecided)
		case !value.Equal(old):
			result = differing
		}
	}
	if len(before) > len(after) {
		return differing
	}
	return result
}

func compareCommands(prior, planned types.List) change {
	if planned.IsUnknown() {
		return undecided
	}
	before, after := commandModels(prior), commandModels(planned)
	if len(before) != len(after) {
		return differing
	}
	result := unchanged
	exactly := func(a, b string) bool { return a == b }
	for i, command := range after {
		old := before[i]
		result = max(result,
			compare(old.Type, command.Type, exactly), compare(old.FileName, command.FileName, exactly),
			compare(old.ScriptName, command.ScriptName, exactly), compare(old.Args, command.Args, exactly), compare(old.Path, command.Path, exactly))
		// A pin that is newly added binds the next run; this one is done.
		if old.SHA256.ValueString() != "" {
			result = max(result, compare(old.SHA256, command.SHA256, strings.EqualFold))
		}
	}
	return result
}

func compare(prior, planned types.String, equal func(a, b string) bool) change {
	switch {
	case planned.IsUnknown():
		return undecided
	case equal(prior.ValueString(), planned.ValueString()):
		return unchanged
	}
	return differing
}

// ValidateConfig implements resource.ResourceWithValidateConfig.
func (r *runResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var commands types.List
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("commands"), &commands)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(checkCommands(commandModels(commands), path.Root("commands"))...)
}

// ModifyPlan implements resource.ResourceWithModifyPlan: it decides whether the
// update runs again, goes on waiting, or does neither, and keeps known what
// does not change.
func (r *runResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	resp.Diagnostics.Append(r.checkTenant(ctx, req.Identity)...)
	if resp.Diagnostics.HasError() || req.Plan.Raw.IsNull() {
		return
	}
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if req.State.Raw.IsNull() {
		r.planStart(ctx, &plan, time.Time{}, &resp.Diagnostics)
		return
	}
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	memory := recall(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	r.hold(state.ID)
	switch plan.changeFrom(&state, memory) {
	case differing:
		plan.forget()
		r.planStart(ctx, &plan, memory.Accepted, &resp.Diagnostics)
	case undecided:
		plan.forget()
	case unchanged:
		plan.carryOn(&state)
		if memory.Imported && state.Triggers.IsNull() && len(plan.Triggers.Elements()) > 0 {
			resp.Diagnostics.AddAttributeWarning(path.Root("triggers"), "Triggers of an imported run", "What triggered the imported run is not known: these triggers are recorded, and nothing runs. A later change of them runs again.")
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// planStart plans a run, which the guardrails may forbid unless there is one to
// take over.
func (r *runResource) planStart(ctx context.Context, plan *model, after time.Time, diags *diag.Diagnostics) {
	if r.Ready() {
		diags.Append(tfdiag.Permitted(ctx, r.Client, plan.operations()...)...)
	}
	if !diags.HasError() && !r.announceTakeOver(ctx, plan, after, diags) {
		diags.Append(r.guard(plan)...)
		r.announce(plan, diags)
	}
}

// announce warns, once in a plan, that its runs cannot all start within a
// minute. How many there are in the end, no resource is told.
func (r *runResource) announce(plan *model, diags *diag.Diagnostics) {
	if !r.Ready() {
		return
	}
	perMinute, tooMany := r.Client.LiveResponse.Announce(plan.key())
	if !tooMany {
		return
	}
	diags.AddWarning("Many live response runs", fmt.Sprintf("The plan starts more than %d live response runs, and rate_limits lets %d start in a minute. Every %d further ones take a minute more: 100 take at least %d minutes to start, 500 at least %d. "+
		"A run holds one of the tenant's sessions until it ends, which may make it longer. Keep queue_timeout above that time; Terraform's -parallelism says how many runs it works on at once.",
		perMinute, perMinute, perMinute, 99/perMinute, 499/perMinute))
}

// operations are those that a run comes down to.
func (m *model) operations() []tfdiag.Operation {
	machine := m.MachineID.ValueString()
	ops := []tfdiag.Operation{starting(machine), looking(machine)}
	for _, command := range commandModels(m.Commands) {
		if command.SHA256.ValueString() != "" {
			return append(ops, pinning(command.FileName.ValueString()+command.ScriptName.ValueString()))
		}
	}
	return ops
}

// announceTakeOver warns of a run that the apply will find and go on with
// instead of starting one, and tells whether there is one.
func (r *runResource) announceTakeOver(ctx context.Context, plan *model, after time.Time, diags *diag.Diagnostics) bool {
	if !r.Ready() || !plan.known(ctx) {
		return false
	}
	s, err := plan.toAPI()
	if err != nil {
		diags.AddError("Could not plan live response run", err.Error())
		return false
	}
	s.after = after
	free, held, err := r.engine().resumable(ctx, s)
	switch {
	case err != nil: // The apply looks again, and tells of what fails.
	case free != nil:
		diags.AddWarning("An earlier live response run will be taken over", fmt.Sprintf("The same run on machine %s was started at %s as action %s (%s), and no resource has said so far that it is its own: an apply seems not to have recorded it. "+
			"The apply takes it over and runs nothing. To run it again, change triggers.", free.MachineID, free.CreationDateTimeUTC.UTC().Format(time.RFC3339), free.ID, free.Status))
		return true
	case held != nil:
		diags.AddWarning("The same live response run is in the state", fmt.Sprintf("A run of the same commands on machine %s with the same triggers is in the state as action %s (%s). If this plan replaces its resource, it runs again, and there is nothing to do. "+
			"If it is another resource's, the apply would take its run over for this one, too: give it triggers of its own.", held.MachineID, held.ID, held.Status))
	}
	return false
}

// forget makes unknown all that a new run decides.
func (m *model) forget() {
	m.ID = types.StringUnknown()
	m.unsettle()
}

// unsettle makes unknown all that the end of the run decides.
func (m *model) unsettle() {
	m.Status = types.StringUnknown()
	m.Succeeded = types.BoolUnknown()
	m.Results = types.ListUnknown(resultType())
	m.ResultURLs = types.ListUnknown(types.StringType)
}

// carryOn plans to go on with the run of the state: to wait for its end where
// that is wanted and outstanding, else to keep all that is known of it.
func (m *model) carryOn(state *model) {
	m.keep(state)
	if state.Succeeded.IsNull() && !m.WaitForCompletion.Equal(types.BoolValue(false)) {
		m.unsettle()
	}
}

// keep takes over from the state what the service said of the run.
func (m *model) keep(state *model) {
	m.ID, m.Status, m.Succeeded, m.Results, m.ResultURLs = state.ID, state.Status, state.Succeeded, state.Results, state.ResultURLs
}
