package indicator

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// preflight warns of what applying the plan will meet in the tenant. It looks
// only where the plan takes something new.
func (r *setResource) preflight(ctx context.Context, plan, prior *setModel, remembered setMemory) diag.Diagnostics {
	p := r.newRollout(prior, plan, remembered)
	now := time.Now()
	scoped := prior != nil && !slices.Equal(sorted(groupNames(plan.RBACGroupNames)), sorted(groupNames(prior.RBACGroupNames)))
	var diags diag.Diagnostics
	if !scoped && !slices.ContainsFunc(p.tasks, func(t *task) bool { return t.occupies() || t.mayHaveExpired(now) }) {
		return p.announceRecreation(plan, prior)
	}
	ctx, cancel := context.WithTimeout(ctx, plan.bounds(ctx).Read)
	defer cancel()
	diags.Append(permitted(ctx, r.Client, setOperation("create"))...)
	if diags.HasError() {
		return diags
	}
	seen, err := p.survey(ctx)
	if err != nil {
		return diag.Diagnostics{tfdiag.Error(setOperation("look for"), err)}
	}
	diags.Append(p.checkExpired(plan, prior)...)
	diags.Append(p.announceRecreation(plan, prior)...)
	diags.Append(p.announceTakingOver()...)
	diags.Append(p.announceConflicts(seen, scoped)...)
	diags.Append(p.announceSwap()...)
	diags.Append(p.announcePlaces()...)
	return diags
}

// checkExpired refuses to write what has expired, unless it is renewed.
func (p *rollout) checkExpired(plan, prior *setModel) diag.Diagnostics {
	var changed []string
	for _, t := range p.tasks {
		if t.expired && (t.note.ValueString() != t.heldNote.ValueString() || plan.lifetime().in == 0 && !plan.sameSettings(prior)) {
			changed = append(changed, t.value)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	at, how := path.Root("expiration_time"), "Set expiration_time to a time to come, or leave it out, to create them again with the change; or remove them."
	if plan.lifetime().in > 0 {
		at, how = path.Root("expires_in"), "Set renew_before, or change expires_in, to create them again with the change; or remove them."
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Indicators have expired", "These values have expired and the service has removed their records, so that they cannot be changed. "+how+"\n"+listed(changed))}
}

// announceRecreation warns of the gap that a change of the application makes.
func (p *rollout) announceRecreation(plan, prior *setModel) diag.Diagnostics {
	if prior == nil || plan.Application.ValueString() == prior.Application.ValueString() {
		return nil
	}
	kept := 0
	for _, t := range p.tasks {
		if !t.occupies() {
			kept++
		}
	}
	if kept == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("application"), "Indicators will be deleted and created again", fmt.Sprintf("The service cannot change the application of a record. %s records will be deleted and imported again, in chunks of at most %d; those of a chunk are missing in between.", grouped(kept), chunk))}
}

// announceTakingOver tells what becomes of records that are there already.
func (p *rollout) announceTakingOver() diag.Diagnostics {
	lines := map[string][]string{}
	add := func(summary, why string, t *task) {
		lines[summary] = append(lines[summary], describe(*t.met)+why)
	}
	const taken, exists = "Indicators will be taken over", "Indicators exist already"
	for _, t := range p.tasks {
		switch {
		case t.verdict == refused:
			add(exists, "", t)
		case t.verdict == equal:
			add(taken, ": it equals the configuration in everything", t)
		case t.verdict == moved:
			add(taken, ": it has the same application; its settings will be overwritten", t)
		case t.verdict == adopted && t.recreates:
			add(taken, ": adopt_existing is true; as its application cannot be changed, it will be deleted and at once created again", t)
		case t.verdict == adopted:
			add(taken, ": adopt_existing is true; what differs will be overwritten", t)
		}
	}
	var diags diag.Diagnostics
	if len(lines[exists]) > 0 {
		diags.AddWarning(exists, "The tenant already holds the following records, which will not be overwritten unasked: their values will fail. To take them over, set adopt_existing to true. If this plan removes them from the resource that holds them, there is nothing to do.\n"+listed(lines[exists]))
	}
	if len(lines[taken]) > 0 {
		diags.AddWarning(taken, "The tenant already holds:\n"+listed(lines[taken]))
	}
	return diags
}

// announceConflicts warns of records of other actions for values that are new,
// or for all if the device groups have changed.
func (p *rollout) announceConflicts(seen view, scoped bool) diag.Diagnostics {
	var summaries []string
	lines := map[string][]string{}
	for _, t := range p.tasks {
		if !scoped && !t.occupies() {
			continue
		}
		for _, d := range p.write(t).conflicts(seen.find(t.want.IndicatorType, t.want.IndicatorValue)) {
			summary := d.Summary()
			if lines[summary] == nil {
				summaries = append(summaries, summary)
			}
			lines[summary] = append(lines[summary], t.value+": "+d.Detail())
		}
	}
	var diags diag.Diagnostics
	for _, summary := range summaries {
		diags.AddWarning(summary, "Of these values the tenant holds other records, too:\n"+listed(lines[summary]))
	}
	return diags
}

// announceSwap warns when a change of action cannot be without a gap.
func (p *rollout) announceSwap() diag.Diagnostics {
	n := 0
	for _, t := range p.tasks {
		if t.changesAction() {
			n++
		}
	}
	free := limit - p.size
	if n == 0 || free >= min(n, chunk) {
		return nil
	}
	text := fmt.Sprintf("Of the tenant's %s places %s are free, so that the change of action of %s values goes in chunks of as many, which takes time. Delete what is no longer needed to speed it up.", grouped(limit), grouped(free), grouped(n))
	if free <= 0 {
		text = fmt.Sprintf("None of the tenant's %s places is free. The old records of %s values will be deleted before the new ones are written, in chunks of at most %d; the values of a chunk have no record in between.", grouped(limit), grouped(n), chunk)
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("action"), "Few places for a change of action", text)}
}

// announcePlaces warns when the tenant is full, or nearly so.
func (p *rollout) announcePlaces() diag.Diagnostics {
	needed := 0
	for _, t := range p.tasks {
		if t.verdict == vacant && !t.expired && !t.changesAction() {
			needed++
		}
	}
	if needed == 0 || p.size < 0 {
		return nil
	}
	return places(needed, limit-p.size+len(p.removed))
}

// places warns when creating so many records takes all free places of the
// tenant, or nearly so.
func places(needed, free int) diag.Diagnostics {
	switch {
	case needed > free:
		return diag.Diagnostics{diag.NewWarningDiagnostic("Not enough places", fmt.Sprintf("The plan creates %s, but of the tenant's %s places only %s are free. The service will refuse the rest.", records(needed), grouped(limit), grouped(max(free, 0))))}
	case free-needed < few:
		return diag.Diagnostics{diag.NewWarningDiagnostic("Few places left", fmt.Sprintf("The plan creates %s, after which %s of the tenant's %s places are free.", records(needed), grouped(free-needed), grouped(limit)))}
	}
	return nil
}

func records(n int) string {
	if n == 1 {
		return "a record"
	}
	return grouped(n) + " records"
}
