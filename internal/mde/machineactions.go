package mde

import (
	"context"
	"iter"
	"strings"
	"time"
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
	ErrorHResult            int32           `json:"errorHResult"`
	RequestSource           string          `json:"requestSource"`
	Commands                []ActionCommand `json:"commands"`
	TroubleshootInfo        string          `json:"troubleshootInfo"`
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
	client *Client
}

// Get returns the action with that id. Concurrent calls share one list call.
// https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineaction-object
func (s *MachineActions) Get(ctx context.Context, id string) (MachineAction, error) {
	panic("contract")
}

// List yields the actions that match the OData filter, all when it is empty.
// https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineactions-collection
func (s *MachineActions) List(ctx context.Context, filter string) iter.Seq2[MachineAction, error] {
	panic("contract")
}

// Cancel stops a pending or running action. An action that can no longer be
// cancelled is an error that is [ErrInvalid].
// https://learn.microsoft.com/en-us/defender-endpoint/api/cancel-machine-action
func (s *MachineActions) Cancel(ctx context.Context, id, comment string) (MachineAction, error) {
	panic("contract")
}
