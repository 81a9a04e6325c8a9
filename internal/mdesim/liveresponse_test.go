package mdesim

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	putFile   = `{"type":"PutFile","params":[{"key":"FileName","value":"a.ps1"}]}`
	runScript = `{"type":"RunScript","params":[{"key":"ScriptName","value":"a.ps1"},{"key":"Args","value":"-x 1"}]}`
	getFile   = `{"type":"GetFile","params":[{"key":"Path","value":"C:\\out.txt"}]}`
)

func commands(list ...string) string {
	return `{"Commands":[` + strings.Join(list, ",") + `],"Comment":"why"}`
}

// start begins a run on the machine and returns the action's id.
func (t *tester) start(machine string, list ...string) string {
	t.Helper()
	id, _ := t.call(201, "POST", "/api/machines/"+machine+"/runliveresponse", commands(list...)).json["id"].(string)
	return id
}

// statuses are those of the action and of its commands.
func (t *tester) statuses(id string) string {
	t.Helper()
	a := t.call(200, "GET", "/api/machineactions/"+id, "")
	statuses := fmt.Sprint(a.json["status"], ":")
	list, _ := a.json["commands"].([]any)
	for _, command := range list {
		properties, _ := command.(map[string]any)
		statuses += fmt.Sprint(" ", properties["commandStatus"])
	}
	return statuses
}

// link is a fresh link to a result.
func (t *tester) link(id string, index int) string {
	t.Helper()
	link, _ := t.call(200, "GET", fmt.Sprintf("/api/machineactions/%s/GetLiveResponseResultDownloadLink(index=%d)", id, index), "").json["value"].(string)
	return link
}

