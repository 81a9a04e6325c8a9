package indicator

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// apply brings the tenant from prior to plan, completes plan, and keeps
// remembered true at each step: on an error it says what is there besides prior.
func (r *indicatorResource) apply(ctx context.Context, prior, plan *model, remembered *memory) diag.Diagnostics {
	plan.fixExpiry(prior, *remembered, time.Now())
	if diags := r.guard(plan, prior); diags.HasError() {
		return diags
	}
	rewrite := remembered.Rewrite
	remembered.Rewrite = false
	if !plan.writes(prior) && !rewrite {
		plan.ID, plan.Expired = prior.ID, prior.Expired
		remembered.Expires = plan.expiry()
		return r.removeSuccessors(ctx, prior, remembered, remembered.id(prior))
	}
	if plan.writesExpired(prior, time.Now()) {
		return diag.Diagnostics{expiredError(prior)}
	}
	out := r.put(ctx, prior, plan, *remembered)
	if out.full && plan.swaps(prior) {
		out = r.trade(ctx, prior, plan, *remembered)
	}
	if out.diags.HasError() {
		return out.diags
	}
	remembered.WrittenAt = time.Now()
	if out.diags.Append(r.supersede(ctx, prior, remembered, out)...); out.diags.HasError() {
		return out.diags
	}
	remembered.shown(out.record.ID)
	planned := plan.ID
	plan.fromAPI(remembered.settled(out.record, plan))
	remembered.Expires = plan.expiry()
	if !planned.IsUnknown() && !planned.Equal(plan.ID) {
		// Terraform takes no other id than the planned one. The next refresh shows
		// it.
		remembered.ID, plan.ID = out.record.ID, planned
	}
	return out.diags
}

// supersede deletes what the written record has taken the place of. The answer's
// id tells it, and not the settings: what the service keys a record by is known
// in part only.
func (r *indicatorResource) supersede(ctx context.Context, prior *model, remembered *memory, out outcome) diag.Diagnostics {
	another := out.record.ID != remembered.id(prior)
	if out.displaced != nil {
		remembered.succeed(*out.displaced)
	}
	if another {
		remembered.succeed(out.record)
	}
	diags := r.removeSuccessors(ctx, prior, remembered, out.record.ID)
	if !another || diags.HasError() {
		return diags
	}
	if !out.traded && !prior.Expired.ValueBool() {
		if diags.Append(r.remove(ctx, prior, *remembered)...); diags.HasError() {
			return diags
		}
	}
	remembered.TakenOver = out.takenOver
	return diags
}

// trade changes the action in a tenant that has no place for a second record:
// the old one goes first.
func (r *indicatorResource) trade(ctx context.Context, prior, plan *model, remembered memory) outcome {
	diags := r.remove(ctx, prior, remembered)
	if diags.HasError() {
		return outcome{diags: diags}
	}
	out := r.put(ctx, prior, plan, remembered)
	out.traded = true
	diags.AddAttributeWarning(path.Root("action"), "Gap in a change of action", fmt.Sprintf("The tenant had no place for a second record of %s. The old one, %s, was deleted before the new one was written.", prior.name(), describe(prior.toAPI())))
	out.diags = append(diags, out.diags...)
	return out
}

// put writes the planned record, with a look at what is there where it takes a
// key that this resource does not hold yet.
func (r *indicatorResource) put(ctx context.Context, prior, plan *model, remembered memory) outcome {
	w := plan.write(prior, remembered)
	if plan.occupies(prior) {
		return r.occupy(ctx, w)
	}
	release, err := r.Client.Indicators.Claim(w.want.Key())
	if err != nil {
		return failed(tfdiag.Error(operation("update", w.want.IndicatorValue), err))
	}
	record, err := r.Client.Indicators.Submit(ctx, w.want)
	if err != nil {
		release()
		return failed(tfdiag.Error(operation("update", w.want.IndicatorValue), err))
	}
	return outcome{record: record}
}

