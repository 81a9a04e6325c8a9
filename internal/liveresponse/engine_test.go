package liveresponse

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

const machineID = "1e5a6e3f0c7b4d2f9a8b7c6d5e4f3a2b1c0d9e8f"

func request() start {
	return start{
		request: mde.RunRequest{MachineID: machineID, Comment: "why [tf:0011]"}, marker: "[tf:0011]",
		resumeWithin: 24 * time.Hour, queueTimeout: 2 * time.Hour,
	}
}

func earlier(status string, age time.Duration) mde.MachineAction {
	return mde.MachineAction{ID: "a", Status: status, MachineID: strings.ToUpper(machineID), RequestorComment: "why [tf:0011]", CreationDateTimeUTC: time.Now().Add(-age)}
}

// A plan may come before the refresh of the resource that holds the run.
func TestResumable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		claimed, late string
		free, held    bool
	}{
		"nobody's":           {free: true},
		"held":               {claimed: "a", held: true},
		"held, as told late": {late: "a", held: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := &service{actions: []mde.MachineAction{earlier("Succeeded", time.Hour)}, claimed: map[string]bool{test.claimed: true}}
			if test.late != "" {
				service.roll = func() { _, _ = service.Claim(test.late) }
			}
			free, held, err := service.engine().resumable(t.Context(), request())
			if err != nil || (free != nil) != test.free || (held != nil) != test.held {
				t.Errorf("free %v, held %v, %v", free, held, err)
			}
		})
	}
}

func TestStart_takesOver(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		earlier mde.MachineAction
		edit    func(*service, *start)
		want    bool
	}{
		"unfinished":               {earlier: earlier("InProgress", time.Hour), want: true},
		"unknown status":           {earlier: earlier("Paused", time.Hour), want: true},
		"succeeded":                {earlier: earlier("succeeded", time.Hour), want: true},
		"failed":                   {earlier: earlier("Failed", time.Hour)},
		"cancelled":                {earlier: earlier("Cancelled", time.Hour)},
		"too old":                  {earlier: earlier("Succeeded", 25*time.Hour)},
		"destroyed in this apply":  {earlier: earlier("Succeeded", time.Hour), edit: func(s *service, _ *start) { s.destroyed = map[string]bool{"a": true} }},
		"replaced in this apply":   {earlier: earlier("Succeeded", time.Hour), edit: func(s *service, _ *start) { s.destroyed = map[string]bool{"[tf:0011]": true} }},
		"held by another resource": {earlier: earlier("Succeeded", time.Hour), edit: func(s *service, _ *start) { s.claimed = map[string]bool{"a": true} }},
		"before the prior run":     {earlier: earlier("Succeeded", time.Hour), edit: func(_ *service, s *start) { s.after = time.Now().Add(-time.Minute) }},
		"another marker":           {earlier: earlier("Succeeded", time.Hour), edit: func(_ *service, s *start) { s.marker = "[tf:2233]" }},
		"quoted by another run":    {earlier: earlier("Succeeded", time.Hour), edit: func(s *service, _ *start) { s.actions[0].RequestorComment += " [tf:2233]" }},
		"another machine":          {earlier: earlier("Succeeded", time.Hour), edit: func(_ *service, s *start) { s.request.MachineID = strings.Repeat("f", 40) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service, start := &service{actions: []mde.MachineAction{test.earlier}}, request()
			if test.edit != nil {
				test.edit(service, &start)
			}
			action, takenOver, err := service.engine().start(t.Context(), start)
			if err != nil || takenOver != test.want || (action.ID == "a") != test.want {
				t.Errorf("got action %q, taken over %t, %v", action.ID, takenOver, err)
			}
		})
	}
}

