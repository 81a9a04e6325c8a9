// Package transport is the stack of round-trippers below the Defender client:
// bearer token, quota governor, retries and logging. It knows HTTP and quotas
// and refuses to know any endpoint: a request carries its own [Traits].
package transport

import (
	"context"
	"log/slog"
	"net/http"
)

// TokenSource gives the bearer token of every request.
type TokenSource interface {
	// Token returns a token that is valid for at least the next call.
	// Concurrent callers share one sign-in.
	Token(ctx context.Context) (string, error)
	// Reject reports that the service answered 401 to token: the next call of
	// Token signs in anew.
	Reject(token string)
}

// Limits are the quotas the governor keeps, in calls. Zero means no limit.
type Limits struct {
	RequestsPerMinute         int
	RequestsPerHour           int
	ImportsPerMinute          int
	LiveResponseRunsPerMinute int
}

// Options configure the stack.
type Options struct {
	// Base sends the requests. It is the only one that touches the network.
	Base http.RoundTripper
	// Tokens may be nil: then no Authorization header is sent.
	Tokens    TokenSource
	Limits    Limits
	UserAgent string
	Logger    *slog.Logger
}
