package mde

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/coalesce"
)

// MachineAction is a live-response run or another action on a machine.
// https://learn.microsoft.com/en-us/defender-endpoint/api/machineaction
type MachineAction struct {
	// ID is a GUID.
	ID   string `json:"id"`
	Type string `json:"type"`
	// Status is an open vocabulary; see [MachineAction.Done].
	Status                  string          `json:"status"`
	Requestor               string          `json:"requestor"`
	RequestorComment        string          `json:"requestorComment"`
	MachineID               string          `json:"machineId"`
	ComputerDNSName         string          `json:"computerDnsName"`
	CreationDateTimeUTC     time.Time       `json:"creationDateTimeUtc"`
	LastUpdateDateTimeUTC   time.Time       `json:"lastUpdateDateTimeUtc"`
	CancellationRequestor   string          `json:"cancellationRequestor"`
	CancellationComment     string          `json:"cancellationComment"`
	CancellationDateTimeUTC *time.Time      `json:"cancellationDateTimeUtc"`
	ErrorHResult            HResult         `json:"errorHResult"`
	RequestSource           string          `json:"requestSource"`
	Commands                []ActionCommand `json:"commands"`
	TroubleshootInfo        string          `json:"troubleshootInfo"`
}

// HResult is a Windows error code as a signed number, 0 for none.
type HResult int32

// UnmarshalJSON takes an unsigned number for the signed one, and what is no
// number for none: an odd record must not spoil the list that all share.
func (h *HResult) UnmarshalJSON(data []byte) error {
	number, _ := strconv.ParseInt(string(data), 10, 64)
	*h = HResult(number)
	return nil
}

// ActionCommand is one command of a live-response action.
type ActionCommand struct {
	Index     int        `json:"index"`
	StartTime *time.Time `json:"startTime"`
	EndTime   *time.Time `json:"endTime"`
	// CommandStatus is an open vocabulary: Created, Completed, Failed, ...
	CommandStatus string   `json:"commandStatus"`
	Errors        []string `json:"errors"`
	Command       Command  `json:"command"`
}

// The terminal statuses of a machine action. Every other one means wait.
const (
	StatusSucceeded = "Succeeded"
	StatusFailed    = "Failed"
	StatusTimeOut   = "TimeOut"
	StatusCancelled = "Cancelled"
)

// ActionTypeLiveResponse is the type of live-response actions.
const ActionTypeLiveResponse = "LiveResponse"

// Done tells whether the action has reached a terminal status. Statuses compare
// without case, unknown ones mean wait.
func (a MachineAction) Done() bool {
	for _, status := range []string{StatusSucceeded, StatusFailed, StatusTimeOut, StatusCancelled, "Canceled"} {
		if strings.EqualFold(a.Status, status) {
			return true
		}
	}
	return false
}

// MachineActions reads and cancels machine actions.
type MachineActions struct {
	client    *Client
	reads     *coalesce.Group[string, MachineAction]
	polls     polls
	recent    *recentRuns
	sessions  sessions
	claimed   *claims[string]
	rollCall  rollCall
	destroyed *claims[string]
}

func newMachineActions(c *Client, concurrentRuns int) *MachineActions {
	s := &MachineActions{client: c, claimed: newClaims[string](), destroyed: newClaims[string]()}
	s.reads = coalesce.New(coalesce.Options{Idle: 20 * time.Millisecond, Longest: 200 * time.Millisecond, Size: actionsPerFilter}, s.getMany)
	s.polls.waiting = map[*poll]bool{}
	s.recent = newRecentRuns(s.listRuns)
	s.sessions = sessions{limit: concurrentRuns, going: map[string]bool{}}
	return s
}

func actionPath(more ...string) []string {
	return append([]string{"api", "machineactions"}, more...)
}

// actionsPerFilter is how many ids one filter names: a GUID and its operator
// are some 55 bytes, and the whole query stays under 8 kB.
const actionsPerFilter = 100

// errUnlisted is the [ErrNotFound] of a list, which may lag.
var errUnlisted = fmt.Errorf("%w", ErrNotFound)

