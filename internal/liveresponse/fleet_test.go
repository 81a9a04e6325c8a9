package liveresponse

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

// ready is a token source with one token.
type ready string

// Token implements transport.TokenSource.
func (r ready) Token(context.Context) (string, error) { return string(r), nil }

// Reject implements transport.TokenSource.
func (r ready) Reject(string) {}

// impatient gives up on an answer as the provider's own transport does.
type impatient struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (i impatient) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), 3*time.Minute)
	defer cancel()
	return i.next.RoundTrip(req.WithContext(ctx)) // The answer is in memory by the time it returns.
}

// fleet is a tenant with machines, and an engine on the real client.
type fleet struct {
	sim    *mdesim.Server
	client *mde.Client
}

func newFleet(t *testing.T, machines int, options mdesim.Options, limits transport.Limits, concurrentRuns int) fleet {
	t.Helper()
	sim, err := mdesim.New(options)
	if err != nil {
		t.Fatal(err)
	}
	for i := range machines {
		sim.SeedMachines(mdesim.Machine{ID: fmt.Sprintf("%040x", i+1), ComputerDNSName: fmt.Sprintf("pc-%d", i), HealthStatus: "Active"})
	}
	sim.SeedLibraryFile("collect.ps1", []byte("collect"), nil)
	client, err := mde.New(mde.Options{
		Endpoint: "http://127.0.0.1", Tokens: ready(sim.AccessToken()), Base: impatient{sim.Transport()}, Limits: limits, ConcurrentRuns: concurrentRuns,
	})
	if err != nil {
		t.Fatal(err)
	}
	return fleet{sim: sim, client: client}
}

func (f fleet) engine() engine {
	return engine{runs: f.client.LiveResponse, actions: f.client.MachineActions, library: f.client.LibraryFiles}
}

// start is the run of one machine.
func (f fleet) start(machine int) start {
	marker := fmt.Sprintf("[tf:%016x]", machine)
	return start{
		request: mde.RunRequest{
			MachineID: fmt.Sprintf("%040x", machine+1), Comment: "why " + marker,
			Commands: []mde.Command{{Type: mde.CommandRunScript, Params: []mde.CommandParam{{Key: mde.ParamScriptName, Value: "collect.ps1"}}}},
		},
		marker: marker, resumeWithin: 24 * time.Hour, queueTimeout: 2 * time.Hour,
	}
}

// run takes one machine through start, wait and results.
func (f fleet) run(ctx context.Context, machine int) error {
	action, _, err := f.engine().start(ctx, f.start(machine))
	if err != nil {
		return err
	}
	if action, err = f.engine().wait(ctx, action, bounds{total: time.Hour}); err != nil {
		return err
	}
	judged, err := f.engine().collect(ctx, action, collection{})
	if err == nil && judged.failure != "" {
		err = fmt.Errorf("the run failed: %s", judged.failure)
	}
	return err
}

// all runs every machine at once.
func (f fleet) all(t *testing.T, machines int) {
	t.Helper()
	var all sync.WaitGroup
	for i := range machines {
		all.Go(func() {
			if err := f.run(t.Context(), i); err != nil {
				t.Errorf("machine %d: %v", i, err)
			}
		})
	}
	all.Wait()
}

// traffic counts what reached the service.
type traffic struct{ starts, refused, looks, polls int }

func (f fleet) traffic() traffic {
	var n traffic
	for _, call := range f.sim.Journal() {
		switch {
		case call.Op == mdesim.OpRunLiveResponse && call.Status == http.StatusTooManyRequests:
			n.refused++
		case call.Op == mdesim.OpRunLiveResponse:
			n.starts++
		case call.Op == mdesim.OpListMachineActions && strings.Contains(call.Query, "creationDateTimeUtc"):
			n.looks++
		case call.Op == mdesim.OpListMachineActions, call.Op == mdesim.OpGetMachineAction:
			n.polls++
		}
	}
	return n
}

