package liveresponse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// engine starts runs, waits for them and collects what they leave. It knows
// nothing of Terraform's states and plans.
type engine struct {
	runs    runs
	actions actions
	library library
}

// runs, actions and library are what the engine asks of the client's services.
type runs interface {
	Run(ctx context.Context, run mde.RunRequest) (mde.MachineAction, error)
	ResultLink(ctx context.Context, actionID string, index int) (string, error)
	Download(ctx context.Context, link string, limit int64) (mde.Download, error)
}

type actions interface {
	Poll(ctx context.Context, id string, interval time.Duration) (mde.MachineAction, error)
	ByID(ctx context.Context, id string) (mde.MachineAction, error)
	RecentRuns(ctx context.Context, within time.Duration) ([]mde.MachineAction, error)
	FreshRuns(ctx context.Context, within time.Duration) ([]mde.MachineAction, error)
	Cancel(ctx context.Context, id, comment string) (mde.MachineAction, error)
	Claim(id string) (release func(), err error)
	Claimed(id string) bool
	AwaitClaims(ctx context.Context)
	WasDestroyed(name string) bool
	Reserve(ctx context.Context) (free func(), waited bool, err error)
	Occupy(action mde.MachineAction)
}

type library interface {
	FreshSince(t time.Time)
	Get(ctx context.Context, fileName string) (mde.LibraryFile, error)
	JustUploaded(fileName string) bool
}

// start is a run that is to be started, exactly once.
type start struct {
	request mde.RunRequest
	marker  string
	pins    []pin
	// after is when the service accepted the run that this one follows: older
	// ones with the same marker are history and no lost start.
	after                      time.Time
	resumeWithin, queueTimeout time.Duration
	// admit may forbid the start. It is asked once, and not for a run that is
	// taken over; nil forbids nothing.
	admit func() error
}

// pin binds a run to the content of a library file.
type pin struct{ file, sha256 string }

var (
	errInterrupted = errors.New("interrupted")
	errQueue       = errors.New("no start slot in time")
	errSessions    = errors.New("as many live response runs are going on as rate_limits.concurrent_live_response_runs allows")
	errPin         = errors.New("the library does not hold the pinned content")
	errUnlisted    = errors.New("the library does not list yet what this apply has uploaded")
	errUnsettled   = errors.New("the answer to a start was lost, and the service's list may not show its effect yet")
)

const (
	// answerGrace is how long an interruption waits for an answer under way.
	answerGrace = time.Second
	// maxLostAnswers is how many starts in a row may go unanswered.
	maxLostAnswers = 5
	// justBefore is how old the look at the library may be that a start relies
	// on: starts that set out together share one.
	justBefore = 2 * time.Second
	// settling is how long the effect of a start whose answer was lost is looked
	// for before the start is sent again: lists may lag.
	settling = 20 * time.Second
)

// start returns the action of the run: one that carries its marker and whose
// id got lost, or else a new one. Every attempt begins with a look for the
// marker, so that a start whose answer was lost is not sent again.
func (e engine) start(ctx context.Context, s start) (action mde.MachineAction, takenOver bool, err error) {
	queue, cancel := context.WithTimeoutCause(ctx, s.queueTimeout, errQueue)
	defer cancel()
	slot := slot{limit: s.queueTimeout}
	defer slot.leave()
	look, past := e.actions.RecentRuns, history{seen: map[string]bool{}}
	for {
		found, err := sessions(queue, look, s)
		if err != nil {
			return mde.MachineAction{}, false, slot.ended(queue, err)
		}
		if action, own, ok := e.takeOver(queue, found, s, past); ok {
			return action, !own, nil
		}
		past.note(found)
		look = e.actions.FreshRuns // No other shows what our own starts may have done.
		reason := blocker(found)
		if reason == nil {
			reason = slot.unsettled()
		}
		if reason == nil {
			if waited, err := slot.enter(queue, e.actions); err != nil {
				return mde.MachineAction{}, false, slot.ended(queue, err)
			} else if waited {
				continue // What was seen is old by now.
			}
			past.send()
			action, reason = e.run(queue, &s)
		}
		if reason == nil {
			if _, reason = e.actions.Claim(action.ID); reason == nil {
				e.actions.Occupy(action)
				return action, false, nil
			}
		}
		if err := slot.wait(queue, reason); err != nil {
			return mde.MachineAction{}, false, err
		}
	}
}

// admitOnce asks whether the run may be started, the first time.
func (s *start) admitOnce() error {
	admit := s.admit
	s.admit = nil
	if admit == nil {
		return nil
	}
	return admit()
}

