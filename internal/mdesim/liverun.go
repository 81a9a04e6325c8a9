package mdesim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Statuses of an action.
const (
	statusPending    = "Pending"
	statusInProgress = "InProgress"
	statusSucceeded  = "Succeeded"
	statusFailed     = "Failed"
	statusTimeOut    = "TimeOut"
	statusCancelled  = "Cancelled"
)

// Statuses of a command.
const (
	commandCreated   = "Created"
	commandCompleted = "Completed"
	commandFailed    = "Failed"
)

// HRESULTs of failed actions.
const (
	resultFileNotFound = -2147024894 // 0x80070002
	resultFail         = -2147467259 // E_FAIL
	resultTimeout      = -2145844840 // HTTP 408, as recorded
	resultAborted      = -2147467260 // E_ABORT, as recorded
)

const (
	// offlineLife is how long a run waits for its device.
	offlineLife = 72 * time.Hour
	// scriptLife is how long a script may take.
	scriptLife = 10 * time.Minute
)

const liveResponse = "LiveResponse"

// run is a machine action and, if it is an unfinished live-response run, what
// happens to it next.
type run struct {
	Action MachineAction `json:"action"`
	// Due is when the next thing happens; zero while the device is offline and
	// once the action is terminal.
	Due time.Time `json:"due"`
	// Next is the index of the command that is running or comes next.
	Next int `json:"next"`
	// Outcome is the terminal status that a settling run will have.
	Outcome string `json:"outcome"`
	// Current is what the running command will come to.
	Current outcome `json:"current"`
	// Results of the commands that have one, by index.
	Results map[int]result `json:"results"`
}

// outcome is what a command comes to at its end.
type outcome struct {
	Status  string   `json:"status"`
	Errors  []string `json:"errors"`
	HResult int32    `json:"hresult"`
	Result  *result  `json:"result"`
}

// result is a file in the storage of results.
type result struct {
	Name    string `json:"name"`
	Content []byte `json:"content"`
}

func (r *run) unfinished() bool {
	return r.Action.Status == statusPending || r.Action.Status == statusInProgress
}

// start accepts a run for a machine that has none unfinished.
func (t *tenant) start(machineID string, commands []Command, comment string, by caller) (MachineAction, error) {
	now, leave := t.enter()
	defer leave()
	machine, ok := t.Machines[strings.ToLower(machineID)]
	if !ok {
		return MachineAction{}, noMachine(machineID)
	}
	if t.busy(machine.ID) {
		return MachineAction{}, badRequest("ActiveRequestAlreadyExists", "Action is already in progress")
	}
	if limit := t.options.Quotas.ConcurrentRuns; limit > 0 && t.sessions() >= limit {
		return MachineAction{}, refuse(http.StatusTooManyRequests, "TooManyRequests", "There are already %d live response sessions in progress.", limit)
	}
	r := &run{Action: MachineAction{
		ID: newGUID(), Type: liveResponse, Requestor: by.appID, RequestorComment: comment, Status: statusPending,
		MachineID: machine.ID, ComputerDNSName: machine.ComputerDNSName, CreationDateTimeUTC: now, LastUpdateDateTimeUTC: now,
		RequestSource: "PublicApi",
	}}
	for index, command := range commands {
		r.Action.Commands = append(r.Action.Commands, ActionCommand{Index: index, CommandStatus: commandCreated, Command: command})
	}
	if t.online(machine.ID) {
		r.Due = now.Add(t.options.Timing.Start)
	}
	t.Runs = append(t.Runs, r)
	return cloneAction(r.Action), nil
}

func (t *tenant) online(machineID string) bool {
	machine, known := t.Machines[machineID]
	return known && !t.Offline[machineID] && machine.HealthStatus != "Inactive"
}

func (t *tenant) busy(machineID string) bool {
	return t.PortalSessions[machineID] > 0 || slices.ContainsFunc(t.Runs, func(r *run) bool {
		return r.Action.MachineID == machineID && r.unfinished() && r.Action.Type == liveResponse
	})
}

func (t *tenant) sessions() int {
	n := 0
	for _, r := range t.Runs {
		if r.unfinished() && r.Action.Type == liveResponse {
			n++
		}
	}
	return n
}

