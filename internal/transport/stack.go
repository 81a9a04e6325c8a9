// Package transport is the stack of round-trippers below the Defender client:
// bearer token, quota governor, retries and logging. It knows HTTP and quotas
// and refuses to know any endpoint: a request carries its own [Traits].
package transport

import (
	"context"
	"io"
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
	// Logger may be nil.
	Logger *slog.Logger
}

// New builds the stack. From the caller down to the network:
//
//   - retry comes first, so that every attempt passes all the others;
//   - renew signs in before a place in the quota is taken, and sends once more
//     what the service answers with 401: that, too, takes a place;
//   - budget waits for a place, for as long as it takes;
//   - bearer sets the token after that wait, when it is fresh;
//   - log sees what really goes out and comes back, one line for each attempt;
//   - finish lets what is under way end although its caller was interrupted.
//
// Redirects are no business of the stack: it hands them back.
func New(o Options) http.RoundTripper {
	logger := o.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	var rt http.RoundTripper = &logging{next: &finish{next: o.Base}, log: logger}
	rt = &bearer{next: rt, tokens: o.Tokens, userAgent: o.UserAgent}
	rt = &budget{next: rt, queues: newQueues(o.Limits), log: logger}
	if o.Tokens != nil {
		rt = &renew{next: rt, tokens: o.Tokens}
	}
	return &retry{next: rt, log: logger}
}

// repeatable tells whether the body can be had a second time.
func repeatable(req *http.Request) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
}

// again returns a request equal to one that has been sent, with its body at
// the beginning.
func again(req *http.Request) (*http.Request, error) {
	repeated := req.Clone(req.Context())
	if req.GetBody == nil {
		return repeated, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	repeated.Body = body
	return repeated, nil
}

// discard gives up an answer in a way that lets its connection be used again.
func discard(resp *http.Response) {
	const enough = 64 << 10
	_, _ = io.CopyN(io.Discard, resp.Body, enough)
	_ = resp.Body.Close()
}
