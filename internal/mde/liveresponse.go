package mde

import "context"

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
}

// LiveResponse starts runs and fetches their results.
type LiveResponse struct {
	client *Client
}

// Run starts a run and returns the action. It is sent once: a refusal because
// of another session is [ErrActiveRequest], 429 is [ErrThrottled], and a
// request whose outcome is not known is [ErrOutcomeUnknown]; the caller
// settles it by looking for its action.
// https://learn.microsoft.com/en-us/defender-endpoint/api/run-live-response
func (s *LiveResponse) Run(ctx context.Context, run RunRequest) (MachineAction, error) {
	panic("contract")
}

// ResultLink returns a fresh link, valid for 30 minutes, to the result of the
// command with that index. The link is a credential.
// https://learn.microsoft.com/en-us/defender-endpoint/api/get-live-response-result
func (s *LiveResponse) ResultLink(ctx context.Context, actionID string, index int) (string, error) {
	panic("contract")
}

// Download is a fetched result, gunzipped.
type Download struct {
	// Name as the storage gives it, without .gz; empty when it gives none.
	Name string
	Data []byte
	// Truncated tells that the result was larger than the bound.
	Truncated bool
}

// Download fetches a result link without the bearer token, gunzips it and
// keeps at most limit bytes.
func (s *LiveResponse) Download(ctx context.Context, link string, limit int64) (Download, error) {
	panic("contract")
}

// ScriptResult is the decoded result of a RunScript command.
type ScriptResult struct {
	ScriptName string
	ExitCode   int64
	// HasExitCode is false when the result was not the documented JSON: Output
	// then holds the raw text.
	HasExitCode bool
	Output      string
	Errors      string
}

// DecodeScriptResult decodes a transcript in any of its spellings. It never
// fails: what is no JSON comes back as raw text. NULs are stripped.
func DecodeScriptResult(data []byte) ScriptResult { panic("contract") }