// run sends the start, once the quota lets it and what it is bound to holds
// then. An interruption leaves the answer a moment to arrive.
func (e engine) run(ctx context.Context, s *start) (mde.MachineAction, error) {
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var sent atomic.Bool
	defer context.AfterFunc(ctx, func() {
		if !sent.Load() {
			cancel()
			return
		}
		time.AfterFunc(answerGrace, cancel)
	})()
	var refusal error
	request := s.request
	request.Ready = func(context.Context) error {
		if refusal = e.verify(ctx, s.pins); refusal == nil {
			refusal = s.admitOnce()
		}
		sent.Store(refusal == nil)
		return refusal
	}
	action, err := e.runs.Run(sending, request)
	if refusal != nil {
		return mde.MachineAction{}, refusal
	}
	return action, err
}

// sessions are the live-response actions on the machine, the newest first.
func sessions(ctx context.Context, look func(context.Context, time.Duration) ([]mde.MachineAction, error), s start) ([]mde.MachineAction, error) {
	runs, err := look(ctx, max(s.resumeWithin, s.queueTimeout))
	if err != nil {
		return nil, &failedCall{looking(s.request.MachineID), err}
	}
	return slices.DeleteFunc(slices.Clone(runs), func(a mde.MachineAction) bool { return !strings.EqualFold(a.MachineID, s.request.MachineID) }), nil
}

// resumable looks for a run that a start would take over, and for one that it
// would take over if no other resource held it. Before it calls a run nobody's,
// it gives all resources the time to claim theirs.
func (e engine) resumable(ctx context.Context, s start) (free, held *mde.MachineAction, err error) {
	found, err := sessions(ctx, e.actions.RecentRuns, s)
	if err != nil {
		return nil, nil, err
	}
	found = slices.DeleteFunc(found, func(a mde.MachineAction) bool { return !e.resumes(s, a) })
	unclaimed := func() int {
		return slices.IndexFunc(found, func(a mde.MachineAction) bool { return !e.actions.Claimed(a.ID) })
	}
	if unclaimed() >= 0 {
		e.actions.AwaitClaims(ctx)
	}
	if i := unclaimed(); i >= 0 {
		return &found[i], nil, nil
	}
	if len(found) > 0 {
		return nil, &found[0], nil
	}
	return nil, nil, nil
}

// resumes tells whether a start may go on with an action that was there before.
// A resource that this apply has destroyed is replaced, which runs again.
func (e engine) resumes(s start, action mde.MachineAction) bool {
	return s.marks(action) && s.follows(action) && s.resumes(action) && !e.actions.WasDestroyed(s.marker) && !e.actions.WasDestroyed(action.ID)
}

// history is what was there before a run's first start was sent.
type history struct {
	seen map[string]bool
	// sent is when that was, by this machine's clock; zero before.
	sent time.Time
}

// note adds what a look has found, as long as nothing of it can be our own.
func (h *history) note(found []mde.MachineAction) {
	if !h.sent.IsZero() {
		return
	}
	for _, action := range found {
		h.seen[action.ID] = true
	}
}

func (h *history) send() {
	if h.sent.IsZero() {
		h.sent = time.Now()
	}
}

// holds tells whether the action cannot be the effect of one of our own starts.
// That it was not seen before does not make it one: lists lag.
func (h *history) holds(action mde.MachineAction) bool {
	return h.sent.IsZero() || h.seen[action.ID] || action.CreationDateTimeUTC.Before(h.sent.Add(-mde.ClockSkew))
}

// takeOver claims an action of this run: the effect of a start whose answer was
// lost, or one to resume. Before it takes one that was there before, it lets the
// deletions of this apply speak: one that is destroyed is to run again.
func (e engine) takeOver(ctx context.Context, found []mde.MachineAction, s start, past history) (action mde.MachineAction, own, ok bool) {
	for _, action := range found {
		own := e.started(s, action, past)
		if !own && e.resumes(s, action) {
			e.actions.AwaitClaims(ctx)
		}
		if !own && !e.resumes(s, action) {
			continue
		}
		if _, err := e.actions.Claim(action.ID); err == nil {
			e.actions.Occupy(action)
			return action, own, true
		}
	}
	return mde.MachineAction{}, false, false
}

// started tells whether the action is the effect of one of our own starts. Where
// this apply has destroyed a resource with the same marker, its replacement's
// starts carry that too; so only the action's own id counts.
func (e engine) started(s start, action mde.MachineAction, past history) bool {
	return s.marks(action) && s.follows(action) && !past.holds(action) && !e.actions.WasDestroyed(action.ID)
}

// marks tells whether the action carries the marker of this run. A comment may
// quote another's; its own comes last.
func (s start) marks(action mde.MachineAction) bool {
	return lastMarker(action.RequestorComment) == s.marker
}

// follows tells whether the action is no history.
func (s start) follows(action mde.MachineAction) bool {
	return action.CreationDateTimeUTC.After(s.after)
}

// resumes tells whether the action is worth going on with: unfinished or
// succeeded, and young enough.
func (s start) resumes(action mde.MachineAction) bool {
	return (!action.Done() || strings.EqualFold(action.Status, mde.StatusSucceeded)) && time.Since(action.CreationDateTimeUTC) < s.resumeWithin
}

