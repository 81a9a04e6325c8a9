package indicator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// verdict says what a write does about a record that has its key already.
type verdict int

const (
	// vacant: there is none.
	vacant verdict = iota
	// own: it is this resource's already.
	own
	// equal: it has every setting, so that it is taken as it is.
	equal
	// moved: it has the same application, so that another resource gave it up.
	moved
	// adopted: the configuration says to take it over.
	adopted
	// refused: it is somebody else's.
	refused
)

// write is a record that is to be written and what the writer may do for it.
type write struct {
	want  mde.Indicator
	life  lifetime
	adopt bool
	// own are the ids of records that are the writer's already.
	own []string
}

// judge finds the record that has the key of the write among those of its
// value, and says what becomes of it.
func (w write) judge(found []mde.Indicator) (mde.Indicator, verdict) {
	key := w.want.Key()
	found = slices.DeleteFunc(slices.Clone(found), func(i mde.Indicator) bool { return i.Key() != key })
	for _, id := range w.own {
		if n := slices.IndexFunc(found, func(i mde.Indicator) bool { return i.ID == id }); n >= 0 {
			return found[n], own
		}
	}
	if len(found) == 0 {
		return mde.Indicator{}, vacant
	}
	record := found[0]
	if n := slices.IndexFunc(found, w.hits); n > 0 {
		record = found[n]
	}
	switch {
	case record.Application == w.want.Application && record.Holds(w.asFound(record)):
		return record, equal
	case w.adopt:
		return record, adopted
	case w.want.Application != "" && record.Application == w.want.Application:
		return record, moved
	}
	return record, refused
}

// hits tells whether a write has the record's key even if the service should key
// by the groups, too, and by the action as it is spelled.
func (w write) hits(record mde.Indicator) bool {
	return record.Action == w.want.Action && slices.Equal(sorted(record.RBACGroupNames), sorted(w.want.RBACGroupNames))
}

// recreates tells whether taking the record over means to delete it first: the
// service sets the application at creation only.
func (w write) recreates(existing mde.Indicator, v verdict) bool {
	return v == adopted && existing.Application != w.want.Application
}

// outcome is what came of a write.
type outcome struct {
	record mde.Indicator
	// takenOver: the record was there before, although no look-up showed it.
	takenOver bool
	// displaced is a record that was taken over, and that the write has left
	// beside the one that it was answered with.
	displaced *mde.Indicator
	// full: the tenant has no place for the record.
	full bool
	// traded: the record before it was deleted first.
	traded bool
	diags  diag.Diagnostics
}

func failed(err diag.Diagnostic) outcome { return outcome{diags: diag.Diagnostics{err}} }

// unwritten is the outcome of a write that the service did not take.
func unwritten(op tfdiag.Operation, err error) outcome {
	return outcome{full: errors.Is(err, mde.ErrFull), diags: diag.Diagnostics{tfdiag.Error(op, err)}}
}

// clockSkew is how far the clocks of the service and of this machine may be
// apart.
const clockSkew = 5 * time.Minute

// predates tells whether the record that a request was to create, and that was
// answered at now, is older than the request. The service's own two times tell
// it whatever the clocks: what it updates it has created before.
func predates(record mde.Indicator, request, now time.Time) bool {
	created := record.CreationTimeDateTimeUTC
	if created.IsZero() {
		return false
	}
	age := record.LastUpdateTime.Sub(created)
	return age > now.Sub(request)+time.Second || created.Before(request.Add(-clockSkew))
}

// stranger tells whether a record that was written as a new one, at began, was
// somebody else's before. One of the application's own was hidden by a list that
// lags.
func stranger(indicators *mde.Indicators, record mde.Indicator, began time.Time) bool {
	return predates(record, began, time.Now()) && !indicators.IsOwn(record)
}

// look finds what has the key of the write. What it would refuse it reads once
// more: another resource may have given it up since.
func (w write) look(ctx context.Context, indicators *mde.Indicators) (mde.Indicator, verdict, error) {
	found, err := indicators.Find(ctx, w.want.IndicatorType, w.want.IndicatorValue)
	if err != nil {
		return mde.Indicator{}, refused, err
	}
	existing, v := w.judge(found)
	if v != refused {
		return existing, v, nil
	}
	indicators.Fresh()
	if found, err = indicators.Find(ctx, w.want.IndicatorType, w.want.IndicatorValue); err != nil {
		return mde.Indicator{}, refused, err
	}
	existing, v = w.judge(found)
	return existing, v, nil
}

func atValue() path.Path { return path.Root("indicator_value") }

// existsAlready is the error of a refused write.
func existsAlready(existing mde.Indicator) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(atValue(), "Indicator exists already", refusal(existing))
}

// refusal says what is there already and how to go on.
func refusal(existing mde.Indicator) string {
	return fmt.Sprintf(`The tenant already holds %s. It is not overwritten unasked. To manage it with this resource, import it, with the resource's own name in the place of "example":

import {
  to = mde_indicator.example
  id = %q
}

To take it over and overwrite its settings, set adopt_existing to true. If another resource is giving it up, apply again.`, describe(existing), existing.ID)
}

// takenOver warns of a record that was taken into the state although this
// resource has not created it.
func takenOver(existing mde.Indicator, v verdict) diag.Diagnostics {
	var why string
	switch v {
	case equal:
		why = "It equals the configuration in everything and was taken into the state as it is, as after an apply that was interrupted."
	case moved:
		why = "It has the same application and was taken over, as from another resource that gives it up."
	default:
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(atValue(), "Indicator taken over", fmt.Sprintf("The tenant already held %s. %s", describe(existing), why))}
}

// leaves tells of records that another resource has taken over in an earlier
// apply, which ended before this one could give them up.
func leaves(what string, values []string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Indicators of another resource", fmt.Sprintf("%s what another resource of this configuration has taken over since, in an apply that ended early or was limited to a target:%s", what, listed(values)))
}

// rewrites tells the same from the other's side.
func rewrites(what string, values []string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Indicators are written anew", fmt.Sprintf("%s what another resource is to delete, which had it before an apply that ended early or was limited to a target. It is written anew, so that it outlasts the other:%s", what, listed(values)))
}

// describe names a record and what tells it from another.
func describe(record mde.Indicator) string {
	text := fmt.Sprintf("%s with the action %s (id %s, title %q", record.IndicatorValue, record.Action, record.ID, record.Title)
	if record.Application != "" {
		text += fmt.Sprintf(", application %q", record.Application)
	}
	if by := record.CreatedByDisplayName; by != "" {
		text += ", created by " + by
	}
	if at := record.CreationTimeDateTimeUTC; !at.IsZero() {
		text += " on " + at.UTC().Format(time.DateOnly)
	}
	return text + ")"
}
