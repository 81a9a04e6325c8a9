package liveresponse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

const (
	// maxTranscript bounds the transcript of a script, which is read whole.
	maxTranscript = 8 << 20
	// maxFile bounds a collected file that is written to results_directory.
	maxFile = 100 << 20
	// linkAttempts is how often the link of a command that has just ended is
	// asked for: the storage may be a few seconds late.
	linkAttempts = 4
	// lateResults is how long after its end a run's results may still be on
	// their way.
	lateResults = 2 * time.Minute
)

// collection says what to fetch of an ended run.
type collection struct {
	// directory receives the results; empty for none.
	directory string
	pins      []pin
}

// collect fetches what an ended action left behind and judges it. An error
// means that the outcome could not be told, not that the run failed.
func (e engine) collect(ctx context.Context, action mde.MachineAction, c collection) (*outcome, error) {
	judged := &outcome{results: map[int]commandResult{}}
	for _, command := range action.Commands {
		if !leavesResult(command) {
			continue
		}
		result, remark, err := e.fetch(ctx, action, command, c.directory)
		if err != nil {
			return nil, fmt.Errorf("fetching the result of commands[%d] %s %q: %w", command.Index, command.Command.Type, target(command.Command), err)
		}
		judged.results[command.Index] = result
		if remark != "" {
			judged.remarks = append(judged.remarks, fmt.Sprintf("commands[%d] %s %q: %s.", command.Index, command.Command.Type, target(command.Command), remark))
		}
	}
	changed, err := e.changedSince(ctx, action, c.pins)
	if err != nil {
		return nil, err
	}
	judged.failure = failure(action, judged.results, changed)
	return judged, nil
}

// leavesResult tells whether the command has a result: a PutFile has none, and
// of a failed command only a script may have left one.
func leavesResult(command mde.ActionCommand) bool {
	switch {
	case strings.EqualFold(command.CommandStatus, commandCompleted):
		return !strings.EqualFold(command.Command.Type, mde.CommandPutFile)
	case strings.EqualFold(command.CommandStatus, commandFailed):
		return strings.EqualFold(command.Command.Type, mde.CommandRunScript)
	}
	return false
}

// fetch returns the result of one command, with a remark when there is none or
// it could not be written.
func (e engine) fetch(ctx context.Context, action mde.MachineAction, command mde.ActionCommand, directory string) (commandResult, string, error) {
	isScript := strings.EqualFold(command.Command.Type, mde.CommandRunScript)
	link, err := e.link(ctx, action, command)
	if err != nil {
		if !missing(err) {
			return commandResult{}, "", err
		}
		if strings.EqualFold(command.CommandStatus, commandFailed) {
			return commandResult{}, "", nil
		}
		return commandResult{}, "the service has no result of it (any more)", nil
	}
	result := commandResult{link: link}
	if !isScript && directory == "" {
		return result, "", nil
	}
	limit := int64(maxTranscript)
	if !isScript {
		limit = maxFile
	}
	got, err := e.runs.Download(ctx, link, limit)
	if err != nil {
		return commandResult{}, "", err
	}
	if isScript {
		script := mde.DecodeScriptResult(got.Data)
		result.script, result.truncated = &script, got.Truncated
	}
	return result, save(directory, action, command, got), nil
}

// link asks for the command's link, several times while it may be on its way.
func (e engine) link(ctx context.Context, action mde.MachineAction, command mde.ActionCommand) (string, error) {
	attempts := 1
	if strings.EqualFold(command.CommandStatus, commandCompleted) && time.Since(action.LastUpdateDateTimeUTC) < lateResults {
		attempts = linkAttempts
	}
	pause := time.Second
	for {
		link, err := e.runs.ResultLink(ctx, action.ID, command.Index)
		attempts--
		if err == nil || attempts == 0 || !missing(err) {
			return link, err
		}
		if err := sleep(ctx, pause); err != nil {
			return "", err
		}
		pause *= 2
	}
}

// missing tells whether the service has no such result, in whichever way it
// says so.
func missing(err error) bool {
	return errors.Is(err, mde.ErrNotFound) || errors.Is(err, mde.ErrInvalid)
}

// save writes a result to the directory and returns what kept it from doing
// so.
func save(directory string, action mde.MachineAction, command mde.ActionCommand, got mde.Download) string {
	if directory == "" {
		return ""
	}
	if got.Truncated {
		return fmt.Sprintf("the result is larger than %d bytes and was not written to results_directory; fetch it through result_urls", len(got.Data))
	}
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return fmt.Sprintf("results_directory could not be made: %s", err)
	}
	name := fmt.Sprintf("%s_%s_%d_%s", action.MachineID, action.ID, command.Index, fileName(command, got.Name))
	if err := os.WriteFile(filepath.Join(directory, name), got.Data, 0o600); err != nil {
		return fmt.Sprintf("the result could not be written: %s", err)
	}
	return ""
}

// fileName is a harmless local name for a result: the storage's own name, or
// that of the script or file.
func fileName(command mde.ActionCommand, given string) string {
	if given == "" {
		given = target(command.Command)
		if strings.EqualFold(command.Command.Type, mde.CommandRunScript) {
			given += ".json"
		}
	}
	return regexp.MustCompile(`[^A-Za-z0-9._-]`).ReplaceAllString(baseName(given), "_")
}

// changedSince names the pinned files that changed before the action ended: a
// device fetches them at some time in between.
func (e engine) changedSince(ctx context.Context, action mde.MachineAction, pins []pin) ([]string, error) {
	if len(pins) > 0 {
		e.library.Fresh()
	}
	var changed []string
	for _, pin := range pins {
		file, err := e.library.Get(ctx, pin.file)
		switch {
		case errors.Is(err, mde.ErrNotFound):
			changed = append(changed, pin.file)
		case err != nil:
			return nil, fmt.Errorf("verifying the library file %q: %w", pin.file, err)
		case !strings.EqualFold(file.SHA256, pin.sha256) && !file.LastUpdatedTime.After(action.LastUpdateDateTimeUTC):
			changed = append(changed, pin.file)
		}
	}
	return changed, nil
}