func TestStart_settlesLostAnswers(t *testing.T) {
	t.Parallel()
	lost := &mde.Error{Op: "start", Err: mde.ErrOutcomeUnknown}
	for name, test := range map[string]struct {
		reason  error
		effect  bool
		runs    int
		actions int
	}{
		"lost after the effect":     {lost, true, 1, 1},
		"lost before the effect":    {lost, false, 2, 1},
		"no connection":             {&mde.Error{Op: "start", Err: mde.ErrUnreachable}, false, 2, 1},
		"503 after the effect":      {&mde.Error{Status: 503}, true, 1, 1},
		"429 after the effect":      {&mde.Error{Status: 429, RetryAfter: time.Minute}, true, 1, 1},
		"busy with our own session": {&mde.Error{Status: 400, Code: "ActiveRequestAlreadyExists"}, true, 1, 1},
		"busy with another's":       {&mde.Error{Status: 400, Code: "ActiveRequestAlreadyExists"}, false, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{}
				s.run = func(n int, request mde.RunRequest) (mde.MachineAction, error) {
					if n > 1 {
						return s.accept(request), nil
					}
					if test.effect {
						s.accept(request)
					}
					return mde.MachineAction{}, test.reason
				}
				_, takenOver, err := s.engine().start(t.Context(), request())
				if err != nil || takenOver || s.runs != test.runs || len(s.actions) != test.actions {
					t.Errorf("%d starts, %d actions, taken over %t, %v", s.runs, len(s.actions), takenOver, err)
				}
			})
		})
	}
}

// What a later look shows for the first time is the effect of a start of our
// own only if it can be.
func TestStart_historyIsNoLostStart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status string
		age    time.Duration
		edit   func(*service, *start)
		want   bool
	}{
		"failed long ago":         {"Failed", 72 * time.Hour, nil, false},
		"succeeded too long ago":  {"Succeeded", 72 * time.Hour, nil, false},
		"destroyed in this apply": {"Succeeded", time.Minute, func(s *service, _ *start) { s.destroyed = map[string]bool{"a": true, "[tf:0011]": true} }, false},
		"before the prior run":    {"Succeeded", time.Minute, func(_ *service, s *start) { s.after = time.Now().Add(-time.Second) }, false},
		"worth to resume":         {"Succeeded", time.Hour, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, start := &service{unlisted: "a", actions: []mde.MachineAction{earlier(test.status, test.age)}}, request()
				s.run = func(n int, request mde.RunRequest) (mde.MachineAction, error) {
					if n == 1 {
						return mde.MachineAction{}, &mde.Error{Status: 400, Code: "ActiveRequestAlreadyExists"}
					}
					return s.accept(request), nil
				}
				if test.edit != nil {
					test.edit(s, &start)
				}
				action, takenOver, err := s.engine().start(t.Context(), start)
				if err != nil || (action.ID == "a") != test.want || takenOver != test.want {
					t.Errorf("got action %q, taken over %t after %d starts, %v", action.ID, takenOver, s.runs, err)
				}
			})
		})
	}
}

// The start of a replaced run has the marker of the destroyed one.
func TestStart_settlesTheLostAnswerOfAReplacedRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{actions: []mde.MachineAction{earlier("Succeeded", time.Minute)}, destroyed: map[string]bool{"a": true, "[tf:0011]": true}}
		s.run = func(_ int, request mde.RunRequest) (mde.MachineAction, error) {
			s.accept(request)
			return mde.MachineAction{}, &mde.Error{Op: "start", Err: mde.ErrOutcomeUnknown}
		}
		action, takenOver, err := s.engine().start(t.Context(), request())
		if err != nil || takenOver || s.runs != 1 || action.ID == "a" {
			t.Errorf("got action %q, taken over %t after %d starts, %v", action.ID, takenOver, s.runs, err)
		}
	})
}

