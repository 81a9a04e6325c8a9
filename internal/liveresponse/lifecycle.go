package liveresponse

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/guardrail"
	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// failed records a failure that was judged.
type failed func(m *model, failure string, diags *diag.Diagnostics)

// judgement is how an ended run is judged.
type judgement struct {
	fail failed
	// awaited tells that the run's end was waited for.
	awaited bool
}

// ending says how long to wait for the end of a run, and what Terraform does
// after a failure.
type ending struct {
	within time.Duration
	advice string
}

const (
	failureSummary = "Live response run failed"

	// adviceCreate and adviceUpdate tell what follows a failed apply: an error
	// taints what was to be created, and leaves alone what was to be updated.
	adviceCreate = "Terraform has marked the resource as tainted: the next apply runs it again. To keep the run as it is, use terraform untaint."
	adviceUpdate = "The run is recorded in the state and does not run again by itself. To run it again, change triggers or apply with -replace."
)

// fail fails the apply where on_failure says so.
func (e ending) fail(m *model, failure string, diags *diag.Diagnostics) {
	if m.OnFailure.ValueString() == onFailureFail {
		diags.AddError(failureSummary, failure+"\n\n"+e.advice+" To record failures without failing the apply, set on_failure = \"continue\".")
	}
}

// seen tells of a failure that fails nothing.
func seen(_ *model, failure string, diags *diag.Diagnostics) {
	diags.AddWarning(failureSummary, failure)
}

// seenFailure is what a refresh does with a failure. It leaves one that an
// apply still has to judge as it is: the next plan shows the update that does.
func seenFailure(state *model, memory *memory) failed {
	judge := state.WaitForCompletion.ValueBool() && state.OnFailure.ValueString() == onFailureFail && !memory.Imported
	return func(m *model, failure string, diags *diag.Diagnostics) {
		seen(m, failure, diags)
		if judge {
			m.Succeeded = types.BoolNull()
		}
	}
}

// start starts the run, or takes it over from an apply that was killed, and
// records its id in the model.
func (r *runResource) start(ctx context.Context, m *model, after time.Time, diags *diag.Diagnostics) (mde.MachineAction, bool) {
	s, err := m.toAPI()
	if err != nil {
		diags.AddError("Could not start live response run", err.Error())
		return mde.MachineAction{}, false
	}
	s.after, s.admit = after, r.admit(m)
	action, takenOver, err := r.engine().start(ctx, s)
	if err != nil {
		diags.Append(startError(s, err))
		return mde.MachineAction{}, false
	}
	if takenOver {
		diags.AddWarning("An earlier live response run was taken over", fmt.Sprintf("The same run was started at %s as action %s, by an earlier apply, which seems not to have recorded it. Nothing was started. To run it again, change triggers.",
			action.CreationDateTimeUTC.UTC().Format(time.RFC3339), action.ID))
	}
	m.fromAPI(action, nil)
	return action, true
}

// startError is the diagnostic of a run that could not be started.
func startError(s start, err error) diag.Diagnostic {
	var call *failedCall
	var refusal *guardrail.Refusal
	switch {
	case errors.As(err, &refusal):
		return diag.NewErrorDiagnostic(refusal.Summary(), refusal.Error()+"\n\nNothing was run.")
	case errors.Is(err, errInterrupted):
		return diag.NewErrorDiagnostic("Live response run not started", "The apply was interrupted before the service confirmed a start: "+err.Error()+".\n\nApply again: a start that did arrive is found and not repeated.")
	case errors.Is(err, errPin):
		return diag.NewErrorDiagnostic("Live response run not started", "The run is bound to a file version, but "+err.Error()+".\n\nNothing was run. Put the reviewed file back, or review the new one and change sha256.")
	case errors.As(err, &call):
		return tfdiag.Error(call.op, call.err)
	}
	return tfdiag.Error(starting(s.request.MachineID), err)
}

// replace runs again: what is left of the old run is cancelled first.
func (r *runResource) replace(ctx context.Context, plan, state *model, after time.Time, diags *diag.Diagnostics) (mde.MachineAction, bool) {
	r.abandon(ctx, state, "Cancelled by Terraform: the run is replaced by a new one.", diags)
	if diags.HasError() {
		return mde.MachineAction{}, false
	}
	return r.start(ctx, plan, after, diags)
}

// resume goes on waiting for a run that the state knows as unfinished. One that
// was accepted a moment ago may be invisible yet.
func (r *runResource) resume(ctx context.Context, plan, state *model, accepted time.Time, end ending, diags *diag.Diagnostics) {
	plan.keep(state)
	known := mde.MachineAction{ID: state.ID.ValueString(), MachineID: state.MachineID.ValueString(), Status: state.Status.ValueString(), CreationDateTimeUTC: accepted}
	action, err := r.Client.MachineActions.Get(ctx, known.ID)
	missing := errors.Is(err, mde.ErrNotFound)
	switch {
	case missing && (time.Since(accepted) > visibilityLag || known.Done()):
		r.vanished(plan, end, diags)
	case missing:
		r.finish(ctx, plan, known, end, diags)
	case err != nil:
		diags.AddWarning("Live response run not finished", unfinished(known, err))
	default:
		r.finish(ctx, plan, action, end, diags)
	}
}

