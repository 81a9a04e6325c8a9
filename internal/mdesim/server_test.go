package mdesim

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestServer_isSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{Quotas: Quotas{RequestsPerMinute: 10_000, ConcurrentRuns: 100}})
	s.SeedLibraryFile("a.ps1", []byte("1"), nil)
	var workers sync.WaitGroup
	for n := range 20 {
		workers.Go(func() {
			machine := fmt.Sprintf("%040x", n)
			s.SeedMachines(Machine{ID: machine})
			s.call(200, "POST", "/api/indicators", body(map[string]any{"indicatorValue": fmt.Sprintf("h%d.example", n)}))
			id := s.start(machine, runScript)
			s.call(200, "GET", "/api/indicators", "")
			s.SetOffline(machine, true)
			s.SetOffline(machine, false)
			s.Advance(time.Second)
			if got := s.statuses(id); !strings.HasPrefix(got, "Succeeded") {
				t.Errorf("run %d: %s", n, got)
			}
			s.Journal()
			s.Executed()
		})
	}
	workers.Wait()
	if records, executed := len(s.Indicators()), len(s.Executed()); records != 20 || executed != 20 {
		t.Errorf("%d indicators, %d executions", records, executed)
	}
	if got := s.Count(); got != 80 {
		t.Errorf("%d calls", got)
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{Quotas: Quotas{RequestsPerMinute: 1}})
	s.AddFault(Fault{Op: OpListMachines, Status: 500, Times: -1})
	s.call(200, "POST", "/api/indicators", body(nil))
	s.Reset()
	s.call(200, "GET", "/api/machines", "")
	if got := len(s.Indicators()) + len(s.Journal()); got != 1 {
		t.Errorf("%d records and calls", got)
	}
}