// occupy writes a record whose key this resource does not hold yet.
func (r *indicatorResource) occupy(ctx context.Context, w write) (out outcome) {
	// What is refused is never claimed: a claim keeps whoever gives the record up
	// from deleting it, and nobody would have it then.
	if !r.Client.Indicators.Claimed(w.want.Key()) {
		if _, _, obstacle := w.inspect(ctx, r.Client.Indicators); obstacle != nil {
			return failed(obstacle)
		}
	}
	release, err := r.Client.Indicators.Claim(w.want.Key())
	if err != nil {
		return failed(tfdiag.Error(operation("write", w.want.IndicatorValue), err))
	}
	defer func() {
		if out.diags.HasError() {
			release()
		}
	}()
	// The claim has waited for a deletion that was under way: what was seen
	// before may be gone.
	existing, v, obstacle := w.inspect(ctx, r.Client.Indicators)
	switch {
	case obstacle != nil:
		return failed(obstacle)
	case v == equal:
		gone, err := r.Client.Indicators.Gone(ctx, existing)
		if err != nil {
			return failed(tfdiag.Error(operation("look for", w.want.IndicatorValue), err))
		}
		if !gone {
			return outcome{record: existing, diags: takenOver(existing, v)}
		}
	case w.recreates(existing, v):
		// A deletion leaves what is claimed alone.
		release()
		release = func() {}
		if err := r.Client.Indicators.Delete(ctx, existing); err != nil {
			return failed(tfdiag.Error(operation("delete", w.want.IndicatorValue), err))
		}
		again, err := r.Client.Indicators.Claim(w.want.Key())
		if err != nil {
			return failed(tfdiag.Error(operation("write", w.want.IndicatorValue), err))
		}
		release = again
	}
	began := time.Now()
	record, err := r.Client.Indicators.Submit(ctx, w.asFound(existing))
	if err != nil {
		return unwritten(operation("write", w.want.IndicatorValue), err)
	}
	out = w.took(existing, v, record)
	if v == vacant && !slices.Contains(w.own, record.ID) && stranger(r.Client.Indicators, record, began) {
		out.takenOver = true
		out.record.Application = w.want.Application
		out.diags.AddAttributeWarning(atValue(), "Indicator taken over", fmt.Sprintf("The tenant already held %s, which the application could not see, as with the permission Ti.ReadWrite alone it sees its own records only. Its settings were overwritten. It will not be deleted when this resource is destroyed, unless adopt_existing is true.", describe(record)))
	}
	return out
}

// took is the outcome of a write that has met a record.
func (w write) took(existing mde.Indicator, v verdict, record mde.Indicator) outcome {
	another := existing.ID != record.ID
	if v == equal && another {
		return outcome{record: record} // A list has shown what was gone.
	}
	out := outcome{record: record, diags: takenOver(existing, v)}
	if another && (v == moved || v == adopted) && !w.recreates(existing, v) {
		out.displaced = &existing
	}
	return out
}

// inspect finds what has the key of the write, and what forbids to write it.
func (w write) inspect(ctx context.Context, indicators *mde.Indicators) (mde.Indicator, verdict, diag.Diagnostic) {
	existing, v, err := w.look(ctx, indicators)
	switch {
	case err != nil:
		return existing, v, tfdiag.Error(operation("look for", w.want.IndicatorValue), err)
	case v == refused:
		return existing, v, existsAlready(existing)
	}
	return existing, v, nil
}

// remove deletes the record of the state, unless it is somebody else's.
func (r *indicatorResource) remove(ctx context.Context, state *model, remembered memory) diag.Diagnostics {
	record := state.toAPI()
	record.ID = remembered.id(state)
	if remembered.Spared {
		return nil // The plan has said so.
	}
	if remembered.TakenOver && !state.AdoptExisting.ValueBool() {
		return diag.Diagnostics{diag.NewWarningDiagnostic("Indicator left in the tenant", fmt.Sprintf("%s was there before this resource, which took it over unseen. It is not deleted. To have it deleted, set adopt_existing to true and apply before.", describe(record)))}
	}
	if err := r.Client.Indicators.Delete(ctx, record); err != nil {
		return diag.Diagnostics{tfdiag.Error(operation("delete", record.IndicatorValue), err)}
	}
	return nil
}

// removeSuccessors deletes the records that were left beside the one of the
// state, but for the one to keep.
func (r *indicatorResource) removeSuccessors(ctx context.Context, state *model, remembered *memory, keep string) diag.Diagnostics {
	record := state.toAPI()
	for _, s := range slices.Clone(remembered.Successors) {
		if s.ID == keep {
			continue
		}
		record.ID, record.Action = s.ID, s.Action
		if err := r.Client.Indicators.Delete(ctx, record); err != nil {
			return diag.Diagnostics{tfdiag.Error(operation("delete", record.IndicatorValue), err)}
		}
		remembered.forget(s.ID)
	}
	return nil
}

// removeDisplaced deletes the record that a creation has taken over and left
// beside the one that it was answered with. An error would taint what is there
// now, so that it would be created again.
func (r *indicatorResource) removeDisplaced(ctx context.Context, state *model, remembered *memory, out outcome) diag.Diagnostics {
	if out.displaced == nil {
		return nil
	}
	remembered.succeed(*out.displaced)
	var diags diag.Diagnostics
	for _, d := range r.removeSuccessors(ctx, state, remembered, out.record.ID) {
		diags.AddWarning(d.Summary(), d.Detail()+"\n\nThe next apply deletes the record.")
	}
	return diags
}
