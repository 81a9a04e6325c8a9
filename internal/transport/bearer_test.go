package transport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

// tokens is a token source that makes a new token after each rejection.
type tokens struct {
	err   error
	fixed bool

	mu       sync.Mutex
	rejected []string
}

// Token implements transport.TokenSource.
func (s *tokens) Token(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fixed {
		return "token-0", s.err
	}
	return fmt.Sprintf("token-%d", len(s.rejected)), s.err
}

// Reject implements transport.TokenSource.
func (s *tokens) Reject(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rejected = append(s.rejected, token)
}

func TestBearer_signsInOnceMoreAfter401(t *testing.T) {
	t.Parallel()
	var seen []string
	fake := &service{answer: func(_ int, req *http.Request) (*http.Response, error) {
		seen = append(seen, req.Header.Get("Authorization"))
		if req.Header.Get("Authorization") == "Bearer token-0" {
			return respond(http.StatusUnauthorized), nil
		}
		return respond(http.StatusOK), nil
	}}
	source := &tokens{}
	status, err := send(t.Context(), t, transport.New(transport.Options{Base: fake, Tokens: source}), transport.Traits{Replay: transport.ReplayNever})
	if status != http.StatusOK || err != nil || strings.Join(seen, ", ") != "Bearer token-0, Bearer token-1" {
		t.Errorf("got %d, %v with %v", status, err, seen)
	}
	if strings.Join(fake.bodies, ",") != "body,body" || fake.open != 0 {
		t.Errorf("sent %q, %d answers stay open", fake.bodies, fake.open)
	}
}

func TestBearer_handsA401BackThatNoTokenMends(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fixed bool
		calls int
	}{"new tokens": {false, 2}, "a token that cannot be renewed": {true, 1}} {
		fake := &service{answer: always(http.StatusUnauthorized)}
		status, err := send(t.Context(), t, transport.New(transport.Options{Base: fake, Tokens: &tokens{fixed: tt.fixed}}), transport.Traits{})
		if status != http.StatusUnauthorized || err != nil || len(fake.calls) != tt.calls {
			t.Errorf("%s: got %d, %v after %d calls, want %d", name, status, err, len(fake.calls), tt.calls)
		}
	}
}

func TestBearer_sendsNothingWithoutAToken(t *testing.T) {
	t.Parallel()
	failure := errors.New("no token today")
	fake := &service{answer: always(http.StatusOK)}
	_, err := send(t.Context(), t, transport.New(transport.Options{Base: fake, Tokens: &tokens{err: failure}}), transport.Traits{Replay: transport.ReplaySafe})
	if !errors.Is(err, failure) || !errors.Is(err, transport.ErrNotSent) || err.Error() != failure.Error() || len(fake.calls) != 0 {
		t.Errorf("got %v after %d calls", err, len(fake.calls))
	}
}

func TestBearer_namesTheProviderAndLeavesTheRequestAlone(t *testing.T) {
	t.Parallel()
	var agent, authorization string
	fake := &service{answer: func(_ int, req *http.Request) (*http.Response, error) {
		agent, authorization = req.UserAgent(), req.Header.Get("Authorization")
		return respond(http.StatusOK), nil
	}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://storage.example/file?sig=secret", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.New(transport.Options{Base: fake, UserAgent: "agent/1"}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if agent != "agent/1" || authorization != "" || len(req.Header) != 0 {
		t.Errorf("agent %q, authorization %q, headers %v", agent, authorization, req.Header)
	}
}

func TestLog_tellsEachAttemptAndNoSecret(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	fake := &service{answer: always(http.StatusOK)}
	stack := transport.New(transport.Options{Base: fake, Tokens: &tokens{}, Logger: logger})
	for _, target := range []string{"https://api.example/api/indicators?$filter=indicatorValue+eq+'a'&$top=5", "https://storage.example/result.json?sv=2021&sig=AbC%2Fd&SE=2030"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := stack.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	for _, want := range []string{`"path":"/api/indicators"`, `"status":200`, `"attempt":1`, `$filter=indicatorValue eq 'a'`, `sig=***`, `"host":"storage.example"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, log.String())
		}
	}
	for _, secret := range []string{"AbC", "2021", "2030", "token-0", "Authorization"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %s:\n%s", secret, log.String())
		}
	}
}
