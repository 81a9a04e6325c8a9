package mdesim

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRouting(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{})
	a := s.call(405, "PATCH", "/api/indicators/1", "")
	if a.raw != "" || a.header.Get("Allow") != "GET, DELETE" {
		t.Errorf("%v %q", a.header, a.raw)
	}
	s.refused(404, "NotFound", "GET", "/api/nothing", "")
	s.refused(404, "NotFound", "GET", "/indicators", "")
	s.SeedLibraryFile("a.ps1", []byte("1"), nil)
	s.call(204, "DELETE", "/API/V1.0/LibraryFiles/%61.ps1", "")
}

func TestControl(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{})
	s.call(204, "POST", "/sim/seed", `{
		"indicators": [{"indicatorValue": "evil.example", "action": "Audit", "title": "x"}],
		"libraryFiles": [{"fileName": "a.ps1", "text": "Write-Output 1", "description": "d"}],
		"machines": [{"id": "`+strings.Repeat("d", 40)+`", "machineTags": ["x"]}],
		"machineActions": [{"type": "Isolate", "machineId": "`+DefaultMachineID+`"}],
		"scripts": {"a.ps1": {"exitCode": 3, "duration": "1m"}},
		"deviceFiles": [{"machineId": "`+DefaultMachineID+`", "path": "C:\\x", "text": "y"}],
		"offline": ["`+DefaultMachineID+`"],
		"failItems": ["no.example"]
	}`)
	i := s.Indicators()[0]
	if i.IndicatorValue != "evil.example" || !i.GenerateAlert || i.CreatedBy != otherOwner {
		t.Errorf("%+v", i)
	}
	if file := s.LibraryFiles()[0]; file.Description != "d" || string(file.Content) != "Write-Output 1" {
		t.Errorf("%+v", file)
	}
	id := s.start(DefaultMachineID, runScript)
	s.call(204, "POST", "/sim/advance", `{"by": "72h"}`)
	if got := s.statuses(id); got != "TimeOut: Created" {
		t.Errorf("%s", got)
	}
	s.call(204, "POST", "/sim/library/a.ps1", "swapped")
	if got := string(s.LibraryFiles()[0].Content); got != "swapped" {
		t.Errorf("%s", got)
	}
	s.call(204, "POST", "/sim/faults", `{"op": "list machines", "times": -1, "status": 503, "delay": "1ms", "cut": ""}`)
	s.call(503, "GET", "/api/machines", "")
	s.call(204, "DELETE", "/sim/faults", "")
	s.call(200, "GET", "/api/machines", "")
	s.refused(400, "InvalidRequestBody", "POST", "/sim/advance", `{"by": "soon"}`)
	for _, fault := range []string{`{"op": "list machine"}`, `{"op": "list machines", "cut": "here"}`, `{"op": "list machines", "state": 503}`} {
		s.refused(400, "InvalidRequestBody", "POST", "/sim/faults", fault)
	}
	s.refused(400, "InvalidRequestBody", "POST", "/sim/seed", "devices: []")
	s.call(404, "GET", "/sim/nothing", "")
	if state := s.call(200, "GET", "/sim/state", "").raw; strings.Count(state, `"onboardingStatus"`) != 2 {
		t.Errorf("%s", state)
	}
	if journal := s.call(200, "GET", "/sim/journal", "").raw; !strings.Contains(journal, `"op":"list machines"`) || strings.Contains(journal, "/sim/") {
		t.Errorf("%s", journal)
	}
	s.call(204, "DELETE", "/sim/journal", "")
	if journal := s.call(200, "GET", "/sim/journal", "").raw; journal != "[]" {
		t.Errorf("%s", journal)
	}
	s.call(204, "DELETE", "/sim/library/a.ps1", "")
	s.call(204, "DELETE", "/sim/indicators/1", "")
	s.call(204, "POST", "/sim/reset", "")
	if len(s.Journal()) != 0 || len(s.MachineActions()) != 0 || len(s.tenant.machines()) != 1 || time.Until(s.Now()) > time.Hour {
		t.Error("something is left after the reset")
	}
}

func TestLoad_goesOnWhereItWasSaved(t *testing.T) {
	t.Parallel()
	options := Options{Timing: Timing{Start: time.Minute, Command: time.Minute, Settle: time.Minute}}
	before := newTester(t, options)
	before.SeedLibraryFile("a.ps1", []byte("1"), nil)
	expires := before.Now().Add(time.Hour)
	before.SeedIndicators(Indicator{IndicatorValue: "evil.example", ExpirationTime: &expires})
	id := before.start(DefaultMachineID, runScript)
	before.Advance(90 * time.Second)
	data, err := before.Save()
	if err != nil {
		t.Fatal(err)
	}

	after := newTester(t, options)
	if err := after.Load(data); err != nil {
		t.Fatal(err)
	}
	after.token = before.token
	if diff := cmp.Diff(before.Indicators(), after.Indicators()); diff != "" {
		t.Errorf("indicators (-before +after):\n%s", diff)
	}
	if got := after.statuses(id); got != "InProgress: Created" {
		t.Errorf("run: %s", got)
	}
	after.Advance(2 * time.Minute)
	if got := after.statuses(id); got != "Succeeded: Completed" || len(after.Executed()) != 1 {
		t.Errorf("run: %s, executed %v", got, after.Executed())
	}
	if a := after.download(after.link(id, 0)); a.status != http.StatusOK {
		t.Errorf("result: %s", a.raw)
	}
	if a := after.call(200, "POST", "/api/indicators", body(nil)); a.json["id"] != "1" {
		t.Errorf("the key is lost: %s", a.raw)
	}
	after.Advance(time.Hour)
	if got := after.Indicators(); len(got) != 1 || got[0].ExpirationTime != nil {
		t.Errorf("the update cleared the expiry: %v", got)
	}
	if err := after.Load([]byte("{")); err == nil {
		t.Error("a broken state is accepted")
	}
}