// download fetches a link without the token.
func (t *tester) download(link string) answered {
	t.Helper()
	bare := *t
	bare.token = ""
	a, err := bare.send("GET", link, "", "")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func newRunTester(t *testing.T, options Options) *tester {
	t.Helper()
	options.Timing = Timing{Start: time.Minute, Command: time.Second, Settle: 40 * time.Second}
	s := newTester(t, options)
	s.SeedLibraryFile("a.ps1", []byte("Write-Output 1"), nil)
	s.SetDeviceFile(DefaultMachineID, `C:\out.txt`, []byte("evidence"))
	return s
}

func TestRun_states(t *testing.T) {
	t.Parallel()
	s := newRunTester(t, Options{})
	id := s.start(DefaultMachineID, putFile, runScript, getFile)
	for _, moment := range []struct {
		after time.Duration
		want  string
	}{
		{0, "Pending: Created Created Created"},
		{60 * time.Second, "InProgress: Created Created Created"},
		{time.Second, "InProgress: Completed Created Created"},
		{2 * time.Second, "InProgress: Completed Completed Completed"},
		{39 * time.Second, "InProgress: Completed Completed Completed"},
		{time.Second, "Succeeded: Completed Completed Completed"},
	} {
		s.Advance(moment.after)
		if got := s.statuses(id); got != moment.want {
			t.Errorf("%s later: %s, want %s", moment.after, got, moment.want)
		}
	}
	action := s.MachineActions()[0]
	begin := action.CreationDateTimeUTC
	if got := action.LastUpdateDateTimeUTC.Sub(begin); got != 103*time.Second {
		t.Errorf("ended after %s", got)
	}
	if got := action.Commands[1].StartTime.Sub(begin); got != 61*time.Second {
		t.Errorf("script started after %s", got)
	}
	hash := hashOf([]byte("Write-Output 1"))
	want := []Execution{
		{ActionID: id, MachineID: DefaultMachineID, Type: "PutFile", Script: "a.ps1", SHA256: hash, At: begin.Add(60 * time.Second)},
		{ActionID: id, MachineID: DefaultMachineID, Type: "RunScript", Script: "a.ps1", Args: "-x 1", SHA256: hash, At: begin.Add(61 * time.Second)},
		{ActionID: id, MachineID: DefaultMachineID, Type: "GetFile", Path: `C:\out.txt`, At: begin.Add(62 * time.Second)},
	}
	if diff := cmp.Diff(want, s.Executed()); diff != "" {
		t.Errorf("executed (-want +got):\n%s", diff)
	}
}

func TestRun_refuses(t *testing.T) {
	t.Parallel()
	s := newRunTester(t, Options{})
	path := "/api/machines/" + DefaultMachineID + "/runliveresponse"
	for _, body := range []string{
		commands(getFile, runScript), commands(runScript, putFile),
		commands(`{"type":"PutFile","params":[{"key":"FileName","value":"a"},{"key":"Args","value":"x"}]}`),
	} {
		s.refused(400, "InvalidInput", "POST", path, body)
	}
	for _, body := range []string{
		commands(), `{"Commands":[` + getFile + `]}`, commands(`{"type":"RunScript","params":[{"key":"Args","value":"x"}]}`),
	} {
		s.refused(400, "MissingRequiredParameter", "POST", path, body)
	}
	s.refused(400, "InvalidRequestBody", "POST", path, commands(`{"type":"Reboot","params":[]}`))
	s.refused(400, "InvalidRequestBody", "POST", path, `{"commands":[],"Comment":"x"}`)
	s.refused(404, "ResourceNotFound", "POST", "/api/machines/"+strings.Repeat("0", 40)+"/runliveresponse", commands(getFile))

	end := s.BeginPortalSession(DefaultMachineID)
	s.refused(400, "ActiveRequestAlreadyExists", "POST", path, commands(getFile))
	if got := len(s.MachineActions()); got != 0 {
		t.Errorf("%d actions", got)
	}
	end()
	s.start(DefaultMachineID, getFile)
	s.refused(400, "ActiveRequestAlreadyExists", "POST", path, commands(getFile))
	s.Advance(time.Hour)
	s.start(DefaultMachineID, getFile)
}

func TestRun_failures(t *testing.T) {
	t.Parallel()
	missing := strings.ReplaceAll(runScript, "a.ps1", "missing.ps1")
	for name, test := range map[string]struct {
		options Options
		script  ScriptResult
		list    []string
		want    string
		errors  int
		hresult int32
	}{
		"missing file":           {Options{}, ScriptResult{}, []string{missing, getFile}, "Failed: Created Created", 0, resultFileNotFound},
		"missing file, reported": {Options{CommandErrors: true}, ScriptResult{}, []string{missing, getFile}, "Failed: Failed Created", 1, resultFileNotFound},
		"missing path":           {Options{}, ScriptResult{}, []string{strings.ReplaceAll(getFile, "out", "no"), getFile}, "Failed: Failed Created", 1, resultFileNotFound},
		"failing script":         {Options{}, ScriptResult{Fail: []string{"a", "b"}}, []string{runScript, getFile}, "Failed: Failed Created", 2, resultFail},
		"endless script":         {Options{}, ScriptResult{Duration: time.Hour}, []string{runScript, getFile}, "Failed: Failed Created", 1, resultFail},
		"diverging status":       {Options{FailedStatus: "Succeeded"}, ScriptResult{Fail: []string{"a"}}, []string{runScript}, "Succeeded: Failed", 1, resultFail},
		"exit code":              {Options{}, ScriptResult{ExitCode: 3}, []string{runScript, getFile}, "Succeeded: Completed Completed", 0, 0},
	} {
		s := newRunTester(t, test.options)
		s.SetScript("a.ps1", test.script)
		id := s.start(DefaultMachineID, test.list...)
		s.Advance(20 * time.Minute)
		if got := s.statuses(id); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
		action := s.MachineActions()[0]
		if len(action.Commands[0].Errors) != test.errors || action.ErrorHResult != test.hresult {
			t.Errorf("%s: errors %q, HRESULT %d", name, action.Commands[0].Errors, action.ErrorHResult)
		}
	}
}

func TestRun_offline(t *testing.T) {
	t.Parallel()
	s := newRunTester(t, Options{})
	s.SetOffline(DefaultMachineID, true)
	id := s.start(DefaultMachineID, getFile)
	s.Advance(71 * time.Hour)
	if got := s.statuses(id); got != "Pending: Created" {
		t.Errorf("offline: %s", got)
	}
	s.SetOffline(DefaultMachineID, false)
	s.Advance(time.Hour - time.Minute)
	if got := s.statuses(id); got != "Succeeded: Completed" {
		t.Errorf("back: %s", got)
	}
	s.SetOffline(DefaultMachineID, true)
	id = s.start(DefaultMachineID, getFile)
	s.Advance(72 * time.Hour)
	if got := s.statuses(id); got != "TimeOut: Created" {
		t.Errorf("after three days: %s", got)
	}
	if action := s.MachineActions()[1]; action.ErrorHResult != resultTimeout {
		t.Errorf("HRESULT %d", action.ErrorHResult)
	}
}

func TestRun_concurrentSessions(t *testing.T) {
	t.Parallel()
	s := newRunTester(t, Options{Quotas: Quotas{ConcurrentRuns: 1}})
	other := strings.Repeat("b", 40)
	s.SeedMachines(Machine{ID: other})
	s.start(DefaultMachineID, getFile)
	if a := s.refused(429, "TooManyRequests", "POST", "/api/machines/"+other+"/runliveresponse", commands(getFile)); a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	s.Advance(time.Hour)
	s.start(other, getFile)
}

func TestCancel(t *testing.T) {
	t.Parallel()
	s := newRunTester(t, Options{})
	id := s.start(DefaultMachineID, runScript)
	path := "/api/machineactions/" + id + "/cancel"
	s.refused(400, "MissingRequiredParameter", "POST", path, `{}`)
	a := s.call(200, "POST", path, `{"Comment":"stop"}`)
	if a.json["status"] != "Cancelled" || a.json["cancellationComment"] != "stop" || a.json["cancellationRequestor"] != DefaultClientID || a.json["errorHResult"] != float64(resultAborted) {
		t.Errorf("%s", a.raw)
	}
	s.refused(400, "BadRequest", "POST", path, `{"Comment":"stop"}`)
	s.Advance(time.Hour)
	if got := s.Executed(); len(got) != 0 {
		t.Errorf("executed: %v", got)
	}
	s.refused(404, "ResourceNotFound", "POST", "/api/machineactions/"+newGUID()+"/cancel", `{"Comment":"stop"}`)
	s.refused(400, "BadRequest", "GET", "/api/machineactions/1", "")
	s.start(DefaultMachineID, runScript)
}

func TestResults(t *testing.T) {
	t.Parallel()
	s := newRunTester(t, Options{})
	s.SetScript("a.ps1", ScriptResult{ExitCode: 3, Output: "out\n", Errors: "err"})
	id := s.start(DefaultMachineID, putFile, runScript, getFile)
	early := fmt.Sprintf("/api/machineactions/%s/GetLiveResponseResultDownloadLink(index=%d)", id, 1)
	s.refused(404, "ResourceNotFound", "GET", early, "")
	s.Advance(time.Hour)

	link := s.link(id, 1)
	if a := s.download(link); a.status != 200 || a.raw != `{"exit_code":3,"script_errors":"err","script_name":"a.ps1","script_output":"out\n\u0000"}` {
		t.Errorf("script: %d %s", a.status, a.raw)
	}
	if a, err := s.send("GET", link, "", ""); err != nil || a.status != 401 || !strings.Contains(a.raw, "InvalidAuthenticationInfo") {
		t.Errorf("with a token: %d %s %v", a.status, a.raw, err)
	}
	if a := s.download(strings.Replace(link, "se=20", "se=21", 1)); a.status != 403 {
		t.Errorf("forged: %d %s", a.status, a.raw)
	}
	file := s.download(s.link(id, 2))
	if got := file.header.Get("Content-Disposition"); got != "attachment; filename=out.txt.gz" {
		t.Errorf("file: %s", got)
	}
	reader, err := gzip.NewReader(strings.NewReader(file.raw))
	if err != nil {
		t.Fatal(err)
	}
	if content, _ := io.ReadAll(reader); string(content) != "evidence" {
		t.Errorf("file: %q", content)
	}
	s.refused(404, "ResourceNotFound", "GET", strings.Replace(early, "=1", "=0", 1), "")
	s.refused(404, "ResourceNotFound", "GET", strings.Replace(early, "=1", "=9", 1), "")
	s.refused(400, "BadRequest", "GET", strings.Replace(early, "=1", "=x", 1), "")
	s.Advance(31 * time.Minute)
	if a := s.download(link); a.status != 403 {
		t.Errorf("expired: %d %s", a.status, a.raw)
	}
	for _, call := range s.Journal() {
		if call.Op == OpDownloadResult && !strings.Contains(call.Query, "sig=***") {
			t.Errorf("the journal holds a signature: %s", call.Query)
		}
	}
}

func TestResults_forms(t *testing.T) {
	t.Parallel()
	for form, want := range map[Transcript]string{
		TranscriptRecorded:   `{"exit_code":0,"script_errors":"","script_name":"a.ps1","script_output":"a\nb\u0000"}`,
		TranscriptDocumented: `{"exit_code":0,"name":"a.ps1","script_error":"","script_output":"a\nb\u0000"}`,
		TranscriptSample:     "{\"exit_code\":0,\"script_error\":\"\",\"script_name\":\"a.ps1\",\"script_output\":\"a\nb\\u0000\"}",
		TranscriptText:       "a\nb\x00",
	} {
		s := newRunTester(t, Options{Transcript: form, PlainFiles: true, EarlyLinkStatus: 400})
		s.SetScript("a.ps1", ScriptResult{Output: "a\nb"})
		id := s.start(DefaultMachineID, runScript, getFile)
		s.refused(400, "BadRequest", "GET", fmt.Sprintf("/api/machineactions/%s/GetLiveResponseResultDownloadLink(index=0)", id), "")
		s.Advance(time.Hour)
		if got := s.download(s.link(id, 0)).raw; got != want {
			t.Errorf("%q: %s", form, got)
		}
		if got := s.download(s.link(id, 1)).raw; got != "evidence" {
			t.Errorf("plain file: %q", got)
		}
	}
}

func TestResults_defaultTranscript(t *testing.T) {
	t.Parallel()
	s := newRunTester(t, Options{})
	id := s.start(DefaultMachineID, runScript)
	s.Advance(time.Hour)
	var result struct {
		Output string `json:"script_output"`
	}
	if err := json.Unmarshal([]byte(s.download(s.link(id, 0)).raw), &result); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(result.Output, `Transcript started, output file is C:\ProgramData\`) || !strings.HasSuffix(result.Output, ".txt\n\x00") {
		t.Errorf("%q", result.Output)
	}
}

func TestMachineActions_filter(t *testing.T) {
	t.Parallel()
	s := newRunTester(t, Options{})
	s.SeedMachineActions(MachineAction{Type: "Isolate", MachineID: DefaultMachineID, Status: "Pending"})
	id := s.start(DefaultMachineID, runScript)
	filter := "machineId+eq+'" + DefaultMachineID + "'+and+type+eq+'LiveResponse'+and+status+in+('Pending','InProgress')"
	if got := s.call(200, "GET", "/api/machineactions?$filter="+filter, "").column("id"); got != id {
		t.Errorf("found %s, want %s", got, id)
	}
	s.RemoveMachineAction(id)
	s.refused(404, "ResourceNotFound", "GET", "/api/machineactions/"+id, "")
}

func TestMachines(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{NoMachines404: true})
	id := strings.Repeat("c", 40)
	s.SeedMachines(Machine{ID: strings.ToUpper(id), ComputerDNSName: "srv.contoso.com", MachineTags: []string{"tier0", "web"}, HealthStatus: "Inactive"})
	if a := s.call(200, "GET", "/API/machines/SRV.contoso.com", ""); a.json["id"] != id || a.json["rbacGroupId"] != 0.0 {
		t.Errorf("%s", a.raw)
	}
	if got := s.call(200, "GET", "/api/v1.0/machines?$filter=machineTags/any(t:+t+eq+'web')", "").column("id"); got != id {
		t.Errorf("by tag: %s", got)
	}
	s.refused(404, "ResourceNotFound", "GET", "/api/machines?$filter=computerDnsName+eq+'none'", "")
	s.refused(404, "ResourceNotFound", "GET", "/api/machines/none", "")
	s.RemoveMachine(id)
	s.refused(404, "ResourceNotFound", "GET", "/api/machines/"+id, "")
}

func TestPutFile_leavesTheFileOnTheDevice(t *testing.T) {
	t.Parallel()
	s := newRunTester(t, Options{PlainFiles: true})
	path, _ := json.Marshal(downloads + "A.PS1")
	id := s.start(DefaultMachineID, putFile, fmt.Sprintf(`{"type":"GetFile","params":[{"key":"Path","value":%s}]}`, bytes.TrimSpace(path)))
	s.Advance(time.Hour)
	if got := s.download(s.link(id, 1)).raw; got != "Write-Output 1" {
		t.Errorf("%q", got)
	}
}

func TestMachineActions_lateList(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{VisibilityLag: time.Minute})
	s.SeedLibraryFile("a.ps1", []byte("1"), nil)
	id := s.start(DefaultMachineID, runScript)
	s.call(200, "GET", "/api/machineactions/"+id, "")
	if got := s.call(200, "GET", "/api/machineactions", "").column("id"); got != "" {
		t.Errorf("at once: %s", got)
	}
	s.Advance(time.Minute)
	if got := s.call(200, "GET", "/api/machineactions", "").column("id"); got != id {
		t.Errorf("later: %s", got)
	}
}
