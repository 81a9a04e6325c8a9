package mde

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

// Types of live-response commands, in the order in which the API takes them.
const (
	CommandPutFile   = "PutFile"
	CommandRunScript = "RunScript"
	CommandGetFile   = "GetFile"
)

// Keys of command parameters.
const (
	ParamFileName   = "FileName"
	ParamScriptName = "ScriptName"
	ParamArgs       = "Args"
	ParamPath       = "Path"
)

// Command is one step of a live-response run.
type Command struct {
	Type   string         `json:"type"`
	Params []CommandParam `json:"params"`
}

// CommandParam is one parameter of a [Command].
type CommandParam struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// RunRequest starts a live-response run.
type RunRequest struct {
	MachineID string    `json:"-"`
	Commands  []Command `json:"Commands"`
	Comment   string    `json:"Comment"`
	// Ready, which may be nil, is asked when the quota lets the run start. Its
	// error keeps it from being started.
	Ready func(context.Context) error `json:"-"`
}

// ErrUnreachable matches a start that found no connection, of which nothing was
// sent.
var ErrUnreachable = errors.New("the service cannot be reached")

// LiveResponse starts runs and fetches their results.
type LiveResponse struct {
	client    *Client
	announced announced
}

// Run starts a run and returns the action. It is sent once: a refusal because
// of another session is [ErrActiveRequest], 429 is [ErrThrottled], and a
// request whose outcome is not known is [ErrOutcomeUnknown]; the caller
// settles it by looking for its action. Without a connection it is
// [ErrUnreachable].
// https://learn.microsoft.com/en-us/defender-endpoint/api/run-live-response
func (s *LiveResponse) Run(ctx context.Context, run RunRequest) (MachineAction, error) {
	var action MachineAction
	err := s.client.do(ctx, call{
		op:     "start live response",
		method: http.MethodPost,
		path:   []string{"api", "machines", run.MachineID, "runliveresponse"},
		body:   run,
		traits: transport.Traits{Family: transport.FamilyRun, Replay: transport.ReplayNever, Ready: run.Ready},
	}, &action)
	var failed *Error
	var network *net.OpError
	if errors.As(err, &failed) && errors.As(err, &network) && network.Op == "dial" {
		failed.Err = fmt.Errorf("%w: %w", ErrUnreachable, failed.Err)
	}
	if err == nil && action.ID == "" {
		err = &Error{Op: "start live response", Err: fmt.Errorf("%w: the answer names no action", ErrOutcomeUnknown)}
	}
	return action, err
}

// ResultLink returns a fresh link, valid for 30 minutes, to the result of the
// command with that index. The link is a credential.
// https://learn.microsoft.com/en-us/defender-endpoint/api/get-live-response-result
func (s *LiveResponse) ResultLink(ctx context.Context, actionID string, index int) (string, error) {
	var link struct {
		Value string `json:"value"`
	}
	function := fmt.Sprintf("GetLiveResponseResultDownloadLink(index=%d)", index)
	err := s.client.do(ctx, call{op: "get live response result link", method: http.MethodGet, path: actionPath(actionID, function), traits: safe}, &link)
	if err == nil && link.Value == "" {
		err = &Error{Op: "get live response result link", Err: errors.New("the answer holds no link")}
	}
	return link.Value, err
}
