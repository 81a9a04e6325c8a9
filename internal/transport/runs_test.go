package transport_test

import (
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

// counting answers as a service that admits a number of calls within a length
// of time, sliding or by the clock.
type counting struct {
	limit      int
	length     time.Duration
	byTheClock bool
	silent     bool

	mu       sync.Mutex
	admitted []time.Time
	refused  int
}

func (c *counting) answer(int, *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	begin := now.Add(-c.length)
	if c.byTheClock {
		begin = now.Truncate(c.length).Add(-1)
	}
	var recent []time.Time
	for _, at := range c.admitted {
		if at.After(begin) {
			recent = append(recent, at)
		}
	}
	if len(recent) < c.limit {
		c.admitted = append(c.admitted, now)
		return respond(http.StatusCreated), nil
	}
	c.refused++
	if c.silent {
		return respond(http.StatusTooManyRequests), nil
	}
	free := recent[0].Add(c.length).Sub(now)
	if c.byTheClock {
		free = now.Truncate(c.length).Add(c.length).Sub(now)
	}
	return respond(http.StatusTooManyRequests, "Retry-After", strconv.Itoa(int((free+time.Second-1)/time.Second))), nil
}

// A service that admits fewer starts than the limits say tells so once: from
// then on starts go out as it admits them.
func TestRuns_oneRefusalTellsTheQuota(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		service *counting
		refused int
		atMost  time.Duration
	}{
		"sliding":             {&counting{limit: 10, length: 6 * time.Second}, 1, 30 * time.Second},
		"by the clock":        {&counting{limit: 10, length: 6 * time.Second, byTheClock: true}, 1, 30 * time.Second},
		"without Retry-After": {&counting{limit: 10, length: 6 * time.Second, silent: true}, 8, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := &service{answer: tt.service.answer}
				stack := transport.New(transport.Options{Base: fake, Limits: transport.Limits{LiveResponseRunsPerMinute: 1000}})
				begin := time.Now()
				var all sync.WaitGroup
				for range 40 {
					all.Go(func() {
						for status := 0; status != http.StatusCreated; {
							var err error
							if status, err = send(t.Context(), t, stack, transport.Traits{Family: transport.FamilyRun, Replay: transport.ReplayNever}); err != nil {
								t.Error(err)
								return
							}
						}
					})
				}
				all.Wait()
				if tt.service.refused > tt.refused {
					t.Errorf("%d starts were refused", tt.service.refused)
				}
				if took := time.Since(begin); took > tt.atMost {
					t.Errorf("40 starts took %s", took)
				}
			})
		})
	}
}

// A start whose answer does not come holds the others for a moment only.
func TestRuns_aSlowAnswerDoesNotHoldTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &service{answer: always(http.StatusCreated)}
		hanging := make(chan struct{})
		stack := transport.New(transport.Options{Base: roundTripper(func(req *http.Request) (*http.Response, error) {
			if req.Header.Get("X-Hang") != "" {
				<-hanging
			}
			return fake.RoundTrip(req)
		})})
		var all sync.WaitGroup
		all.Go(func() {
			req, err := http.NewRequestWithContext(transport.WithTraits(t.Context(), transport.Traits{Family: transport.FamilyRun}), http.MethodPost, "https://api.example/run", http.NoBody)
			if err != nil {
				t.Error(err)
				return
			}
			req.Header.Set("X-Hang", "1")
			resp, err := stack.RoundTrip(req)
			if err != nil {
				t.Error(err)
				return
			}
			_ = resp.Body.Close()
		})
		synctest.Wait()
		begin := time.Now()
		if status, err := send(t.Context(), t, stack, transport.Traits{Family: transport.FamilyRun}); status != http.StatusCreated || err != nil {
			t.Errorf("%d, %v", status, err)
		}
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("the second start waited %s for the answer to the first", took)
		}
		close(hanging)
		all.Wait()
	})
}

// roundTripper is a function as http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
