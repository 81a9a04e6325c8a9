package indicator

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/tfclient"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

var (
	_ resource.ResourceWithConfigure  = (*setResource)(nil)
	_ resource.ResourceWithModifyPlan = (*setResource)(nil)
	_ resource.ResourceWithIdentity   = (*setResource)(nil)
)

// NewSetResource is mde_indicator_set.
func NewSetResource() resource.Resource { return &setResource{} }

type setResource struct{ tfclient.ForResource }

// Metadata implements resource.Resource.
func (r *setResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_indicator_set"
	resp.ResourceBehavior.MutableIdentity = true
}

// Schema implements resource.Resource.
func (r *setResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = setSchema()
}

// IdentitySchema implements resource.ResourceWithIdentity. There is no import:
// the identity keeps the state of one tenant from being applied to another.
func (r *setResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = setIdentitySchema()
}

// Create implements resource.Resource. The state holds the planned map even
// where values could not be saved: Terraform takes a shorter one for a bug. They
// are not remembered, so that the next refresh drops them.
func (r *setResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer r.Guardrails.Working()()
	var plan setModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, plan.bounds(ctx).Create)
	defer cancel()
	if resp.Diagnostics.Append(r.guard(&plan, nil)...); resp.Diagnostics.HasError() {
		return
	}
	p := r.newRollout(nil, &plan, setMemory{})
	if err := p.run(ctx); err != nil {
		resp.Diagnostics.Append(tfdiag.Error(setOperation("look for"), err))
		return
	}
	failed := p.failures()
	if len(failed) > 0 && !p.saved() {
		resp.Diagnostics.Append(failed.diagnostic("create", "No value was saved"))
		return
	}
	if len(failed) > 0 {
		resp.Diagnostics.Append(failed.created(len(p.tasks)))
	}
	resp.Diagnostics.Append(p.takenOver()...)
	resp.Diagnostics.Append(p.tellStrangers()...)
	_, remembered, _ := p.result(&plan)
	plan.ID, plan.ExpiredCount = types.StringValue(newUUID()), types.Int64Value(0)
	resp.Diagnostics.Append(saveAs(ctx, remembered, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(r.identify(ctx, &plan, resp.Identity)...)
}

// Read implements resource.Resource.
func (r *setResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer r.Guardrails.Working()()
	resp.Diagnostics.Append(r.checkTenant(ctx, req.Identity)...)
	var state setModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	remembered, diags := recallAs[setMemory](ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.Unrefreshed(&resp.Diagnostics) {
		resp.Diagnostics.Append(r.identify(ctx, &state, resp.Identity)...)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, state.bounds(ctx).Read)
	defer cancel()
	f := refresh{state: &state, remembered: &remembered, now: time.Now()}
	changed, err := f.run(ctx, r)
	if err != nil {
		resp.Diagnostics.Append(tfdiag.Error(setOperation("read"), err))
		return
	}
	if len(f.lost) > 0 {
		resp.Diagnostics.Append(leaves("This set forgets", f.lost))
	}
	resp.Diagnostics.Append(saveAs(ctx, remembered, resp.Private)...)
	if changed {
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
	resp.Diagnostics.Append(r.identify(ctx, &state, resp.Identity)...)
}

// Update implements resource.Resource. After a failure the state has the new
// settings, and each value that does not have them says so on its line.
func (r *setResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer r.Guardrails.Working()()
	var prior, plan setModel
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	remembered, diags := recallAs[setMemory](ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, plan.bounds(ctx).Update)
	defer cancel()
	if resp.Diagnostics.Append(r.guard(&plan, &prior)...); resp.Diagnostics.HasError() {
		return
	}
	p := r.newRollout(&prior, &plan, remembered)
	if err := p.run(ctx); err != nil {
		resp.Diagnostics.Append(tfdiag.Error(setOperation("look for"), err))
		return
	}
	notes, remembered, expired := p.result(&plan)
	if failed := p.failures(); len(failed) > 0 {
		resp.Diagnostics.Append(failed.diagnostic("update", fmt.Sprintf("Not as configured: %s of %s values", grouped(len(failed)), grouped(len(p.tasks)+len(p.removed)))))
		plan.setNotes(notes)
	}
	resp.Diagnostics.Append(p.takenOver()...)
	resp.Diagnostics.Append(p.tellStrangers()...)
	resp.Diagnostics.Append(p.tellGaps()...)
	if plan.ExpiredCount.IsUnknown() {
		plan.ExpiredCount = types.Int64Value(int64(expired))
	}
	resp.Diagnostics.Append(saveAs(ctx, remembered, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(r.identify(ctx, &plan, resp.Identity)...)
}

// Delete implements resource.Resource.
func (r *setResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	defer r.Guardrails.Working()()
	resp.Diagnostics.Append(r.checkTenant(ctx, req.Identity)...)
	var state setModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	remembered, diags := recallAs[setMemory](ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, state.bounds(ctx).Delete)
	defer cancel()
	if resp.Diagnostics.Append(checkDeletions(ctx, r.Guardrails, req.Private, state.gives(remembered))...); resp.Diagnostics.HasError() {
		return
	}
	p := &rollout{indicators: r.Client.Indicators, adopt: state.AdoptExisting.ValueBool(), removed: newHoldings(&state, remembered).rest()}
	p.remove(ctx)
	resp.Diagnostics.Append(p.tellStrangers()...)
	failed := p.failures()
	if len(failed) == 0 {
		return
	}
	resp.Diagnostics.Append(failed.diagnostic("delete", fmt.Sprintf("Not deleted: %s of %s values", grouped(len(failed)), grouped(len(p.removed)))))
	notes, remembered, _ := p.result(&state)
	state.setNotes(notes)
	resp.Diagnostics.Append(saveAs(ctx, remembered, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}