// proceed lets everything happen to a run that is due by now.
func (t *tenant) proceed(r *run, now time.Time) {
	if r.Action.Type != liveResponse {
		return
	}
	for r.unfinished() {
		deadline := r.Action.CreationDateTimeUTC.Add(offlineLife)
		waiting := r.Due.IsZero() || r.Action.Status == statusPending && r.Due.After(deadline)
		switch {
		case waiting && !now.Before(deadline):
			r.end(statusTimeOut, deadline, resultTimeout)
		case waiting || now.Before(r.Due):
			return
		default:
			t.step(r)
		}
	}
}

// step takes a run over the moment that is due.
func (t *tenant) step(r *run) {
	at := r.Due
	switch {
	case r.Action.Status == statusPending:
		r.Action.Status = statusInProgress
		t.begin(r, at)
	case r.Outcome != "":
		r.end(r.Outcome, at, r.Current.HResult)
	default:
		t.finish(r, at)
	}
	r.Action.LastUpdateDateTimeUTC = at
}

// begin starts the next command.
func (t *tenant) begin(r *run, at time.Time) {
	command := &r.Action.Commands[r.Next]
	var took time.Duration
	r.Current, took = t.execute(r, command.Command, at)
	if r.Current.Status != commandCreated {
		command.StartTime = &at
	}
	r.Due = at.Add(took)
}

// finish ends the running command; a failed one is the last.
func (t *tenant) finish(r *run, at time.Time) {
	command := &r.Action.Commands[r.Next]
	command.CommandStatus, command.Errors = r.Current.Status, r.Current.Errors
	if r.Current.Status != commandCreated {
		command.EndTime = &at
	}
	if r.Current.Result != nil {
		if r.Results == nil {
			r.Results = map[int]result{}
		}
		r.Results[r.Next] = *r.Current.Result
	}
	r.Next++
	switch {
	case r.Current.Status != commandCompleted:
		r.Outcome = t.options.FailedStatus
		r.Due = at.Add(t.options.Timing.Settle)
	case r.Next == len(r.Action.Commands):
		r.Outcome = statusSucceeded
		r.Due = at.Add(t.options.Timing.Settle)
	default:
		t.begin(r, at)
	}
}

// end makes the action terminal.
func (r *run) end(status string, at time.Time, hresult int32) {
	r.Action.Status, r.Action.ErrorHResult, r.Action.LastUpdateDateTimeUTC = status, hresult, at
	r.Due = time.Time{}
}

// cancel ends an unfinished action.
func (t *tenant) cancel(id, comment string, by caller) (MachineAction, error) {
	now, leave := t.enter()
	defer leave()
	r, err := t.find(id)
	if err != nil {
		return MachineAction{}, err
	}
	if !r.unfinished() {
		return MachineAction{}, badRequest("BadRequest", "The action %s is in status %s and can no longer be cancelled.", id, r.Action.Status)
	}
	r.end(statusCancelled, now, resultAborted)
	r.Action.CancellationRequestor, r.Action.CancellationComment, r.Action.CancellationDateTimeUTC = by.appID, comment, &now
	return cloneAction(r.Action), nil
}

// find returns the action with that id. The caller holds the lock.
func (t *tenant) find(id string) (*run, error) {
	index := slices.IndexFunc(t.Runs, func(r *run) bool { return strings.EqualFold(r.Action.ID, id) })
	if index < 0 {
		return nil, refuse(http.StatusNotFound, "ResourceNotFound", "Machine action %s was not found.", id)
	}
	return t.Runs[index], nil
}

func (t *tenant) action(id string) (MachineAction, error) {
	_, leave := t.enter()
	defer leave()
	r, err := t.find(id)
	if err != nil {
		return MachineAction{}, err
	}
	return cloneAction(r.Action), nil
}

// actions returns every machine action, newest first.
func (t *tenant) actions() []MachineAction {
	_, leave := t.enter()
	defer leave()
	actions := make([]MachineAction, 0, len(t.Runs))
	for _, r := range slices.Backward(t.Runs) {
		actions = append(actions, cloneAction(r.Action))
	}
	return actions
}

// cloneAction copies an action with its commands.
func cloneAction(action MachineAction) MachineAction {
	action.Commands = slices.Clone(action.Commands)
	return action
}
