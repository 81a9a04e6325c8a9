package liveresponse

import (
	"cmp"
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
	// linkAttempts is how often the result of a command that has just ended is
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
	// awaited tells that the end was waited for: results may be late,
	// whatever the clocks say.
	awaited bool
}

// late tells whether the result of a completed command may still be on its way.
func (c collection) late(action mde.MachineAction, command mde.ActionCommand) bool {
	return strings.EqualFold(command.CommandStatus, commandCompleted) && (c.awaited || time.Since(action.LastUpdateDateTimeUTC) < lateResults)
}

// attempts is how often to ask for the command's result.
func (c collection) attempts(action mde.MachineAction, command mde.ActionCommand) int {
	if c.late(action, command) {
		return linkAttempts
	}
	return 1
}

// collect fetches what an ended action left behind and judges it. An error
// means that the outcome could not be told, not that the run failed: one that is
// known to have failed is judged without what could not be fetched.
func (e engine) collect(ctx context.Context, action mde.MachineAction, c collection) (*outcome, error) {
	ended := time.Now() // Or before.
	judged := &outcome{results: map[int]commandResult{}}
	var unread error
	for _, command := range action.Commands {
		if !leavesResult(command) {
			continue
		}
		name := fmt.Sprintf("commands[%d] %s %q", command.Index, command.Command.Type, target(command.Command))
		result, remark, err := e.fetch(ctx, action, command, c)
		if err != nil {
			result.unread = err
			unread = cmp.Or(unread, fmt.Errorf("fetching the result of %s: %w", name, err))
		}
		judged.results[command.Index] = result
		if remark != "" {
			judged.remarks = append(judged.remarks, fmt.Sprintf("%s: %s.", name, remark))
		}
	}
	changed, err := e.changed(ctx, action, c.pins, ended)
	if err != nil {
		unread = cmp.Or(unread, err)
		judged.remarks = append(judged.remarks, err.Error()+".")
	}
	judged.failure = failure(action, judged.results, changed)
	if unread != nil && (judged.failure == "" || ctx.Err() != nil) {
		return nil, unread
	}
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
// it could not be written. Without the result of a script that has just ended
// nobody knows its exit code, so that its absence is an error.
func (e engine) fetch(ctx context.Context, action mde.MachineAction, command mde.ActionCommand, c collection) (commandResult, string, error) {
	isScript := strings.EqualFold(command.Command.Type, mde.CommandRunScript)
	link, got, err := e.obtain(ctx, action.ID, command.Index, c.limit(isScript), c.attempts(action, command))
	switch {
	case err == nil:
	case !mde.NoResult(err):
		return commandResult{}, "", err
	case strings.EqualFold(command.CommandStatus, commandFailed):
		return commandResult{}, "", nil
	case isScript && c.late(action, command):
		return commandResult{}, "", fmt.Errorf("it is not there yet: %w", err)
	default:
		return commandResult{}, "the service has no result of it (any more)", nil
	}
	result := commandResult{link: link}
	if isScript {
		script := mde.DecodeScriptResult(got.Data)
		result.script, result.truncated = &script, got.Truncated
	}
	if c.limit(isScript) == 0 {
		return result, "", nil
	}
	return result, save(c.directory, action, command, got), nil
}

// limit is how much of a result is downloaded, 0 for none: a collected file is
// of use in the directory only.
func (c collection) limit(isScript bool) int64 {
	switch {
	case isScript:
		return maxTranscript
	case c.directory != "":
		return maxFile
	}
	return 0
}

// obtain asks for a command's link and downloads what it leads to, unless limit
// is 0. Where that may be on its way, it asks several times.
func (e engine) obtain(ctx context.Context, id string, index int, limit int64, attempts int) (link string, got mde.Download, err error) {
	pause := time.Second
	for {
		link, err = e.runs.ResultLink(ctx, id, index)
		if err == nil && limit > 0 {
			got, err = e.runs.Download(ctx, link, limit)
		}
		attempts--
		if err == nil || attempts == 0 || !mde.MayComeYet(err) {
			return link, got, err
		}
		if err := sleep(ctx, pause); err != nil {
			return "", mde.Download{}, err
		}
		pause *= 2
	}
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

// changed names the pinned files that changed before the action ended: a device
// fetches them at some time in between.
func (e engine) changed(ctx context.Context, action mde.MachineAction, pins []pin, ended time.Time) ([]string, error) {
	if len(pins) > 0 {
		e.library.FreshSince(ended)
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
