package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// slow answers after a while, or when the request's context ends.
type slow time.Duration

// RoundTrip implements http.RoundTripper.
func (s slow) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case <-time.After(time.Duration(s)):
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("done")), Request: req}, nil
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

func TestFinish(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		traits   Traits
		takes    time.Duration
		deadline time.Duration // 0: the caller is interrupted after a second
		want     error
		after    time.Duration
	}{
		"under way when interrupted":   {Traits{Finish: true}, 3 * time.Second, 0, nil, 3 * time.Second},
		"takes too long":               {Traits{Finish: true}, time.Minute, 0, context.Canceled, time.Second + FinishTime},
		"at the deadline":              {Traits{Finish: true}, time.Minute, 2 * time.Second, context.Canceled, 2 * time.Second},
		"a read":                       {Traits{}, 3 * time.Second, 0, context.Canceled, time.Second},
		"over before the interruption": {Traits{Finish: true}, 500 * time.Millisecond, 0, nil, 500 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if tc.deadline > 0 {
				ctx, cancel = context.WithTimeout(t.Context(), tc.deadline)
				defer cancel()
			} else {
				time.AfterFunc(time.Second, cancel)
			}
			start := time.Now()
			req, err := http.NewRequestWithContext(WithTraits(ctx, tc.traits), http.MethodPost, "https://api.example/", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := (&finish{next: slow(tc.takes)}).RoundTrip(req)
			if took := time.Since(start); !errors.Is(err, tc.want) || took != tc.after {
				t.Errorf("%s: %v after %v, want %v after %v", name, err, took, tc.want, tc.after)
			}
			if err != nil {
				return
			}
			body, err := io.ReadAll(resp.Body)
			if closed := resp.Body.Close(); err != nil || closed != nil || string(body) != "done" {
				t.Errorf("%s: the body is %q, %v, %v", name, body, err, closed)
			}
		})
	}
}
