package transport_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

// service is a fake of what lies behind the stack. It notes when each call
// arrived and answers with what answer gives.
type service struct {
	answer func(n int, req *http.Request) (*http.Response, error)

	mu     sync.Mutex
	calls  []time.Time
	bodies []string
	open   int
}

// RoundTrip implements http.RoundTripper.
func (s *service) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, time.Now())
	s.bodies = append(s.bodies, string(body))
	resp, err := s.answer(len(s.calls), req)
	if err != nil {
		return nil, err
	}
	s.open++
	resp.Body = &tracked{Reader: strings.NewReader("answer"), service: s}
	resp.Request = req
	return resp, nil
}

// tracked counts the answers that nobody has closed.
type tracked struct {
	io.Reader
	service *service
	once    sync.Once
}

// Close implements io.Closer.
func (t *tracked) Close() error {
	t.once.Do(func() {
		t.service.mu.Lock()
		defer t.service.mu.Unlock()
		t.service.open--
	})
	return nil
}

// respond makes an answer from a status and pairs of header name and value.
func respond(status int, header ...string) *http.Response {
	resp := &http.Response{StatusCode: status, Header: http.Header{}}
	for i := 0; i < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

func always(status int, header ...string) func(int, *http.Request) (*http.Response, error) {
	return func(int, *http.Request) (*http.Response, error) { return respond(status, header...), nil }
}

// script answers with one status after the other, the last again and again.
func script(statuses ...int) func(int, *http.Request) (*http.Response, error) {
	return func(n int, _ *http.Request) (*http.Response, error) {
		return respond(statuses[min(n, len(statuses))-1]), nil
	}
}

// send makes one call through the stack and closes its answer.
func send(ctx context.Context, t *testing.T, stack http.RoundTripper, traits transport.Traits) (int, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(transport.WithTraits(ctx, traits), http.MethodPost, "https://api.example/api/things", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := stack.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	_ = resp.Body.Close()
	return resp.StatusCode, nil
}

// busiest returns the largest number of calls in any window of a length.
func busiest(calls []time.Time, length time.Duration) int {
	most, first := 0, 0
	for last := range calls {
		for calls[last].Sub(calls[first]) >= length {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}