// mostAtOnce is how many sessions went on at the same time at most.
func mostAtOnce(actions []mdesim.MachineAction) int {
	most := 0
	for _, a := range actions {
		n := 0
		for _, b := range actions {
			if !b.CreationDateTimeUTC.After(a.CreationDateTimeUTC) && b.LastUpdateDateTimeUTC.After(a.CreationDateTimeUTC) {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// A fleet that is larger than the documented quotas runs within them, and in
// the time that they need: no start is refused, and all share their reads.
func TestFleet_keepsTheDocumentedQuotas(t *testing.T) {
	t.Parallel()
	const machines = 40
	for name, slowest := range map[string]time.Duration{"short runs": time.Second, "runs of many minutes": 10 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				timing := mdesim.RecordedTiming()
				timing.Command = slowest
				f := newFleet(t, machines, mdesim.Options{Quotas: mdesim.DocumentedQuotas(), Timing: timing},
					transport.Limits{RequestsPerMinute: 100, RequestsPerHour: 1500, ImportsPerMinute: 30, LiveResponseRunsPerMinute: 10}, 25)
				begin := time.Now()
				f.all(t, machines)
				took := time.Since(begin)
				n := f.traffic()
				if n.starts != machines || n.refused != 0 {
					t.Errorf("%d starts and %d refused ones", n.starts, n.refused)
				}
				if executed := len(f.sim.Executed()); executed != machines {
					t.Errorf("%d commands ran", executed)
				}
				if most := mostAtOnce(f.sim.MachineActions()); most > 25 {
					t.Errorf("%d runs went on at once", most)
				}
				if most := int(took/firstInterval) + 2; n.polls > most {
					t.Errorf("%d polls in %s, at most %d are wanted", n.polls, took, most)
				}
				if n.looks > 1+machines-25 {
					t.Errorf("%d looks", n.looks)
				}
			})
		})
	}
}

// Limits above the service's own cost one refusal, which tells the quota.
func TestFleet_learnsTheQuotaFromOneRefusal(t *testing.T) {
	t.Parallel()
	const machines = 40
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, machines, mdesim.Options{Quotas: mdesim.DocumentedQuotas(), Minute: 6 * time.Second}, transport.Limits{LiveResponseRunsPerMinute: 1000}, 25)
		begin := time.Now()
		f.all(t, machines)
		if n := f.traffic(); n.starts != machines || n.refused != 1 {
			t.Errorf("%d starts and %d refused ones", n.starts, n.refused)
		}
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("the fleet took %s", took)
		}
	})
}

// An answer that takes longer than the client waits settles like any other that
// is lost, whether the service acts before it or after.
func TestFleet_delayedAnswersRunOnce(t *testing.T) {
	t.Parallel()
	for name, afterEffect := range map[string]bool{"after the effect": true, "before the effect": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 1, mdesim.Options{Timing: mdesim.RecordedTiming()}, transport.Limits{}, 25)
				f.sim.AddFault(mdesim.Fault{Op: mdesim.OpRunLiveResponse, Delay: 10 * time.Minute, AfterEffect: afterEffect})
				f.all(t, 1)
				if actions, executed := len(f.sim.MachineActions()), len(f.sim.Executed()); actions != 1 || executed != 1 {
					t.Errorf("%d actions were started and %d commands ran", actions, executed)
				}
				synctest.Wait()
			})
		})
	}
}

// A list that lags does not make a run start twice, nor lose one: what the
// answer to a start would have told is looked for until the list is up to date.
func TestFleet_lateLists(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		machines int
		lag      time.Duration
		fault    mdesim.Fault
	}{
		"the answer is lost":              {1, 15 * time.Second, mdesim.Fault{Op: mdesim.OpRunLiveResponse, Cut: mdesim.CutAfterEffect}},
		"several are waited for":          {2, time.Minute, mdesim.Fault{}},
		"several are late for very long":  {2, 10 * time.Minute, mdesim.Fault{}},
		"an answer by id is late as well": {1, 0, mdesim.Fault{Op: mdesim.OpGetMachineAction, Status: 404, Code: "ResourceNotFound", Times: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, test.machines, mdesim.Options{VisibilityLag: test.lag}, transport.Limits{}, 25)
				f.sim.AddFault(test.fault)
				f.all(t, test.machines)
				if executed := len(f.sim.Executed()); executed != test.machines {
					t.Errorf("%d commands ran", executed)
				}
			})
		})
	}
}

// Sessions that nobody waits for end some time, too: who waits for a place
// looks after them.
func TestFleet_leftRunsGiveTheirPlacesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 3, mdesim.Options{Quotas: mdesim.Quotas{ConcurrentRuns: 2}, Timing: mdesim.RecordedTiming()}, transport.Limits{}, 2)
		for i := range 3 {
			begin := time.Now()
			if _, _, err := f.engine().start(t.Context(), f.start(i)); err != nil {
				t.Fatal(err)
			}
			if waited := time.Since(begin) > time.Minute; waited != (i == 2) {
				t.Errorf("start %d took %s", i, time.Since(begin))
			}
		}
		if n := f.traffic(); n.refused != 0 {
			t.Errorf("%d starts were refused", n.refused)
		}
	})
}