// blocker is the unfinished session that a start would be refused for: asking
// would only cost one of the few starts a minute.
func blocker(found []mde.MachineAction) error {
	for _, action := range found {
		if !action.Done() {
			return fmt.Errorf("%w: live response action %s is %s on the machine", mde.ErrActiveRequest, action.ID, action.Status)
		}
	}
	return nil
}

// verify makes sure that the library holds exactly what was reviewed.
func (e engine) verify(ctx context.Context, pins []pin) error {
	if len(pins) > 0 {
		e.library.FreshSince(time.Now().Add(-justBefore))
	}
	for _, pin := range pins {
		file, err := e.library.Get(ctx, pin.file)
		switch {
		case err == nil && strings.EqualFold(file.SHA256, pin.sha256):
		case (err == nil || errors.Is(err, mde.ErrNotFound)) && e.library.JustUploaded(pin.file):
			return fmt.Errorf("%w: %q", errUnlisted, pin.file)
		case err != nil:
			return &failedCall{pinning(pin.file), err}
		default:
			return fmt.Errorf("%w: %q has the sha256 %s instead of %s", errPin, pin.file, strings.ToLower(file.SHA256), pin.sha256)
		}
	}
	return nil
}

// failedCall is the failure of a call that prepares a start.
type failedCall struct {
	op  tfdiag.Operation
	err error
}

func (e *failedCall) Error() string { return e.err.Error() }

func (e *failedCall) Unwrap() error { return e.err }

// slot is the wait for a start slot: its bound, the place among the sessions
// once there is one, and how often the service has left starts unanswered in a
// row.
type slot struct {
	limit time.Duration
	free  func()
	pause time.Duration
	lost  int
	// lostAt is when the last start went unanswered.
	lostAt time.Time
	last   error
}

// enter takes a place among the sessions, unless the slot has one.
func (s *slot) enter(ctx context.Context, actions actions) (waited bool, err error) {
	if s.free != nil {
		return false, nil
	}
	s.free, waited, err = actions.Reserve(ctx)
	if err != nil {
		s.last = errSessions
	}
	return waited, err
}

// leave gives the place back.
func (s *slot) leave() {
	if s.free != nil {
		s.free()
		s.free = nil
	}
}

// unsettled is the reason not to start yet after an answer was lost.
func (s *slot) unsettled() error {
	if s.lostAt.IsZero() || time.Since(s.lostAt) >= settling {
		return nil
	}
	return errUnsettled
}

// wait sits out the reason for which a run could not be started. It returns
// an error when the reason does not pass, or the time is up.
func (s *slot) wait(ctx context.Context, reason error) error {
	s.last = reason
	if err := ctx.Err(); err != nil {
		return s.ended(ctx, reason)
	}
	if !s.passes(reason) {
		return reason
	}
	if errors.Is(reason, mde.ErrActiveRequest) {
		s.leave() // Others can use the place while this machine is busy.
	}
	pause := s.next(reason)
	tflog.Info(ctx, "waiting for a live response start slot", map[string]any{"reason": reason.Error(), "wait": pause.String()})
	if err := sleep(ctx, pause); err != nil {
		return s.ended(ctx, reason)
	}
	return nil
}

// passes tells whether waiting can help.
func (s *slot) passes(reason error) bool {
	if errors.Is(reason, errUnsettled) || errors.Is(reason, errUnlisted) {
		return true
	}
	unsent := errors.Is(reason, mde.ErrUnreachable)
	if !unsent && !errors.Is(reason, mde.ErrOutcomeUnknown) && !errors.Is(reason, mde.ErrUnavailable) {
		s.lost = 0
		return errors.Is(reason, mde.ErrActiveRequest) || errors.Is(reason, mde.ErrThrottled) || errors.Is(reason, mde.ErrClaimed)
	}
	s.lost++
	if !unsent {
		s.lostAt = time.Now()
	}
	return s.lost < maxLostAnswers
}

// next is how long to wait: as long as the service asks, else from 2 seconds up
// to 15, or to a minute where asking again costs a start.
func (s *slot) next(reason error) time.Duration {
	longest := longestInterval
	var api *mde.Error
	refused := errors.As(reason, &api)
	if refused {
		longest = longestRefusal
	}
	s.pause = longer(s.pause, longest)
	if refused && api.RetryAfter > 0 {
		return api.RetryAfter
	}
	return s.pause
}

// ended tells why there is no start: the user's interruption, the queue's
// bound with what it waited for, or the failure itself.
func (s *slot) ended(ctx context.Context, err error) error {
	switch {
	case ctx.Err() == nil:
		return err
	case !errors.Is(context.Cause(ctx), errQueue):
		return fmt.Errorf("%w while waiting for a start slot: %w", errInterrupted, err)
	case s.last != nil:
		err = s.last
	}
	return fmt.Errorf("%w: waited %s (queue_timeout): %w", errQueue, s.limit, err)
}
