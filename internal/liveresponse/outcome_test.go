package liveresponse

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

func script(status string, errors ...string) mde.ActionCommand {
	return mde.ActionCommand{CommandStatus: status, Errors: errors, Command: mde.Command{Type: "RunScript", Params: []mde.CommandParam{{Key: "ScriptName", Value: "a.ps1"}}}}
}

func ended(code int64, errorOutput string) map[int]commandResult {
	return map[int]commandResult{0: {script: &mde.ScriptResult{ExitCode: code, HasExitCode: true, Output: "the output", Errors: errorOutput}}}
}

func TestFailure(t *testing.T) {
	t.Parallel()
	began := time.Now()
	running := script("Executing")
	running.StartTime = &began
	for name, test := range map[string]struct {
		action  mde.MachineAction
		results map[int]commandResult
		changed []string
		want    []string
	}{
		"success":         {mde.MachineAction{Status: "succeeded", Commands: []mde.ActionCommand{script("completed")}}, ended(0, "a note"), nil, nil},
		"exit code":       {mde.MachineAction{Status: "Succeeded", Commands: []mde.ActionCommand{script("Completed")}}, ended(3, "first\ndisk is full\n"), nil, []string{`commands[0] RunScript "a.ps1": Completed, exit code 3`, "disk is full"}},
		"command":         {mde.MachineAction{Status: "Succeeded", Commands: []mde.ActionCommand{script("Failed", "no such file", "gave up")}}, nil, nil, []string{"Failed, no such file; gave up"}},
		"HRESULT":         {mde.MachineAction{Status: "Failed", ErrorHResult: -2147467259, TroubleshootInfo: "see the log", Commands: []mde.ActionCommand{script("Created")}}, nil, nil, []string{"HRESULT 0x80004005", "see the log", "not run"}},
		"cancelled":       {mde.MachineAction{Status: "Cancelled", CancellationRequestor: "analyst", CancellationComment: "wrong host", Commands: []mde.ActionCommand{running}}, nil, nil, []string{"cancelled by analyst: wrong host", "Executing, did not end"}},
		"never picked up": {mde.MachineAction{Status: "TimeOut"}, nil, nil, []string{"status TimeOut", "gave up waiting"}},
		"changed file":    {mde.MachineAction{Status: "Succeeded", Commands: []mde.ActionCommand{script("Completed")}}, ended(0, ""), []string{"a.ps1"}, []string{`"a.ps1" changed while the run was going`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := failure(test.action, test.results, test.changed)
			if (got == "") != (len(test.want) == 0) {
				t.Fatalf("got %q", got)
			}
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q lacks %q", got, want)
				}
			}
			if strings.Contains(got, "the output") {
				t.Errorf("%q holds the script's output", got)
			}
		})
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	if got := tail(strings.Repeat("line\n", 50)); strings.Count(got, "line") != 10 {
		t.Errorf("kept %d lines", strings.Count(got, "line"))
	}
	if got := tail(strings.Repeat("ü", 900)); len(got) > 1000 || strings.Trim(got, "ü") != "" {
		t.Errorf("kept %d bytes: %q", len(got), got)
	}
}

func TestSave_staysInTheDirectory(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	action := mde.MachineAction{ID: "action", MachineID: "machine"}
	collected := mde.ActionCommand{Index: 2, Command: mde.Command{Type: "GetFile", Params: []mde.CommandParam{{Key: "Path", Value: `C:\Temp\..\out put.txt`}}}}
	for given, want := range map[string]string{
		"":                 "machine_action_2_out_put.txt",
		"../../etc/passwd": "machine_action_2_passwd",
		`..\..\boot.ini`:   "machine_action_2_boot.ini",
		"odd:name?*.txt":   "machine_action_2_odd_name__.txt",
		"..":               "machine_action_2_..",
	} {
		if remark := save(directory, action, collected, mde.Download{Name: given, Data: []byte(given)}); remark != "" {
			t.Errorf("%q: %s", given, remark)
		}
		if got, err := os.ReadFile(filepath.Join(directory, want)); err != nil || string(got) != given {
			t.Errorf("%q: %s holds %q, %v", given, want, got, err)
		}
	}
	if remark := save(directory, action, collected, mde.Download{Name: "big", Truncated: true}); !strings.Contains(remark, "was not written") {
		t.Errorf("a truncated result gives %q", remark)
	}
}
