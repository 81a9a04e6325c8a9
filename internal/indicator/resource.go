// Package indicator is what Terraform shows of threat indicators: it decides
// what two spellings mean the same, what a plan may promise, and whose record
// one is. It refuses to know how records travel; that is the client's business.
package indicator

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfclient"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

var (
	_ resource.ResourceWithConfigure   = (*indicatorResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*indicatorResource)(nil)
	_ resource.ResourceWithImportState = (*indicatorResource)(nil)
	_ resource.ResourceWithIdentity    = (*indicatorResource)(nil)
)

// NewResource is mde_indicator.
func NewResource() resource.Resource { return &indicatorResource{} }

type indicatorResource struct{ tfclient.ForResource }

// Metadata implements resource.Resource.
func (r *indicatorResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_indicator"
	resp.ResourceBehavior.MutableIdentity = true
}

// Schema implements resource.Resource.
func (r *indicatorResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema()
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *indicatorResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema()
}

// Create implements resource.Resource.
func (r *indicatorResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer r.Guardrails.Working()()
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, plan.bounds(ctx).Create)
	defer cancel()
	planned := plan.ExpirationTime
	plan.fixExpiry(nil, memory{}, time.Now())
	if resp.Diagnostics.Append(r.guard(&plan, nil)...); resp.Diagnostics.HasError() {
		return
	}
	out := r.occupy(ctx, plan.write(nil, memory{}))
	resp.Diagnostics.Append(out.diags...)
	if out.diags.HasError() {
		return
	}
	plan.fromAPI(out.record)
	remembered := memory{WrittenAt: time.Now(), Expires: plan.expiry(), TakenOver: out.takenOver}
	resp.Diagnostics.Append(r.removeDisplaced(ctx, &plan, &remembered, out)...)
	resp.Diagnostics.Append(remembered.save(ctx, resp.Private)...)
	if isBlank(planned) {
		plan.ExpirationTime = planned
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(r.identify(ctx, &plan, resp.Identity)...)
}

// Read implements resource.Resource.
func (r *indicatorResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer r.Guardrails.Working()()
	resp.Diagnostics.Append(r.checkTenant(ctx, req.Identity)...)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	remembered, diags := recall(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !state.IndicatorValue.IsNull() && r.Unrefreshed(&resp.Diagnostics) {
		resp.Diagnostics.Append(r.identify(ctx, &state, resp.Identity)...)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, state.bounds(ctx).Read)
	defer cancel()
	shown := state.ExpirationTime
	state.showExpiry(remembered)
	record, err := r.find(ctx, &state, remembered)
	switch {
	case (errors.Is(err, mde.ErrNotFound) || errors.Is(err, mde.ErrUnseen)) && state.lapsed(time.Now()):
		state.Expired = types.BoolValue(true)
	case errors.Is(err, mde.ErrNotFound) && remembered.TakenOver:
		// The token could not see the record when it was written, nor can it now.
	case errors.Is(err, mde.ErrUnseen):
		// Nor can anybody tell that it is gone.
	case errors.Is(err, mde.ErrNotFound):
		// The framework wants an identity of what is gone, too.
		resp.Diagnostics.Append(r.identify(ctx, &state, resp.Identity)...)
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(tfdiag.Error(operation("read", state.name()), err))
		return
	default:
		if remembered.shown(record.ID) {
			resp.Diagnostics.Append(remembered.save(ctx, resp.Private)...)
		}
		state.fromAPI(remembered.settled(record, &state))
	}
	state.hideExpiry(shown, remembered, time.Now())
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	resp.Diagnostics.Append(r.identify(ctx, &state, resp.Identity)...)
}

// Update implements resource.Resource.
func (r *indicatorResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer r.Guardrails.Working()()
	var prior, plan model
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	remembered, diags := recall(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, plan.bounds(ctx).Update)
	defer cancel()
	planned := plan.ExpirationTime
	prior.showExpiry(remembered)
	resp.Diagnostics.Append(r.apply(ctx, &prior, &plan, &remembered)...)
	resp.Diagnostics.Append(remembered.save(ctx, resp.Private)...)
	if resp.Diagnostics.HasError() {
		return // The state stays as it was, so that the next plan shows the same difference.
	}
	if isBlank(planned) {
		plan.ExpirationTime = planned
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(r.identify(ctx, &plan, resp.Identity)...)
}

// Delete implements resource.Resource.
func (r *indicatorResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	defer r.Guardrails.Working()()
	resp.Diagnostics.Append(r.checkTenant(ctx, req.Identity)...)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	remembered, diags := recall(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, state.bounds(ctx).Delete)
	defer cancel()
	if resp.Diagnostics.Append(checkDeletions(ctx, r.Guardrails, req.Private, state.gives(remembered))...); resp.Diagnostics.HasError() {
		return
	}
	remembered.Spared = remembered.Spared || r.Client.Indicators.GiveUp(remembered.id(&state))
	resp.Diagnostics.Append(r.remove(ctx, &state, remembered)...)
	resp.Diagnostics.Append(r.removeSuccessors(ctx, &state, &remembered, remembered.id(&state))...)
}

// find returns the indicator's record: the one of the state's id, else one that
// has its key (made again in the portal), else one that an unfinished change
// of the action has left.
func (r *indicatorResource) find(ctx context.Context, state *model, remembered memory) (mde.Indicator, error) {
	known := state.toAPI()
	known.ID = remembered.id(state)
	record, err := r.Client.Indicators.Get(ctx, mde.Lookup{ID: known.ID, Type: known.IndicatorType, Value: known.IndicatorValue, WrittenAt: remembered.WrittenAt})
	if !errors.Is(err, mde.ErrNotFound) || known.IndicatorValue == "" {
		return record, err
	}
	others, findErr := r.Client.Indicators.Find(ctx, known.IndicatorType, known.IndicatorValue)
	if findErr != nil {
		return mde.Indicator{}, findErr
	}
	for _, other := range others {
		if other.Key() == known.Key() {
			return other, nil
		}
	}
	for _, other := range others {
		if slices.ContainsFunc(remembered.Successors, func(s successor) bool { return s.ID == other.ID }) {
			return other, nil
		}
	}
	return mde.Indicator{}, err
}
