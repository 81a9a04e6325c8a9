package mdesim

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"
)

// downloads is where PutFile puts a library file on a Windows device.
const downloads = `C:\ProgramData\Microsoft\Windows Defender Advanced Threat Protection\Downloads\`

// execute does what a command does on its device and tells what it will come
// to, and after how long.
func (t *tenant) execute(r *run, command Command, at time.Time) (will outcome, took time.Duration) {
	usual := t.options.Timing.Command
	if command.Type == "GetFile" {
		filePath := command.param("Path")
		t.record(r, command, Execution{Path: filePath, At: at})
		return t.fetch(r, filePath), usual
	}
	name := command.param("FileName") + command.param("ScriptName")
	file := t.Library[t.fileKey(name)]
	if file == nil {
		return t.missingFile(name), usual
	}
	t.record(r, command, Execution{Script: name, Args: command.param("Args"), SHA256: file.SHA256, At: at})
	if command.Type == "PutFile" {
		t.setDeviceFile(r.Action.MachineID, downloads+file.FileName, file.Content)
		return outcome{Status: commandCompleted}, usual
	}
	script := t.Scripts[t.fileKey(name)]
	if script.Duration > 0 {
		usual = script.Duration
	}
	switch {
	case usual > scriptLife:
		return failedCommand("The script execution timed out."), scriptLife
	case script.Fail != nil:
		return failedCommand(script.Fail...), usual
	}
	return outcome{Status: commandCompleted, Result: t.transcript(r, file.FileName, script)}, usual
}

func (t *tenant) record(r *run, command Command, execution Execution) {
	execution.ActionID, execution.MachineID, execution.Type = r.Action.ID, r.Action.MachineID, command.Type
	t.Executed = append(t.Executed, execution)
}

func failedCommand(errors ...string) outcome {
	return outcome{Status: commandFailed, Errors: errors, HResult: resultFail}
}

// missingFile is recorded as a run that fails while its command stays Created.
func (t *tenant) missingFile(name string) outcome {
	if t.options.CommandErrors {
		failed := failedCommand(fmt.Sprintf("The file %s was not found in the library.", name))
		failed.HResult = resultFileNotFound
		return failed
	}
	return outcome{Status: commandCreated, HResult: resultFileNotFound}
}

// fetch is the outcome of a GetFile.
func (t *tenant) fetch(r *run, filePath string) outcome {
	content, ok := t.DeviceFiles[r.Action.MachineID][strings.ToLower(filePath)]
	if !ok {
		failed := failedCommand(fmt.Sprintf("The file %s was not found on the device.", filePath))
		failed.HResult = resultFileNotFound
		return failed
	}
	name := path.Base(strings.ReplaceAll(filePath, `\`, "/"))
	if t.options.PlainFiles {
		return outcome{Status: commandCompleted, Result: &result{Name: name, Content: content}}
	}
	var zipped bytes.Buffer
	writer := gzip.NewWriter(&zipped)
	// Writing to memory does not fail.
	_, _ = writer.Write(content)
	_ = writer.Close()
	return outcome{Status: commandCompleted, Result: &result{Name: name + ".gz", Content: zipped.Bytes()}}
}

// setDeviceFile puts a file on a device, whose paths compare without case.
func (t *tenant) setDeviceFile(machineID, filePath string, content []byte) {
	if t.DeviceFiles[machineID] == nil {
		t.DeviceFiles[machineID] = map[string][]byte{}
	}
	t.DeviceFiles[machineID][strings.ToLower(filePath)] = content
}

// transcript is the result file of a RunScript.
func (t *tenant) transcript(r *run, name string, script ScriptResult) *result {
	output := script.Output
	if output == "" {
		output = fmt.Sprintf(`Transcript started, output file is C:\ProgramData\Microsoft\Windows Defender Advanced Threat Protection\Temp\PSScriptOutputs\PSScript_Transcript_{%s}.txt`+"\n", strings.ToUpper(newGUID()))
	}
	output += "\x00"
	var content []byte
	switch t.options.Transcript {
	case TranscriptText:
		content = []byte(output)
	case TranscriptDocumented:
		content = encodeTranscript("name", name, script.ExitCode, output, "script_error", script.Errors)
	case TranscriptSample:
		content = encodeTranscript("script_name", name, script.ExitCode, output, "script_error", script.Errors)
		content = bytes.ReplaceAll(content, []byte(`\n`), []byte("\n"))
	default:
		content = encodeTranscript("script_name", name, script.ExitCode, output, "script_errors", script.Errors)
	}
	return &result{Name: fmt.Sprintf("output_%s_%d.json", r.Action.ID, r.Next), Content: content}
}

func encodeTranscript(nameKey, name string, exitCode int, output, errorsKey, errors string) []byte {
	// Texts and numbers always marshal.
	content, _ := json.Marshal(map[string]any{nameKey: name, "exit_code": exitCode, "script_output": output, errorsKey: errors})
	return content
}