// vanished settles a run whose end will never be known.
func (r *runResource) vanished(m *model, end ending, diags *diag.Diagnostics) {
	r.Client.MachineActions.Vacate(m.ID.ValueString())
	m.Succeeded = types.BoolValue(false)
	end.fail(m, fmt.Sprintf("The service no longer knows action %s, last seen as %s: how it ended is unknown.", m.ID.ValueString(), m.Status.ValueString()), diags)
}

// finish waits for the end of the run where that is wanted, and records it.
func (r *runResource) finish(ctx context.Context, m *model, action mde.MachineAction, end ending, diags *diag.Diagnostics) {
	m.fromAPI(action, nil)
	if !m.WaitForCompletion.ValueBool() {
		if action.Done() {
			r.conclude(ctx, m, action, judgement{fail: seen}, diags)
		}
		return
	}
	awaited := !action.Done()
	action, err := r.engine().wait(ctx, action, bounds{pending: m.PendingTimeout.Or(0), total: end.within})
	m.fromAPI(action, nil)
	switch {
	case err == nil:
		r.conclude(ctx, m, action, judgement{fail: end.fail, awaited: awaited}, diags)
	case errors.Is(err, errTooLong), errors.Is(err, errNotStarted):
		r.giveUp(ctx, m, action, err, end, diags)
	case errors.Is(err, errVanished):
		r.vanished(m, end, diags)
	default:
		diags.AddWarning("Live response run not finished", unfinished(action, err))
	}
}

// unfinished describes a run that goes on without anybody waiting.
func unfinished(action mde.MachineAction, why error) string {
	return fmt.Sprintf("Action %s on machine %s is %s and was left alone: %s.\n\nThe state holds its id. The next apply goes on waiting for it and starts nothing.", action.ID, action.MachineID, action.Status, why)
}

// conclude fetches the results of a terminal action and judges it. An outcome
// that could not be told yet is left to the next refresh or apply.
func (r *runResource) conclude(ctx context.Context, m *model, action mde.MachineAction, by judgement, diags *diag.Diagnostics) {
	judged, err := r.engine().collect(ctx, action, collection{directory: m.ResultsDirectory.ValueString(), pins: m.pins(), awaited: by.awaited})
	if err != nil {
		diags.AddWarning("Results of the live response run not fetched", fmt.Sprintf("Action %s has ended as %s, but its outcome could not be told: %s.\n\nThe next apply fetches them and starts nothing.", action.ID, action.Status, err))
		return
	}
	m.fromAPI(action, judged)
	for _, remark := range judged.remarks {
		diags.AddWarning("Result of the live response run", "Action "+action.ID+", "+remark)
	}
	if judged.failure != "" {
		by.fail(m, judged.failure, diags)
	}
}

// giveUp ends a wait that took too long, as on_timeout says.
func (r *runResource) giveUp(ctx context.Context, m *model, action mde.MachineAction, why error, end ending, diags *diag.Diagnostics) {
	limit := "timeouts"
	if errors.Is(why, errNotStarted) {
		limit = "pending_timeout"
	}
	if m.OnTimeout.ValueString() == onTimeoutLeave {
		diags.AddWarning("Live response run not finished", unfinished(action, fmt.Errorf("%w (%s)", why, limit)))
		return
	}
	ended, err := r.engine().cancel(ctx, action, "Cancelled by Terraform: "+why.Error()+".")
	m.fromAPI(ended, nil)
	what := fmt.Sprintf("Action %s on machine %s was still %s: %s (%s).", action.ID, action.MachineID, action.Status, why, limit)
	switch {
	case err != nil:
		diags.AddError("Live response run timed out", fmt.Sprintf("%s Cancelling it failed: %s.\n\n%s", what, err, end.advice))
	case strings.EqualFold(ended.Status, mde.StatusCancelled):
		m.fromAPI(ended, &outcome{failure: what})
		diags.AddError("Live response run timed out", fmt.Sprintf("%s It was cancelled.\n\n%s To give it more time, raise %s; to let it go on without waiting, set on_timeout = \"leave\".", what, end.advice, limit))
	default:
		r.conclude(ctx, m, ended, judgement{fail: end.fail, awaited: true}, diags) // It has ended by itself in the meantime.
	}
}

// abandon cancels an unfinished run. One that has ended, can no longer be
// cancelled or is gone needs nothing.
func (r *runResource) abandon(ctx context.Context, state *model, comment string, diags *diag.Diagnostics) {
	if done(state.Status) {
		return
	}
	id := state.ID.ValueString()
	_, err := r.Client.MachineActions.Cancel(ctx, id, comment)
	if err != nil && !errors.Is(err, mde.ErrNotFound) && !errors.Is(err, mde.ErrInvalid) {
		diags.Append(tfdiag.Error(cancelling(id), err))
	}
}