// Get returns the action with that id. Concurrent calls share one list call; who
// is not in it is asked for by id.
// https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineaction-object
func (s *MachineActions) Get(ctx context.Context, id string) (MachineAction, error) {
	action, err := s.reads.Do(ctx, id)
	if errors.Is(err, errUnlisted) {
		return s.ByID(ctx, id)
	}
	return action, err
}

// ByID is Get by a call of its own.
func (s *MachineActions) ByID(ctx context.Context, id string) (MachineAction, error) {
	result := s.getMany(ctx, []string{id})[0]
	return result.Value, result.Err
}

func (s *MachineActions) getMany(ctx context.Context, ids []string) []coalesce.Result[MachineAction] {
	results := make([]coalesce.Result[MachineAction], len(ids))
	if len(ids) == 1 {
		results[0].Err = s.client.do(ctx, call{op: "read machine action", method: http.MethodGet, path: actionPath(ids[0]), traits: safe}, &results[0].Value)
		s.see(results[0].Value)
		return results
	}
	found := map[string]MachineAction{}
	for action, err := range s.List(ctx, anyOf("id", slices.Compact(slices.Sorted(slices.Values(ids))))) {
		if err != nil {
			for i := range results {
				results[i].Err = err
			}
			return results
		}
		found[strings.ToLower(action.ID)] = action
	}
	for i, id := range ids {
		action, ok := found[strings.ToLower(id)]
		results[i].Value = action
		if !ok {
			results[i].Err = &Error{Op: "read machine action", Err: fmt.Errorf("%q is %w", id, errUnlisted)}
		}
	}
	return results
}

// List yields the actions that match the OData filter, all when it is empty.
// https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineactions-collection
func (s *MachineActions) List(ctx context.Context, filter string) iter.Seq2[MachineAction, error] {
	return func(yield func(MachineAction, error) bool) {
		for action, err := range list[MachineAction](ctx, s.client, "list machine actions", actionPath(), filter) {
			s.see(action)
			if !yield(action, err) {
				return
			}
		}
	}
}

// Cancel stops a pending or running action. An action that can no longer be
// cancelled is an error that is [ErrInvalid].
// https://learn.microsoft.com/en-us/defender-endpoint/api/cancel-machine-action
func (s *MachineActions) Cancel(ctx context.Context, id, comment string) (MachineAction, error) {
	body := struct {
		Comment string `json:"Comment"`
	}{comment}
	var action MachineAction
	err := s.client.do(ctx, call{op: "cancel machine action", method: http.MethodPost, path: actionPath(id, "cancel"), body: body, traits: safe}, &action)
	if errors.Is(err, ErrOutcomeUnknown) {
		if now, unread := s.ByID(ctx, id); unread == nil && now.Done() {
			return now, nil
		}
	}
	s.see(action)
	return action, err
}

// Claim marks an action as started or taken over by one resource of this
// apply. The second claim of an id is [ErrClaimed]. The returned function takes
// the claim back.
func (s *MachineActions) Claim(id string) (release func(), err error) {
	s.rollCall.answer()
	return s.claimed.claim(strings.ToLower(id), id)
}

// Claimed tells whether a resource of this apply holds the action.
func (s *MachineActions) Claimed(id string) bool {
	_, ok := s.claimed.get(strings.ToLower(id))
	return ok
}

// AwaitClaims waits until all resources of a plan have had the time to claim
// their actions, which those beyond Terraform's parallelism have not. It ends
// with ctx.
func (s *MachineActions) AwaitClaims(ctx context.Context) {
	s.rollCall.await(ctx)
}

// Destroyed notes what a resource was known by that this apply has destroyed:
// the id of its action, or whatever else tells its runs from others.
func (s *MachineActions) Destroyed(name string) {
	s.rollCall.answer()
	_, _ = s.destroyed.claim(strings.ToLower(name), name) // Twice destroyed is destroyed.
}

// WasDestroyed tells whether this apply has destroyed a resource of that name.
func (s *MachineActions) WasDestroyed(name string) bool {
	_, ok := s.destroyed.get(strings.ToLower(name))
	return ok
}
