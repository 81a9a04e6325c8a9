package liveresponse

import (
	"fmt"
	"strings"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

const (
	commandCompleted = "Completed"
	commandFailed    = "Failed"
)

// outcome is how a run ended.
type outcome struct {
	results map[int]commandResult
	// failure says why the run is no success; empty for one.
	failure string
	// remarks are what the user should know but what makes no failure.
	remarks []string
}

// commandResult is what one command left behind.
type commandResult struct {
	// link is a credential.
	link   string
	script *mde.ScriptResult
	// truncated tells that the transcript itself was larger than its bound.
	truncated bool
	// unread is why the result could not be fetched; nil if it was, or if there
	// is none.
	unread error
}

func (o *outcome) result(index int) commandResult {
	if o == nil {
		return commandResult{}
	}
	return o.results[index]
}

// failure says why a terminal action is no success, or nothing when it is one.
// The action's status alone does not tell: it can say Succeeded while a script
// ended with another exit code than 0.
func failure(action mde.MachineAction, results map[int]commandResult, changed []string) string {
	failed := !strings.EqualFold(action.Status, mde.StatusSucceeded) || len(changed) > 0
	var lines strings.Builder
	for _, command := range action.Commands {
		result := results[command.Index]
		failed = failed || !strings.EqualFold(command.CommandStatus, commandCompleted) || exitCode(result) != 0 || result.codeless()
		fmt.Fprintf(&lines, "\n- commands[%d] %s %q: %s", command.Index, command.Command.Type, target(command.Command), describe(command, result))
	}
	if !failed {
		return ""
	}
	for _, file := range changed {
		fmt.Fprintf(&lines, "\n- the library file %q changed while the run was going: what ran may not be what was reviewed", file)
	}
	return fmt.Sprintf("Action %s on machine %s ended with the status %s%s.%s", action.ID, action.MachineID, action.Status, reason(action), lines.String())
}

func exitCode(result commandResult) int64 {
	if result.script == nil {
		return 0
	}
	return result.script.ExitCode
}

// codeless tells whether the transcript was cut before it told the exit code,
// which is then not known to be 0.
func (r commandResult) codeless() bool {
	return r.truncated && r.script != nil && !r.script.HasExitCode
}

// describe tells how one command ended.
func describe(command mde.ActionCommand, result commandResult) string {
	var b strings.Builder
	switch {
	case strings.EqualFold(command.CommandStatus, commandCompleted), strings.EqualFold(command.CommandStatus, commandFailed):
		b.WriteString(command.CommandStatus)
	case command.StartTime == nil:
		b.WriteString("not run")
	default:
		b.WriteString(command.CommandStatus + ", did not end")
	}
	if len(command.Errors) > 0 {
		b.WriteString(", " + strings.Join(command.Errors, "; "))
	}
	if result.script != nil && result.script.HasExitCode {
		fmt.Fprintf(&b, ", exit code %d", result.script.ExitCode)
	}
	if result.codeless() {
		fmt.Fprintf(&b, ", its transcript is larger than %d MB, and what was read of it tells no exit code", maxTranscript>>20)
	}
	if result.unread != nil {
		fmt.Fprintf(&b, ", its result could not be fetched: %s", result.unread)
	}
	if result.script != nil && (result.script.ExitCode != 0 || strings.EqualFold(command.CommandStatus, commandFailed)) {
		if end := tail(result.script.Errors); end != "" {
			b.WriteString(", its error output ends with:\n" + end)
		}
	}
	return b.String()
}

// reason is what the service says of the action as a whole.
func reason(action mde.MachineAction) string {
	var b strings.Builder
	if action.ErrorHResult != 0 {
		fmt.Fprintf(&b, ", HRESULT 0x%08X", uint32(action.ErrorHResult))
	}
	switch {
	case strings.EqualFold(action.Status, mde.StatusTimeOut):
		b.WriteString(" (the service gave up waiting for the machine)")
	case action.CancellationRequestor != "":
		fmt.Fprintf(&b, " (cancelled by %s: %s)", action.CancellationRequestor, action.CancellationComment)
	}
	if action.TroubleshootInfo != "" {
		b.WriteString(", " + action.TroubleshootInfo)
	}
	return b.String()
}

// tail is the end of an error output: at most ten lines and 1,000 bytes.
func tail(text string) string {
	const maxLines, maxBytes = 10, 1000
	text = strings.TrimSpace(text)
	lines := strings.Split(text, "\n")
	text = strings.Join(lines[max(0, len(lines)-maxLines):], "\n")
	return strings.ToValidUTF8(text[max(0, len(text)-maxBytes):], "")
}
