package indicator

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// recognise finds out which of the records that were written as new ones were
// somebody else's, whom the token does not show.
func (p *rollout) recognise(ctx context.Context) {
	written := func(yield func(mde.Indicator) bool) {
		for _, t := range p.tasks {
			if t.isNew() && !t.foreign && !yield(t.record(t.got)) {
				return
			}
		}
	}
	stamps, err := p.indicators.Strangers(ctx, written, p.size)
	if err != nil {
		tflog.Warn(ctx, "Whether indicators were somebody else's before cannot be told", map[string]any{"error": err.Error()})
	}
	if len(stamps) == 0 {
		return
	}
	for _, t := range p.tasks {
		if t.isNew() && !t.foreign {
			t.foreign = stranger(p.indicators, stamps.Stamp(t.record(t.got)), p.began)
		}
	}
}

// isNew tells whether the record that was written is none that the set had.
func (t *task) isNew() bool { return t.got != "" && t.verdict == vacant && !t.held.has(t.got) }

// spares tells whether a record is left to its owner, and has the set forget it.
func (p *rollout) spares(t *task, record mde.Indicator) bool {
	if p.adopt || !t.held.Foreign || t.held.ID != record.ID {
		return false
	}
	t.forget(record.ID)
	p.spared = append(p.spared, describe(record))
	return true
}

// tellStrangers warns of records that were taken over unseen, and of those that
// were left to their owners.
func (p *rollout) tellStrangers() diag.Diagnostics {
	var diags diag.Diagnostics
	var met []string
	for _, t := range p.tasks {
		if t.foreign {
			met = append(met, describe(t.record(t.got)))
		}
	}
	if len(met) > 0 {
		diags.AddWarning("Indicators taken over", "The tenant already held the following records, which the application could not see, as with the permission Ti.ReadWrite alone it sees its own records only. Their settings were overwritten. They will not be deleted with this set, unless adopt_existing is true.\n"+listed(met))
	}
	if len(p.spared) > 0 {
		diags.AddWarning("Indicators left in the tenant", "The following records were there before this set, which took them over unseen. They are not deleted. To have such records deleted, set adopt_existing to true and apply before.\n"+listed(p.spared))
	}
	return diags
}
