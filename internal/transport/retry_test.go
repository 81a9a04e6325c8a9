package transport_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

func TestRetry_repeatsWhatTheTraitsAllow(t *testing.T) {
	t.Parallel()
	reset := &net.OpError{Op: "read", Err: errors.New("connection reset")}
	dial := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	untrusted := &tls.CertificateVerificationError{Err: errors.New("unknown authority")}
	for name, tt := range map[string]struct {
		replay transport.Replay
		answer func(int, *http.Request) (*http.Response, error)
		calls  int
		status int
		err    error
		unsent bool
	}{
		"refused: 429 and 503 until it works": {transport.ReplayRefused, script(429, 503, 429, 503, 429, 503, 200), 7, 200, nil, false},
		"refused: 500 is final":               {transport.ReplayRefused, script(500, 200), 1, 500, nil, false},
		"refused: 400 is final":               {transport.ReplayRefused, script(400, 200), 1, 400, nil, false},
		"refused: a network error is final":   {transport.ReplayRefused, broken(reset, 1), 1, 0, reset, false},
		"refused: no connection, not sent":    {transport.ReplayRefused, broken(dial, 1), 1, 0, dial, true},
		"safe: 5xx a few times":               {transport.ReplaySafe, script(500, 502, 504, 200), 4, 200, nil, false},
		"safe: 5xx not for ever":              {transport.ReplaySafe, script(500), 5, 500, nil, false},
		"safe: a network error":               {transport.ReplaySafe, broken(reset, 2), 3, 200, nil, false},
		"safe: network errors not for ever":   {transport.ReplaySafe, broken(reset, 99), 5, 0, reset, false},
		"safe: untrusted stays untrusted":     {transport.ReplaySafe, broken(untrusted, 99), 1, 0, untrusted, true},
		"safe: 404 is an answer":              {transport.ReplaySafe, script(404, 200), 1, 404, nil, false},
		"never: 429":                          {transport.ReplayNever, script(429, 200), 1, 429, nil, false},
		"never: 503":                          {transport.ReplayNever, script(503, 200), 1, 503, nil, false},
		"never: a network error":              {transport.ReplayNever, broken(reset, 1), 1, 0, reset, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := &service{answer: tt.answer}
				status, err := send(t.Context(), t, transport.New(transport.Options{Base: fake}), transport.Traits{Replay: tt.replay})
				if status != tt.status || !errors.Is(err, tt.err) || len(fake.calls) != tt.calls || errors.Is(err, transport.ErrNotSent) != tt.unsent {
					t.Errorf("got %d, %v after %d calls; want %d, %v after %d", status, err, len(fake.calls), tt.status, tt.err, tt.calls)
				}
				for i, body := range fake.bodies {
					if body != "body" {
						t.Errorf("attempt %d sent %q", i+1, body)
					}
				}
				if fake.open != 0 {
					t.Errorf("%d answers stay open", fake.open)
				}
			})
		})
	}
}

// broken fails the first calls with an error.
func broken(err error, times int) func(int, *http.Request) (*http.Response, error) {
	return func(n int, _ *http.Request) (*http.Response, error) {
		if n <= times {
			return nil, err
		}
		return respond(http.StatusOK), nil
	}
}

func TestRetry_honoursRetryAfter(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		for name, header := range map[string]func() string{
			"seconds": func() string { return "90" },
			"date":    func() string { return time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat) },
		} {
			synctest.Test(t, func(t *testing.T) {
				fake := &service{answer: func(n int, _ *http.Request) (*http.Response, error) {
					if n == 1 {
						return respond(status, "Retry-After", header()), nil
					}
					return respond(http.StatusOK), nil
				}}
				start := time.Now()
				_, err := send(t.Context(), t, transport.New(transport.Options{Base: fake}), transport.Traits{})
				if took := time.Since(start); err != nil || took < 89*time.Second || took > 91*time.Second {
					t.Errorf("%d, %s: %v after %v", status, name, err, took)
				}
			})
		}
	}
}

func TestRetry_backsOffWithinItsBounds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &service{answer: always(http.StatusTooManyRequests)}
		start := time.Now()
		status, err := send(t.Context(), t, transport.New(transport.Options{Base: fake}), transport.Traits{})
		if status != http.StatusTooManyRequests || err != nil {
			t.Errorf("without a deadline: %d, %v; want the refusal itself", status, err)
		}
		if took := time.Since(start); took > 10*time.Minute || took < 8*time.Minute {
			t.Errorf("gave up after %v", took)
		}
		for i := 1; i < len(fake.calls); i++ {
			ceiling := min(2*time.Second<<min(i-1, 10), time.Minute)
			if wait := fake.calls[i].Sub(fake.calls[i-1]); wait > ceiling {
				t.Errorf("wait %d took %v, more than %v", i, wait, ceiling)
			}
		}
	})
}

func TestRetry_endsWithTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &service{answer: always(http.StatusTooManyRequests, "Retry-After", "600")}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		start := time.Now()
		_, err := send(ctx, t, transport.New(transport.Options{Base: fake}), transport.Traits{})
		var wait *transport.WaitError
		if !errors.As(err, &wait) || wait.Wait != 10*time.Minute || !errors.Is(err, transport.ErrNotSent) || time.Since(start) != 0 {
			t.Errorf("got %v after %v, want a WaitError at once", err, time.Since(start))
		}
		if fake.open != 0 {
			t.Errorf("%d answers stay open", fake.open)
		}
	})
}

func TestRetry_stopsWhenCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &service{answer: always(http.StatusServiceUnavailable, "Retry-After", "60")}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		_, err := send(ctx, t, transport.New(transport.Options{Base: fake}), transport.Traits{Replay: transport.ReplaySafe})
		if !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

func TestRetry_needsABodyThatCanBeHadAgain(t *testing.T) {
	t.Parallel()
	fake := &service{answer: script(503, 200)}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.example/", io.NopCloser(new(once)))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.New(transport.Options{Base: fake}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusServiceUnavailable || len(fake.calls) != 1 {
		t.Errorf("got %d after %d calls", resp.StatusCode, len(fake.calls))
	}
}

// once is a reader that net/http cannot rewind.
type once struct{}

// Read implements io.Reader.
func (*once) Read([]byte) (int, error) { return 0, io.EOF }

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{"": 0, "0": 0, "7": 7 * time.Second, "-3": 0, "soon": 0, "Mon, 02 Jan 2006 15:04:05 GMT": 0} {
		if got := transport.RetryAfter(respond(429, "Retry-After", value)); got != want {
			t.Errorf("%q: got %v, want %v", value, got, want)
		}
	}
}
