// Package liveresponse runs live-response commands on devices: each run once,
// waited for, and bound to the content that was reviewed. It refuses to undo
// what a run did.
package liveresponse

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfclient"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfidentity"
)

var (
	_ resource.ResourceWithConfigure      = &runResource{}
	_ resource.ResourceWithValidateConfig = &runResource{}
	_ resource.ResourceWithModifyPlan     = &runResource{}
	_ resource.ResourceWithImportState    = &runResource{}
	_ resource.ResourceWithIdentity       = &runResource{}
)

// NewResource returns the resource mde_live_response_run.
func NewResource() resource.Resource {
	return &runResource{}
}

type runResource struct{ tfclient.ForResource }

// Metadata implements resource.Resource.
func (r *runResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_live_response_run"
	resp.ResourceBehavior.MutableIdentity = true
}

// Schema implements resource.Resource.
func (r *runResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = runSchema()
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *runResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = runIdentitySchema()
}

// Create implements resource.Resource.
func (r *runResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	action, ok := r.start(ctx, &plan, time.Time{}, &resp.Diagnostics)
	if !ok {
		return
	}
	memory{Accepted: action.CreationDateTimeUTC}.save(ctx, resp.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...) // The id is in whatever Create returns.
	r.finish(ctx, &plan, action, ending{within: plan.timeouts(ctx).Create, advice: adviceCreate}, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(r.identify(ctx, plan.ID, resp.Identity)...)
}

// Read implements resource.Resource. A run that has ended never changes again,
// and one that the service has forgotten is no reason to run again.
func (r *runResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(r.checkTenant(ctx, req.Identity)...)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	memory := recall(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	r.hold(state.ID)
	waits := !state.MachineID.IsNull() && r.Unrefreshed(&resp.Diagnostics)
	if state.Succeeded.IsNull() && !waits {
		r.refresh(ctx, &state, &memory, resp)
		if resp.Diagnostics.HasError() || resp.State.Raw.IsNull() {
			return
		}
		memory.save(ctx, resp.Private, &resp.Diagnostics)
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
	resp.Diagnostics.Append(r.identify(ctx, state.ID, resp.Identity)...)
}

// refresh brings an unfinished or newly imported run up to date.
func (r *runResource) refresh(ctx context.Context, state *model, memory *memory, resp *resource.ReadResponse) {
	ctx, cancel := context.WithTimeout(ctx, state.timeouts(ctx).Read)
	defer cancel()
	action, err := r.Client.MachineActions.Get(ctx, state.ID.ValueString())
	importing := state.MachineID.IsNull()
	switch {
	case errors.Is(err, mde.ErrNotFound) && !importing:
		return
	case err != nil:
		resp.Diagnostics.Append(tfdiag.Error(reading(state.ID.ValueString()), err))
		return
	case !strings.EqualFold(action.Type, mde.ActionTypeLiveResponse):
		resp.Diagnostics.AddError("Not a live response run", "The machine action "+action.ID+" is a "+action.Type+". Import the id of a live response action.")
		return
	}
	memory.Accepted = action.CreationDateTimeUTC
	state.fromAPI(action, nil)
	if action.Done() {
		r.conclude(ctx, state, action, judgement{fail: seenFailure(state, memory)}, &resp.Diagnostics)
	}
}

// Update implements resource.Resource.
func (r *runResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	memory := recall(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	r.hold(state.ID)
	end := ending{within: plan.timeouts(ctx).Update, advice: adviceUpdate}
	switch {
	case plan.changeFrom(&state, memory) != unchanged:
		action, ok := r.replace(ctx, &plan, &state, memory.Accepted, &resp.Diagnostics)
		if !ok {
			return
		}
		memory.Accepted = action.CreationDateTimeUTC
		r.finish(ctx, &plan, action, end, &resp.Diagnostics)
	case plan.WaitForCompletion.ValueBool() && state.Succeeded.IsNull():
		r.resume(ctx, &plan, &state, memory.Accepted, end, &resp.Diagnostics)
	default:
		plan.keep(&state)
	}
	memory.Imported = false
	memory.save(ctx, resp.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(r.identify(ctx, plan.ID, resp.Identity)...)
}

// Delete implements resource.Resource: it cancels what is still pending or
// running and forgets the rest.
func (r *runResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	resp.Diagnostics.Append(r.checkTenant(ctx, req.Identity)...)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, state.timeouts(ctx).Delete)
	defer cancel()
	if r.Client.MachineActions.Claimed(state.ID.ValueString()) {
		return // A resource of this apply has taken it over.
	}
	r.Client.MachineActions.Destroyed(state.ID.ValueString())
	if marker, err := state.marker(); err == nil {
		r.Client.MachineActions.Destroyed(marker)
	}
	r.abandon(ctx, &state, "Cancelled by Terraform: the run was destroyed.", &resp.Diagnostics)
}

// ImportState implements resource.ResourceWithImportState.
func (r *runResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
	for name, value := range defaults() {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
	memory{Imported: true}.save(ctx, resp.Private, &resp.Diagnostics)
}

func (r *runResource) engine() engine {
	return engine{runs: r.Client.LiveResponse, actions: r.Client.MachineActions, library: r.Client.LibraryFiles}
}

// hold keeps other resources from taking over an action that is in the state.
func (r *runResource) hold(id types.String) {
	if r.Client != nil && id.ValueString() != "" {
		_, _ = r.Client.MachineActions.Claim(id.ValueString()) // Held once or twice is held.
	}
}

func (r *runResource) identify(ctx context.Context, id types.String, into *tfsdk.ResourceIdentity) diag.Diagnostics {
	return tfidentity.Write(ctx, r.Client, into, "id", id)
}

func (r *runResource) checkTenant(ctx context.Context, known *tfsdk.ResourceIdentity) diag.Diagnostics {
	return tfidentity.Check(ctx, r.Client, known, "live response run")
}