// A run that its resource gives up while claims are awaited is no lost one: the
// plan said that it is destroyed and another one created.
func TestStart_letsDeletionsSpeakFirst(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit func(*service)
		want string
	}{
		"destroyed": {func(s *service) { s.destroyed = map[string]bool{"a": true, "[tf:0011]": true} }, "new-"},
		"claimed":   {func(s *service) { s.claimed = map[string]bool{"a": true} }, "new-"},
		"nothing":   {func(*service) {}, "a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &service{actions: []mde.MachineAction{earlier("Succeeded", time.Minute)}}
			s.roll = func() { test.edit(s) }
			action, _, err := s.engine().start(t.Context(), request())
			if err != nil || !strings.HasPrefix(action.ID, test.want) {
				t.Errorf("got action %q, %v", action.ID, err)
			}
		})
	}
}

func TestStart_waitsForAVisibleSessionWithoutAsking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{actions: []mde.MachineAction{{ID: "other", Status: "InProgress", MachineID: machineID}}}
		time.AfterFunc(time.Minute, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.actions[0].Status = "Succeeded"
		})
		if _, _, err := s.engine().start(t.Context(), request()); err != nil || s.runs != 1 {
			t.Errorf("%d starts, %v", s.runs, err)
		}
	})
}

// Asking again for a session that no list shows costs one of the few starts a
// minute each time.
func TestStart_asksRarelyForAnInvisibleSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{run: func(int, mde.RunRequest) (mde.MachineAction, error) {
			return mde.MachineAction{}, &mde.Error{Status: 400, Code: "ActiveRequestAlreadyExists"}
		}}
		if _, _, err := s.engine().start(t.Context(), request()); !errors.Is(err, errQueue) {
			t.Error(err)
		}
		if s.runs > 130 {
			t.Errorf("%d starts in two hours", s.runs)
		}
	})
}

func TestStart_givesUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reason error
		want   []error
		text   string
		took   time.Duration
	}{
		"refused":             {&mde.Error{Op: "start", Status: 403}, []error{mde.ErrForbidden}, "403", 0},
		"busy for too long":   {&mde.Error{Status: 400, Code: "ActiveRequestAlreadyExists"}, []error{errQueue, mde.ErrActiveRequest}, "waited 2h", 2 * time.Hour},
		"throttled for ever":  {&mde.Error{Status: 429, RetryAfter: time.Minute}, []error{errQueue, mde.ErrThrottled}, "queue_timeout", 2 * time.Hour},
		"never a connection":  {&mde.Error{Op: "start", Err: mde.ErrUnreachable}, []error{mde.ErrUnreachable}, "start", -1},
		"never any answer":    {&mde.Error{Op: "start", Err: mde.ErrOutcomeUnknown}, []error{mde.ErrOutcomeUnknown}, "start", -1},
		"always out of order": {&mde.Error{Op: "start", Status: 500}, []error{mde.ErrUnavailable}, "500", -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				s := &service{run: func(int, mde.RunRequest) (mde.MachineAction, error) { return mde.MachineAction{}, test.reason }}
				_, _, err := s.engine().start(t.Context(), request())
				for _, want := range test.want {
					if !errors.Is(err, want) {
						t.Errorf("got %v, want %v", err, want)
					}
				}
				if err == nil || !strings.Contains(err.Error(), test.text) {
					t.Errorf("%v lacks %q", err, test.text)
				}
				if took := time.Since(begin); test.took >= 0 && took != test.took {
					t.Errorf("gave up after %s, want %s", took, test.took)
				}
				if test.took < 0 && s.runs != maxLostAnswers {
					t.Errorf("%d starts went unanswered", s.runs)
				}
			})
		})
	}
}

func TestStart_interrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, interrupt)
		begin := time.Now()
		s := &service{actions: []mde.MachineAction{{ID: "other", Status: "InProgress", MachineID: machineID}}}
		_, _, err := s.engine().start(ctx, request())
		if !errors.Is(err, errInterrupted) || time.Since(begin) != time.Minute || s.runs != 0 {
			t.Errorf("got %v after %s and %d starts", err, time.Since(begin), s.runs)
		}
	})
}

