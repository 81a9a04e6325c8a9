package indicator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// result is what a rollout leaves behind: the notes as the state shows them,
// what the set holds, and how many values have expired.
func (p *rollout) result(plan *setModel) (notes map[string]types.String, remembered setMemory, expired int) {
	notes = make(map[string]types.String, len(p.tasks))
	remembered = setMemory{WrittenAt: time.Now(), Records: make(map[string]held, len(p.tasks))}
	keep := func(t *task, mark string) {
		h := t.held
		if t.known && h.Action == "" && t.changesAction() {
			h.Action = t.heldAction
		}
		remembered.Records[t.value], notes[t.value] = h.mark(t.note, mark)
	}
	for _, t := range p.tasks {
		switch {
		case t.expired:
			expired++
			keep(t, "")
		case t.got != "":
			mark := t.take()
			if t.want.ExpirationTime != nil && plan.lifetime().in > 0 {
				t.held.Expires = t.want.ExpirationTime.Unix()
			}
			keep(t, mark)
		case t.known && t.verdict == own:
			keep(t, t.differs)
		case t.known && t.held.ID != "" && t.changesAction():
			keep(t, driftOfAction(t.heldAction))
		}
	}
	for _, t := range p.removed {
		if t.err != nil {
			keep(t, "")
		}
	}
	return notes, remembered, expired
}

// take makes the wanted record the one that is held, and returns the mark of
// those beside it that could not be deleted.
func (t *task) take() (mark string) {
	taken := held{ID: t.got, Foreign: t.foreign || t.held.Foreign && t.held.ID == t.got}
	for _, record := range t.old() {
		left := successor{ID: record.ID, Action: record.Action}
		taken.Left = append(taken.Left, left)
		mark = driftOfLeft(left, t.want)
	}
	t.held, t.heldAction = taken, t.want.Action
	return mark
}

// failure is a value for which there is something left to do.
type failure struct {
	value string
	err   error
}

// failures are an error that names each value with its reason.
type failures []failure

// shown is how many values a message names.
const shown = 20

// Error implements error.
func (f failures) Error() string {
	lines := make([]string, len(f))
	for i, one := range f {
		lines[i] = one.value + ": " + reason(one.err)
	}
	return listed(lines)
}

// Unwrap lets the causes be recognised.
func (f failures) Unwrap() []error {
	errs := make([]error, len(f))
	for i, one := range f {
		errs[i] = one.err
	}
	return errs
}

// reason is why a value failed, in words that mean something to a user.
func reason(err error) string {
	if errors.Is(err, context.Canceled) {
		return "the apply was interrupted before"
	}
	return err.Error()
}

// listed writes lines as a list: the first, then how many more there are.
func listed(lines []string) string {
	var b strings.Builder
	for i, line := range lines {
		if i == shown {
			fmt.Fprintf(&b, "\n  - and %s more", grouped(len(lines)-shown))
			break
		}
		b.WriteString("\n  - " + line)
	}
	return b.String()
}

// diagnostic tells of the failures as an error.
func (f failures) diagnostic(verb, what string) diag.Diagnostic {
	d := tfdiag.Error(setOperation(verb), fmt.Errorf("%s:\n%w", what, f))
	return diag.NewErrorDiagnostic(d.Summary(), d.Detail()+f.advice())
}

// advice is what tfdiag cannot know.
func (f failures) advice() string {
	var exists existsError
	if !errors.As(f, &exists) {
		return ""
	}
	return "\n\nTo take existing records over and overwrite their settings, set adopt_existing to true. If another resource is giving them up, apply again."
}

func setOperation(verb string) tfdiag.Operation {
	return tfdiag.Operation{Verb: verb, Object: "indicators", Permissions: permissions()}
}

// created tells of a creation that could not save everything: an error would
// taint the set, so that what could be saved would be deleted again.
func (f failures) created(of int) diag.Diagnostic {
	d := f.diagnostic("save all", fmt.Sprintf("Not saved: %s of %s values", grouped(len(f)), grouped(of)))
	return diag.NewWarningDiagnostic(d.Summary(), d.Detail()+"\n\nThe next plan shows these values as missing, and the next apply sends only them.")
}

// tellGaps warns of a change of action that was not without a gap after all.
func (p *rollout) tellGaps() diag.Diagnostics {
	if p.gaps == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("action"), "Gap in a change of action", fmt.Sprintf("The tenant had no place for second records of %s values, although it showed fewer than %s records. Their old records were deleted before the new ones were written, in chunks of at most %d.", grouped(p.gaps), grouped(limit), chunk))}
}

// takenOver warns of records that the set has taken over without having created
// them. What adopt_existing takes over the plan has announced.
func (p *rollout) takenOver() diag.Diagnostics {
	var lines []string
	for _, t := range p.tasks {
		if t.got == "" {
			continue
		}
		switch t.verdict {
		case equal:
			lines = append(lines, describe(*t.met)+": it equals the configuration in everything, as after an apply that was interrupted")
		case moved:
			lines = append(lines, describe(*t.met)+": it has the same application, as from another resource that gives it up")
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Indicators taken over", "The tenant already held:\n"+listed(lines))}
}