// Who waits for a place among the sessions gives up with the queue's bound, and
// says what for.
func TestFleet_noPlaceInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, mdesim.Options{Timing: mdesim.RecordedTiming()}, transport.Limits{}, 1)
		if _, _, err := f.engine().start(t.Context(), f.start(0)); err != nil {
			t.Fatal(err)
		}
		late := f.start(1)
		late.queueTimeout = 30 * time.Second
		_, _, err := f.engine().start(t.Context(), late)
		if !errors.Is(err, errQueue) || !strings.Contains(err.Error(), "concurrent_live_response_runs") {
			t.Errorf("err = %v", err)
		}
	})
}

// Who waits for the quota leaves at once when the apply is interrupted.
func TestFleet_interruptedInTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, mdesim.Options{Timing: mdesim.RecordedTiming()}, transport.Limits{LiveResponseRunsPerMinute: 1}, 25)
		if _, _, err := f.engine().start(t.Context(), f.start(0)); err != nil {
			t.Fatal(err)
		}
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, interrupt)
		begin := time.Now()
		_, _, err := f.engine().start(ctx, f.start(1))
		if took := time.Since(begin); !errors.Is(err, errInterrupted) || took != 5*time.Second {
			t.Errorf("%v after %s", err, took)
		}
	})
}

// A pin is verified when the quota lets the run start, and not when it lines
// up: a script that is swapped in between is not run.
func TestFleet_scriptSwappedWhileQueued(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, mdesim.Options{Timing: mdesim.RecordedTiming()}, transport.Limits{LiveResponseRunsPerMinute: 1}, 25)
		if _, _, err := f.engine().start(t.Context(), f.start(0)); err != nil {
			t.Fatal(err)
		}
		pinned := f.start(1)
		pinned.pins = []pin{{file: "collect.ps1", sha256: fmt.Sprintf("%x", sha256.Sum256([]byte("collect")))}}
		time.AfterFunc(30*time.Second, func() { f.sim.SeedLibraryFile("collect.ps1", []byte("swapped"), nil) })
		if _, _, err := f.engine().start(t.Context(), pinned); !errors.Is(err, errPin) {
			t.Errorf("err = %v", err)
		}
		if n := len(f.sim.MachineActions()); n != 1 {
			t.Errorf("%d actions were started", n)
		}
	})
}

// A file that this apply has just uploaded may not be listed yet: the run waits
// for it, and holds a list that stays as it is to its word.
func TestFleet_pinOfAFileThatIsListedLate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file string
		lag  time.Duration
		want error
	}{
		"new":               {"new.ps1", 10 * time.Second, nil},
		"changed":           {"collect.ps1", 10 * time.Second, nil},
		"new, for long":     {"new.ps1", time.Hour, mde.ErrNotFound},
		"swapped, it seems": {"collect.ps1", time.Hour, errPin},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 1, mdesim.Options{VisibilityLag: test.lag}, transport.Limits{}, 25)
				if _, err := f.client.LibraryFiles.Upload(t.Context(), mde.LibraryUpload{FileName: test.file, Content: []byte("reviewed"), Override: true}); err != nil {
					t.Fatal(err)
				}
				pinned := f.start(0)
				pinned.pins = []pin{{file: test.file, sha256: fmt.Sprintf("%x", sha256.Sum256([]byte("reviewed")))}}
				begin := time.Now()
				if _, _, err := f.engine().start(t.Context(), pinned); !errors.Is(err, test.want) {
					t.Errorf("err = %v", err)
				}
				if took := time.Since(begin); took > 5*time.Minute {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

// Pinned runs that start or end together share their looks at the library.
func TestFleet_pinsShareTheirLists(t *testing.T) {
	t.Parallel()
	const machines = 40
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, machines, mdesim.Options{Quotas: mdesim.DocumentedQuotas(), Timing: mdesim.RecordedTiming()}, transport.Limits{LiveResponseRunsPerMinute: 10}, 25)
		pins := []pin{{file: "collect.ps1", sha256: fmt.Sprintf("%x", sha256.Sum256([]byte("collect")))}}
		var all sync.WaitGroup
		for i := range machines {
			all.Go(func() {
				pinned := f.start(i)
				pinned.pins = pins
				action, _, err := f.engine().start(t.Context(), pinned)
				if err == nil {
					action, err = f.engine().wait(t.Context(), action, bounds{total: time.Hour})
				}
				if err == nil {
					_, err = f.engine().collect(t.Context(), action, collection{pins: pins})
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if lists := f.sim.Count(mdesim.OpListLibraryFiles); lists > machines/2 {
			t.Errorf("%d lists for %d pinned runs", lists, machines)
		}
	})
}
