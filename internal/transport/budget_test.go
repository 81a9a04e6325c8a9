package transport_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

func TestBudget_keepsEveryWindow(t *testing.T) {
	t.Parallel()
	limits := transport.Limits{RequestsPerMinute: 100, RequestsPerHour: 1500, ImportsPerMinute: 30, LiveResponseRunsPerMinute: 10}
	for _, tt := range []struct {
		family        transport.Family
		calls         int
		minute, hour  int
		atMost, least time.Duration
	}{
		{transport.FamilyRequests, 250, 100, 1500, 3 * time.Minute, 2 * time.Minute},
		{transport.FamilyRequests, 1600, 100, 1500, 62 * time.Minute, time.Hour},
		{transport.FamilyImport, 61, 30, 61, 3 * time.Minute, 2 * time.Minute},
		{transport.FamilyBatchDelete, 61, 30, 1500, 3 * time.Minute, 2 * time.Minute},
		{transport.FamilyRun, 25, 10, 25, 3 * time.Minute, 2 * time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			fake := &service{answer: always(http.StatusOK)}
			stack := transport.New(transport.Options{Base: fake, Limits: limits})
			start := time.Now()
			var all sync.WaitGroup
			for range tt.calls {
				all.Go(func() {
					if status, err := send(t.Context(), t, stack, transport.Traits{Family: tt.family}); status != http.StatusOK || err != nil {
						t.Errorf("%q: %d, %v", tt.family, status, err)
					}
				})
			}
			all.Wait()
			if got := busiest(fake.calls, time.Minute); got > tt.minute {
				t.Errorf("%q: %d calls in a minute, quota %d", tt.family, got, tt.minute)
			}
			if got := busiest(fake.calls, time.Hour); got > tt.hour {
				t.Errorf("%q: %d calls in an hour, quota %d", tt.family, got, tt.hour)
			}
			if took := time.Since(start); took < tt.least || took > tt.atMost {
				t.Errorf("%q: %d calls took %v, want between %v and %v", tt.family, tt.calls, took, tt.least, tt.atMost)
			}
		})
	}
}

func TestBudget_servesInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &service{answer: always(http.StatusOK)}
		stack := transport.New(transport.Options{Base: fake, Limits: transport.Limits{LiveResponseRunsPerMinute: 1}})
		var mu sync.Mutex
		var order []int
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				_, _ = send(t.Context(), t, stack, transport.Traits{Family: transport.FamilyRun})
				mu.Lock()
				defer mu.Unlock()
				order = append(order, i)
			})
			synctest.Wait()
		}
		all.Wait()
		for i, got := range order {
			if got != i {
				t.Fatalf("served in the order %v", order)
			}
		}
	})
}

func TestBudget_familiesDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stack := transport.New(transport.Options{Base: &service{answer: always(http.StatusOK)}, Limits: transport.Limits{RequestsPerMinute: 1, ImportsPerMinute: 1, LiveResponseRunsPerMinute: 1}})
		start := time.Now()
		for _, family := range []transport.Family{transport.FamilyRequests, transport.FamilyImport, transport.FamilyBatchDelete, transport.FamilyRun} {
			if _, err := send(t.Context(), t, stack, transport.Traits{Family: family}); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("the families waited %v", took)
		}
	})
}

func TestBudget_refusesAtOnceWhatCannotEndInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &service{answer: always(http.StatusOK)}
		stack := transport.New(transport.Options{Base: fake, Limits: transport.Limits{RequestsPerMinute: 1}})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		start := time.Now()
		_, _ = send(ctx, t, stack, transport.Traits{})
		_, err := send(ctx, t, stack, transport.Traits{})
		var wait *transport.WaitError
		if !errors.As(err, &wait) || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, transport.ErrNotSent) {
			t.Fatalf("got %v, want a WaitError", err)
		}
		if wait.Wait < time.Minute || !strings.Contains(wait.Error(), "the quota of 1 calls per minute") {
			t.Errorf("got %q", wait.Error())
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("the refusal took %v", took)
		}
		if len(fake.calls) != 1 {
			t.Errorf("%d calls, want 1", len(fake.calls))
		}
	})
}

func TestBudget_aCallerWhoLeavesGivesThePlaceBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stack := transport.New(transport.Options{Base: &service{answer: always(http.StatusOK)}, Limits: transport.Limits{RequestsPerMinute: 1}})
		_, _ = send(t.Context(), t, stack, transport.Traits{})
		start := time.Now()
		impatient, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, cancel)
		_, err := send(impatient, t, stack, transport.Traits{})
		if !errors.Is(err, context.Canceled) || !errors.Is(err, transport.ErrNotSent) || time.Since(start) != 10*time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		_, err = send(t.Context(), t, stack, transport.Traits{})
		if took := time.Since(start); err != nil || took > 62*time.Second {
			t.Errorf("the next caller got %v after %v", err, took)
		}
	})
}

func TestBudget_pausesTheFamilyThatIsThrottled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &service{answer: func(n int, _ *http.Request) (*http.Response, error) {
			if n == 1 {
				return respond(http.StatusTooManyRequests, "Retry-After", "40"), nil
			}
			return respond(http.StatusOK), nil
		}}
		stack := transport.New(transport.Options{Base: fake, Limits: transport.Limits{RequestsPerMinute: 3}})
		start := time.Now()
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if status, err := send(t.Context(), t, stack, transport.Traits{}); status != http.StatusOK || err != nil {
					t.Errorf("%d, %v", status, err)
				}
			})
			synctest.Wait()
		}
		if _, err := send(t.Context(), t, stack, transport.Traits{Family: transport.FamilyRun}); err != nil || time.Since(start) != 0 {
			t.Errorf("another family: %v after %v", err, time.Since(start))
		}
		all.Wait()
		for i, at := range fake.calls[2:] {
			if after := at.Sub(start); after < 40*time.Second {
				t.Errorf("call %d came after %v, in the pause", i+2, after)
			}
		}
		if got := busiest(fake.calls, time.Minute); got > 4 { // The other family's call included.
			t.Errorf("%d calls in a minute", got)
		}
	})
}

func TestBudget_aPauseHoldsThoseWhoWaitAlready(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &service{answer: func(n int, _ *http.Request) (*http.Response, error) {
			if n == 2 {
				return respond(http.StatusTooManyRequests, "Retry-After", "300"), nil
			}
			return respond(http.StatusOK), nil
		}}
		stack := transport.New(transport.Options{Base: fake, Limits: transport.Limits{RequestsPerMinute: 1}})
		start := time.Now()
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { _, _ = send(t.Context(), t, stack, transport.Traits{Replay: transport.ReplayNever}) })
			synctest.Wait()
		}
		all.Wait()
		if after := fake.calls[2].Sub(start); after != 361*time.Second {
			t.Errorf("the third call came after %v, want the end of the pause", after)
		}
	})
}

func TestBudget_announcesEachWaitOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, nil))
		stack := transport.New(transport.Options{Base: &service{answer: always(http.StatusOK)}, Limits: transport.Limits{RequestsPerMinute: 1}, Logger: logger})
		for range 3 {
			_, _ = send(t.Context(), t, stack, transport.Traits{})
		}
		if got := strings.Count(log.String(), "Waiting for a place in the quota of 1 calls per minute"); got != 2 || !strings.Contains(log.String(), "wait=1m1s") {
			t.Errorf("got %s", log.String())
		}
	})
}