func TestStart_pins(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sums map[string]string
		want error
	}{
		"held, in upper case": {map[string]string{"a.ps1": "AB"}, nil},
		"swapped":             {map[string]string{"a.ps1": "cd"}, errPin},
		"missing":             {nil, mde.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, start := &service{sums: test.sums}, request()
			start.pins = []pin{{file: "a.ps1", sha256: "ab"}}
			_, _, err := s.engine().start(t.Context(), start)
			if !errors.Is(err, test.want) || (test.want != nil && s.runs != 0) {
				t.Errorf("got %v and %d starts, want %v", err, s.runs, test.want)
			}
		})
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	pending := mde.MachineAction{ID: "a", Status: "Pending"}
	after := func(n int, then mde.MachineAction) func(int, string) (mde.MachineAction, error) {
		return func(got int, _ string) (mde.MachineAction, error) {
			if got < n {
				return pending, nil
			}
			return then, nil
		}
	}
	failing := func(err error) func(int, string) (mde.MachineAction, error) {
		return func(int, string) (mde.MachineAction, error) { return mde.MachineAction{}, err }
	}
	missing := func(at, end int, before, then mde.MachineAction) func(int, string) (mde.MachineAction, error) {
		return func(n int, _ string) (mde.MachineAction, error) {
			switch {
			case n == at:
				return mde.MachineAction{}, &mde.Error{Status: 404}
			case n >= end:
				return then, nil
			}
			return before, nil
		}
	}
	for name, test := range map[string]struct {
		poll   func(int, string) (mde.MachineAction, error)
		limit  bounds
		status string
		want   error
		took   time.Duration
	}{
		"ends":                    {after(3, mde.MachineAction{Status: "succeeded"}), bounds{total: time.Hour}, "succeeded", nil, 2*time.Second + 3*time.Second + 4500*time.Millisecond},
		"never ends":              {after(1, mde.MachineAction{Status: "Odd"}), bounds{total: time.Hour}, "Odd", errTooLong, time.Hour},
		"does not start":          {after(100, pending), bounds{pending: time.Minute, total: time.Hour}, "Pending", errNotStarted, time.Minute},
		"starts late, then ends":  {after(2, mde.MachineAction{Status: "Failed"}), bounds{pending: 5 * time.Second, total: time.Hour}, "Failed", nil, 5 * time.Second},
		"may not be read":         {failing(&mde.Error{Status: 403}), bounds{total: time.Hour}, "Pending", mde.ErrForbidden, 2 * time.Second},
		"service is out of order": {failing(&mde.Error{Status: 500}), bounds{total: time.Hour}, "Pending", errTooLong, time.Hour},
		"is missing for a moment": {missing(200, 210, mde.MachineAction{Status: "InProgress"}, mde.MachineAction{Status: "Succeeded"}), bounds{total: 2 * time.Hour}, "Succeeded", nil, -1},
		"is gone":                 {failing(&mde.Error{Status: 404}), bounds{total: time.Hour}, "Pending", errVanished, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				s := &service{poll: test.poll}
				action, err := s.engine().wait(t.Context(), pending, test.limit)
				if !errors.Is(err, test.want) || action.Status != test.status {
					t.Errorf("got %q, %v; want %q, %v", action.Status, err, test.status, test.want)
				}
				if took := time.Since(begin); test.took >= 0 && took != test.took {
					t.Errorf("took %s, want %s", took, test.took)
				}
				for i := 2; i < len(s.polls); i++ {
					if gap := s.polls[i].Sub(s.polls[i-1]); gap > longestInterval {
						t.Errorf("polled after %s", gap)
					}
				}
			})
		})
	}
}

func TestWait_interrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, interrupt)
		begin := time.Now()
		running := mde.MachineAction{ID: "a", Status: "InProgress"}
		s := &service{poll: func(int, string) (mde.MachineAction, error) { return running, nil }}
		if action, err := s.engine().wait(ctx, running, bounds{total: time.Hour}); !errors.Is(err, errInterrupted) || action.ID != "a" || time.Since(begin) != time.Minute {
			t.Errorf("got %+v, %v after %s", action, err, time.Since(begin))
		}
	})
}
