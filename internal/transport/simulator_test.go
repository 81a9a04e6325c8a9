package transport_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

// ready is a token source with one token.
type ready string

// Token implements transport.TokenSource.
func (r ready) Token(context.Context) (string, error) { return string(r), nil }

// Reject implements transport.TokenSource.
func (r ready) Reject(string) {}

// TestStack_keepsTheDocumentedQuotas calls a service that counts, too. With the
// provider's limits no call is refused; with limits that are too high every
// call ends well all the same.
func TestStack_keepsTheDocumentedQuotas(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		limits  transport.Limits
		refused bool
		least   time.Duration
		atMost  time.Duration
	}{
		"limits of the service": {transport.Limits{RequestsPerMinute: 100, RequestsPerHour: 1500}, false, 2 * time.Minute, 3 * time.Minute},
		"limits too high":       {transport.Limits{RequestsPerMinute: 10_000}, true, time.Minute, 10 * time.Minute},
		"no limits":             {transport.Limits{}, true, time.Minute, 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim, err := mdesim.New(mdesim.Options{Quotas: mdesim.DocumentedQuotas()})
				if err != nil {
					t.Fatal(err)
				}
				stack := transport.New(transport.Options{Base: sim.Transport(), Tokens: ready(sim.AccessToken()), Limits: tt.limits})
				ctx, cancel := context.WithTimeout(transport.WithTraits(t.Context(), transport.Traits{Replay: transport.ReplaySafe}), time.Hour)
				defer cancel()
				start := time.Now()
				var all sync.WaitGroup
				for range 250 {
					all.Go(func() {
						req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://api.example/api/libraryfiles", http.NoBody)
						if err != nil {
							t.Error(err)
							return
						}
						resp, err := stack.RoundTrip(req)
						if err != nil {
							t.Error(err)
							return
						}
						_ = resp.Body.Close()
						if resp.StatusCode != http.StatusOK {
							t.Errorf("status %d", resp.StatusCode)
						}
					})
				}
				all.Wait()
				if took := time.Since(start); took < tt.least || took > tt.atMost {
					t.Errorf("250 calls took %v", took)
				}
				refused := 0
				for _, call := range sim.Journal() {
					if call.Status == http.StatusTooManyRequests {
						refused++
					}
				}
				if (refused > 0) != tt.refused {
					t.Errorf("%d calls were refused", refused)
				}
			})
		})
	}
}
